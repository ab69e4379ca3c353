"""Typing errors: an unknown word may also stand for the known words that are nearest to it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from domain.replies.text import Token

SHORTEST = 4
"""Shorter words have too many neighbours to guess from."""
SHORTEST_BEGINNING = 5
"""Letters of the shortest beginning of a word ("suicid*") that a typing error may stand in."""
SHORTEST_FOREIGN = 6
"""The same for words of a language that the text is not in."""
MOST = 3
_DOUBLED = re.compile(r"([^\W\d_])\1")
"""A letter twice: "vommiting"."""
_SOUND = str.maketrans("czxvjy", "sssbgi")
"""Letters that sound alike, in Spanish above all: "estendiendo", "enrojesimiento"."""
SOUNDS = ({"b", "v"}, {"c", "k"}, {"c", "s"}, {"s", "z"}, {"g", "j"}, {"i", "y"}, {"f", "p"})


class Speller:
    """Adds spellings and takes none away, so a worrying word is never traded for a harmless one.

    A "k" of Spanish texts stands for "qu" or "c": "kemada", "kiero".
    """

    def __init__(
        self,
        own: Iterable[str],
        beginnings: Iterable[str],
        foreign: Iterable[str],
        worrying: frozenset[str],
        signs: tuple[str, ...],
        knows: Callable[[str], bool],
        lists: Callable[[str], bool],
        never: frozenset[str],
    ) -> None:
        """`worrying` words may be two errors away, others one; nothing is ever read as a word of `never`.

        What is known by its beginning alone, and by none of `signs`, may still be a worrying word one error away.
        """
        self._worrying, self._signs = worrying, signs
        self._never = never
        near = {word for word in own if len(word) >= SHORTEST}
        far = {word for word in foreign if len(word) >= SHORTEST_FOREIGN}
        self._words = sorted({word for word in near | far if word.isalpha()} - never)
        self._all = frozenset(self._words)
        self._beginnings = {one.translate(_SOUND): one for one in sorted(beginnings) if len(one) >= SHORTEST_BEGINNING}
        self._knows = knows
        self._lists = lists
        self._scrambled = {_letters(word): word for word in sorted(near & worrying) if len(word) >= SHORTEST_FOREIGN}
        self._nearest = lru_cache(maxsize=4096)(self._search)

    def widen(self, token: Token) -> Token:
        """The token with its likely spellings, itself first."""
        if token.word[0].isdigit() or any(self._lists(form) for form in token.forms):
            return token
        if token.word.startswith(self._signs):
            return token
        if any(self._knows(form) for form in token.forms):
            near = [word for word in self._one_away(token.word) if word in self._worrying]
        else:
            near = [word for form in token.forms for word in self._nearest(form)]
        return replace(token, forms=(*token.forms, *near)) if near else token

    def _search(self, word: str) -> tuple[str, ...]:
        if len(word) < SHORTEST - 1 or len(word) > 20:
            return ()
        texted = [other for other in (word.replace("k", "qu"), word.replace("k", "c")) if other != word]
        if not self._all.isdisjoint(texted):
            return tuple(self._all.intersection(texted))
        single = _DOUBLED.sub(r"\1", word)
        if single != word and len(single) >= SHORTEST_FOREIGN and single not in self._never and self._knows(single):
            return (single,)
        allowed = 2 if len(word) >= 8 else 1
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed, limit=12)
        alike = [
            (score, other)
            for other, score, _ in near
            if _alike_at_start(word, other) and (score == 1 or other in self._worrying)
        ]
        best = min((score for score, _ in alike), default=0)
        found = [other for score, other in alike if score == best][:MOST]
        scrambled = self._scrambled.get(_letters(word))
        return tuple(dict.fromkeys([*found, *([scrambled] if scrambled else ()), *self._begun(word)]))

    def _one_away(self, word: str) -> list[str]:
        """Long words that are one error away from the word, itself a long one."""
        if len(word) < SHORTEST_FOREIGN or len(word) > 20:
            return []
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=1, limit=MOST)
        return [other for other, _, _ in near if len(other) >= SHORTEST_FOREIGN and _alike_at_start(word, other)]

    def _begun(self, word: str) -> list[str]:
        """The word with a beginning that sounds the same: "suicid*" of the rules begins "suisidar", too."""
        heard = {size: word[:size].translate(_SOUND) for size in range(SHORTEST_BEGINNING, len(word))}
        return [f"{self._beginnings[sound]}{word[size:]}" for size, sound in heard.items() if sound in self._beginnings]


def _letters(word: str) -> tuple[str, str]:
    """What the word keeps when its letters are mixed up behind the first: "tounge" for "tongue"."""
    return word[0], "".join(sorted(word))


def _alike_at_start(word: str, other: str) -> bool:
    """People mistype a first letter by leaving it out, doubling or swapping it, or by its sound; seldom otherwise."""
    if word[0] == other[0]:
        return True
    return len(word) >= 7 and (word[1] == other[0] or other[1] == word[0] or {word[0], other[0]} in SOUNDS)
