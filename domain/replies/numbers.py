"""Numbers that answer: bare scores, body temperatures and menu digits, word by word."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.replies.reading import Label
from domain.replies.text import Token

LARGEST_SCORE = 10
RANGE_FROM = 5
"""The lower end from which "6/7" is a range."""
NOW = frozenset(
    {"now", "today", "currently", "ahora", "hoy", "maintenant", "jetzt", "heute", "adesso", "oggi", "agora", "hoje"}
)
"""Words before the score that counts: "used to be a 6, now 0"."""
OF = frozenset({"of", "de"})
"""Words behind a number that is a part of something: "2 of them", "el 5 de marzo"."""
PAST = frozenset({"was", "were", "used", "started", "era", "estaba", "estuvo", "fue", "tuve", "etait", "war", "estava"})
"""Words before a score that is over where the answer opens with another one: "0. was a 7 that day"."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A reply that is nothing but numbers and small words."""

    values: tuple[float, ...]
    whole: bool
    """No decimals, so that menu digits can be meant."""


def is_fever(value: float) -> bool:
    """38 °C or 100.4 °F and more (reference/domain.md 1.6)."""
    return 38 <= value < 43 or 100.4 <= value <= 108


def band(value: float) -> Label | None:
    """The 0-10 discomfort bands: 0 clear, 1-3 mild, 4-6 concern, 7-10 urgent (reference/domain.md 2.1)."""
    if not 0 <= value <= LARGEST_SCORE:
        return None
    if value == 0:
        return Label.CLEAR
    return Label.MILD if value <= 3 else Label.CONCERN if value < 7 else Label.URGENT


def bare(tokens: Sequence[Token], words: Mapping[str, int], fillers: frozenset[str]) -> Bare | None:
    """The numbers of a reply that holds nothing else, None for every other reply."""
    values: list[float] = []
    whole = True
    for token in tokens:
        number = _value(token.word, words)
        if number:
            values += number
            whole = whole and all(value.is_integer() for value in number)
        elif not token.word.startswith("emoji") and not any(form in fillers for form in token.forms):
            return None
    return Bare(tuple(values), whole) if values else None


def leading(
    tokens: Sequence[Token],
    words: Mapping[str, int],
    fillers: frozenset[str],
    counted: frozenset[str],
    ordinals: Mapping[str, int],
) -> Bare | None:
    """The numbers that open a reply before it goes on in words ("la 2 y la 3 creo"), None without any.

    What counts something is no number ("2 days"); a place in our list is ("the second thing").
    """
    words = {**words, **ordinals}
    opening: list[Token] = []
    for token in tokens:
        number = _value(token.word, words)
        if (token.word in PAST and opening) or (not number and token.word not in fillers):
            counts = token.word in counted and opening and opening[-1].word not in ordinals
            opening = opening[:-1] if counts else opening
            break
        opening.append(token)
    return bare(opening, words, fillers) if opening else None


def scores(
    tokens: Sequence[Token], words: Mapping[str, int], counted: frozenset[str], dated: frozenset[str]
) -> list[float]:
    """Numbers up to ten in an answer on discomfort that neither count nor date; where it says now, the one of now."""
    over = PAST if tokens and _value(tokens[0].word, words) else frozenset[str]()
    found: list[float] = []
    for at, token in enumerate(tokens):
        value = [one for one in _value(token.word, words) if one <= LARGEST_SCORE]
        ahead = {one.word for one in tokens[max(0, at - 3) : at]}
        before = tokens[at - 1].word if at else ""
        after, second = (tokens[place].word if place < len(tokens) else "" for place in (at + 1, at + 2))
        if not value or _is_part(before, token.word, after, second):
            continue
        if ahead & NOW or (after in NOW and not (second and _value(second, words))):
            return value
        if (after not in counted or after in OF) and before not in dated and not ahead & over:
            found += [one for one in value if one > 1]
    return found


def counting(tokens: Sequence[Token], words: Mapping[str, int], fillers: frozenset[str]) -> bool:
    """Does a number stand before a word that it may count: "two heads"?"""
    return any(
        _value(one.word, words) and after.clause == one.clause and not fillers.intersection(after.forms)
        for one, after in pairwise(tokens)
    )


def _is_part(before: str, word: str, after: str, second: str) -> bool:
    """Is the number the ten of "5 of 10", or one that is a part of something else than ten?"""
    ten = str(LARGEST_SCORE)
    return (before in OF and word == ten) or (after in OF and second != ten)


def _value(word: str, words: Mapping[str, int]) -> list[float]:
    if word in words:
        return [float(words[word])]
    if not word[0].isdigit() or word.endswith("%") or ":" in word or not word.isascii():
        return []
    if "/" in word:
        return _of_two(word)
    if re.fullmatch(r"\d+\.[05]", word):
        return [float(word)]
    if re.fullmatch(r"\d{2,3}[.,]\d", word):
        return [float(word.replace(",", "."))]
    parts = re.split(r"[.,]", word)
    return [float(part[:6]) for part in parts] if all(part.isdigit() for part in parts) else []


def _of_two(word: str) -> list[float]:
    """Points of ten ("7/10"), or a range ("6/7"); lower pairs may be fractions or dates."""
    low, high = (int(part[:4]) if part.isdigit() else 0 for part in word.split("/", maxsplit=1))
    if high == LARGEST_SCORE:
        return [float(min(low, LARGEST_SCORE))]
    return [float(low), float(high)] if low >= RANGE_FROM and high == low + 1 < LARGEST_SCORE else []
