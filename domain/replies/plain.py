"""Languages whose words run together or change at the front: patterns are searched as plain strings."""

from collections.abc import Iterator, Sequence

from domain.replies.language import Finding
from domain.replies.rulebook import Lexicon, Rule
from domain.replies.text import fold

BEFORE, AFTER = 3, 7
"""Characters around a word in which a denial counts (没有红, 붉은기 없어요)."""


class PlainReader:
    """Finds concepts by substring, with denials close by."""

    def __init__(self, lexicon: Lexicon, rules: Sequence[Rule]) -> None:
        self.language = lexicon.language
        self._patterns = {concept: tuple(map(fold, words)) for concept, words in lexicon.concepts.items()}
        self._before = tuple(map(fold, lexicon.negation.negators))
        self._after = tuple(map(fold, lexicon.negation.trailing))
        self._rules = [rule for rule in rules if rule.label]

    def read(self, folded: str) -> Iterator[Finding]:
        present: dict[str, str] = {}
        for concept, words in self._patterns.items():
            for word in words:
                at = folded.find(word)
                if at < 0:
                    continue
                denied = self._denied(folded, at, at + len(word))
                present.setdefault("denied" if denied else concept, word)
        if not present:
            return
        for rule in self._rules:
            matched = [_first(need, present) for need in rule.needs]
            if all(matched) and not any(_first(need, present) for need in rule.unless):
                quoted = " ".join(word for word in matched if word)
                yield Finding(rule.label, rule, f"{self.language}.{rule.id}", quoted, self.language)

    def _denied(self, folded: str, start: int, end: int) -> bool:
        before, after = folded[max(0, start - BEFORE) : start], folded[end : end + AFTER]
        right_before = folded[:start].rstrip().endswith
        denied = any(word in before or right_before(word) for word in self._before)
        return denied or any(word in after for word in self._after)


def _first(need: str, present: dict[str, str]) -> str:
    return next((present[concept] for concept in need.split("|") if concept in present), "")
