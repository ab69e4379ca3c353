"""Patterns over words, and the index that finds them without trying each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from domain.replies.rulebook import Lexicon
from domain.replies.text import Token, fold

CACHED = 8192
"""Words whose patterns are kept at hand."""
GAP = 3
"""Most words that `..` stands for."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a pattern: any of the words, or any word with one of the beginnings; or a gap."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool = False

    def fits(self, token: Token) -> bool:
        return not self.words.isdisjoint(token.forms) or (
            bool(self.beginnings) and any(form.startswith(self.beginnings) for form in token.forms)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept found in the words `start` to `end` (exclusive)."""

    concept: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    concept: str
    slots: tuple[Slot, ...]


class PatternIndex:
    """The patterns of one spaced language, by their first word."""

    def __init__(self, lexicon: Lexicon, extra: dict[str, tuple[str, ...]]) -> None:
        self._by_word: dict[str, list[Pattern]] = defaultdict(list)
        self._by_beginning: dict[str, list[Pattern]] = defaultdict(list)
        self.knows = lru_cache(maxsize=CACHED)(self._knows)
        self._candidates = lru_cache(maxsize=CACHED)(self._opening)
        self.words: set[str] = set()
        self.beginnings: set[str] = set()
        for concept, sources in {**lexicon.concepts, **extra}.items():
            for source in sources:
                for pattern in compile_pattern(concept, source, lexicon.classes):
                    self._add(pattern)

    def _add(self, pattern: Pattern) -> None:
        for word in pattern.slots[0].words:
            self._by_word[word].append(pattern)
        for beginning in pattern.slots[0].beginnings:
            self._by_beginning[beginning].append(pattern)
        for slot in pattern.slots:
            self.words |= slot.words
            self.beginnings |= set(slot.beginnings)

    def words_of(self, concepts: frozenset[str]) -> set[str]:
        """First words of the patterns of these concepts."""
        return {
            word
            for by_first in (self._by_word, self._by_beginning)
            for word, patterns in by_first.items()
            if any(pattern.concept in concepts for pattern in patterns)
        }

    def _knows(self, word: str) -> bool:
        """Is the word in any pattern?"""
        return word in self.words or any(word[:size] in self.beginnings for size in range(2, len(word) + 1))

    def _opening(self, form: str) -> tuple[Pattern, ...]:
        """The patterns that a word may open."""
        by_beginning = (self._by_beginning.get(form[:size], ()) for size in range(2, len(form) + 1))
        return (*self._by_word.get(form, ()), *chain.from_iterable(by_beginning))

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Every pattern at every place, overlaps included."""
        return list(dict.fromkeys(hit for start in range(len(tokens)) for hit in self._at(tokens, start)))

    def _at(self, tokens: Sequence[Token], start: int) -> Iterator[Hit]:
        alone = start + 1 == len(tokens) or tokens[start + 1].sentence != tokens[start].sentence
        for form in tokens[start].forms:
            for pattern in self._candidates(form):
                single = len(pattern.slots) == 1
                end = start + 1 if single else 0 if alone else _match(pattern.slots, tokens, start + 1, 1)
                if end:
                    yield Hit(pattern.concept, start, end)


def _match(slots: tuple[Slot, ...], tokens: Sequence[Token], at: int, slot: int) -> int:
    """Index after the match of the slots from `slot` on, 0 without one."""
    if slot == len(slots):
        return at
    if slots[slot].gap:
        tries = (_match(slots, tokens, at + skipped, slot + 1) for skipped in range(GAP + 1))
        return next((end for end in tries if end), 0)
    if at >= len(tokens) or not slots[slot].fits(tokens[at]):
        return 0
    if slot + 1 < len(slots) and at + 1 < len(tokens) and tokens[at + 1].sentence != tokens[at].sentence:
        return 0
    return _match(slots, tokens, at + 1, slot + 1)


def compile_pattern(concept: str, source: str, classes: dict[str, tuple[str, ...]]) -> list[Pattern]:
    """Every variant of one pattern: `a|b` either, `a*` beginning, `a?` optional, `@c` a class, `..` a gap."""
    variants: list[tuple[Slot, ...]] = [()]
    for part in source.split():
        slot = _slot(part.removesuffix("?"), classes)
        longer = [(*variant, slot) for variant in variants]
        variants = [*longer, *variants] if part.endswith("?") else longer
    return [Pattern(concept, variant) for variant in variants if variant and not variant[0].gap]


def _slot(part: str, classes: dict[str, tuple[str, ...]]) -> Slot:
    if part == "..":
        return Slot(frozenset(), (), gap=True)
    options = [word for option in part.split("|") for word in _expand(option, classes)]
    folded = [(fold(option.removesuffix("*")), option.endswith("*")) for option in options]
    return Slot(
        frozenset(word for word, beginning in folded if not beginning),
        tuple(word for word, beginning in folded if beginning),
    )


def _expand(option: str, classes: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return classes[option[1:]] if option.startswith("@") else (option,)
