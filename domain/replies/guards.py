"""When a harmless meaning may not stand: unknown words, a 'but' that leads nowhere, somebody else writing."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from domain.replies.language import Finding
from domain.replies.reading import PRECEDENCE, Label, Reading
from domain.replies.text import Token

HARMLESS = PRECEDENCE[Label.MILD]
UNKNOWN_SHARE = 0.34
"""A harmless text with a larger share of unknown words is not understood."""


def doubted(
    found: Sequence[Finding],
    words: Sequence[Token],
    places: Mapping[str, frozenset[int]],
    contrast: frozenset[str],
    known: Callable[[str], bool],
) -> Iterator[Reading]:
    """Concerns that outweigh a harmless reading of this text."""
    best = min((PRECEDENCE[one.label] for one in found if one.label), default=HARMLESS + 2)
    if best < HARMLESS or best > PRECEDENCE[Label.CLEAR]:
        return
    language = next(one.language for one in found if one.label and PRECEDENCE[one.label] == best)
    if language not in places:
        return
    unknown = [token for token in words if not token.word[0].isdigit() and not any(map(known, token.forms))]
    if len(unknown) > 1 and len(unknown) >= UNKNOWN_SHARE * len(words):
        yield _doubt("unknown_words", unknown)
    if best == PRECEDENCE[Label.CLEAR]:
        open_end = _after_contrast(words, places.get(language, frozenset()), contrast)
        if open_end:
            yield _doubt("open_contrast", open_end)


def _after_contrast(words: Sequence[Token], said: frozenset[int], contrast: frozenset[str]) -> list[Token]:
    """The clause behind a 'but' in which no concept was found."""
    for at, token in enumerate(words):
        if token.word not in contrast or at + 1 >= len(words):
            continue
        clause = [place for place in range(at + 1, len(words)) if words[place].sentence == token.sentence]
        if clause and not said.intersection(clause):
            return [words[place] for place in clause]
    return []


def _doubt(rule: str, words: Sequence[Token]) -> Reading:
    return Reading(label=Label.CONCERN, rule=f"doubt.{rule}", matched=" ".join(token.raw for token in words))
