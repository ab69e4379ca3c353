"""When a harmless meaning may not stand: words without an explanation, a 'but' that leads nowhere harmless."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.replies.language import Finding
from domain.replies.reading import PRECEDENCE, Label, Reading
from domain.replies.text import Token

UNKNOWN_SHARE = 0.34
"""A harmless text with a larger share of unknown words is not understood."""
UNEXPLAINED_SHARE = 0.25
"""The same for words that are known, but neither everyday words nor part of what was understood."""
LONG_CLAUSE = 4
"""Words of a clause that has to be understood of itself, whatever good news stands beside it."""
UNEXPLAINED_OF_CLAUSE = 0.34
"""The share for such a clause."""

LONG_SENTENCE = 4
"""Words of a sentence that may hide what no rule knows, if nothing in it speaks of the skin."""

NONE = "unclear.none"
"""The rule of "none of those", which is harmless where a list was asked."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What one language made of the text."""

    said: frozenset[int]
    """Places of words that speak of the skin: signs, and how well it is."""
    everyday: frozenset[str]
    contrast: frozenset[str]
    denying: frozenset[str]
    """Words that deny what follows: "no drama" explains the drama."""
    fillers: frozenset[str]
    """Small words around a number, which say nothing else: "I'd say about a 2"."""
    knows: Callable[[str], bool]
    """Is a word known in any language?"""


def harmless(found: Sequence[Finding]) -> Finding | None:
    """The finding that makes the text clear, mild or none of a list, None where something weightier decides."""
    labelled = [one for one in found if one.label]
    best = min(labelled, key=lambda one: PRECEDENCE[one.label or Label.UNCLEAR], default=None)
    return best if best and (best.label in {Label.CLEAR, Label.MILD} or best.rule.id == NONE) else None


def doubted(best: Finding, words: Sequence[Token], understood: Understood) -> Iterator[Reading]:
    """Concerns that outweigh a harmless reading of this text."""
    unknown = [token for token in words if token.word.isalpha() and not any(map(understood.knows, token.forms))]
    if len(unknown) > 1 and len(unknown) >= UNKNOWN_SHARE * len(words):
        yield _doubt("unknown_words", unknown)
    unexplained = [at for at in range(len(words)) if not _explained(at, words, best, understood)]
    for clause in _long(words, lambda token: token.clause, LONG_CLAUSE):
        yield from _too_many("unexplained_clause", unexplained, clause, words, UNEXPLAINED_OF_CLAUSE)
    for sentence in _long(words, lambda token: token.sentence, LONG_SENTENCE):
        says = understood.said.union(best.places, _of_number(sentence, words, understood))
        if says.isdisjoint(sentence):
            yield _doubt("silent_sentence", [words[at] for at in sentence])
    if best.label is Label.MILD:
        return
    open_end = _after_contrast(words, understood)
    if open_end:
        yield _doubt("open_contrast", open_end)
    yield from _too_many("unexplained_words", unexplained, range(len(words)), words, UNEXPLAINED_SHARE)


def _of_number(sentence: Sequence[int], words: Sequence[Token], understood: Understood) -> list[int]:
    """The sentence, if it is nothing but a number with its small words."""
    number = any(words[at].word[0].isdigit() for at in sentence)
    other = [at for at in sentence if words[at].word.isalpha() and words[at].word not in understood.fillers]
    return list(sentence) if number and not other else []


def _long(words: Sequence[Token], of: Callable[[Token], int], least: int) -> Iterator[list[int]]:
    """The places of the words of each clause, or sentence, that could say something of its own."""
    for _, group in groupby(range(len(words)), key=lambda at: of(words[at])):
        places = list(group)
        if len(places) >= least:
            yield places


def _too_many(
    rule: str, unexplained: Sequence[int], places: Collection[int], words: Sequence[Token], share: float
) -> Iterator[Reading]:
    """A concern if more than one word, and this share of the words at these places, has no explanation."""
    odd = [words[at] for at in unexplained if at in places]
    if len(odd) > 1 and len(odd) >= share * len(places):
        yield _doubt(rule, odd)


def _explained(at: int, words: Sequence[Token], best: Finding, understood: Understood) -> bool:
    token = words[at]
    if at in understood.said or at in best.places or not token.word.isalpha():
        return True
    if any(
        before.clause == token.clause and before.word in understood.denying for before in words[max(0, at - 2) : at]
    ):
        return True
    return any(form in understood.everyday for form in token.forms)


def _after_contrast(words: Sequence[Token], understood: Understood) -> list[Token]:
    """The clause behind a 'but' that says nothing about the skin."""
    for at, token in enumerate(words):
        if token.word not in understood.contrast or at + 1 >= len(words):
            continue
        clause = [place for place in range(at + 1, len(words)) if words[place].sentence == token.sentence]
        if clause and not understood.said.intersection(clause):
            return [words[place] for place in clause]
    return []


def _doubt(rule: str, words: Sequence[Token]) -> Reading:
    return Reading(label=Label.CONCERN, rule=f"doubt.{rule}", matched=" ".join(token.raw for token in words))
