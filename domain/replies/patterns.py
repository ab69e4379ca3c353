"""Patterns over words, and the index that finds them without trying each."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from domain.replies.rulebook import Lexicon
from domain.replies.text import Token, fold, tokens

GAP = 3
"""Most words that `..` stands for."""
_CUT = re.compile(r"\w+(?:[-/]\w+)*")
"""Options that texts cut into words where digits, hyphens or slashes stand: "3rd", "non-stop", "w/o"."""
SHORTEST_BEGINNING = 2
"""Letters of the shortest beginning that a pattern may name."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a pattern: any of the words, or any word with one of the beginnings; or a gap."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept found in the words `start` to `end` (exclusive)."""

    concept: str
    start: int
    end: int


class Node:
    """What may follow the words that led here; patterns that begin alike share their way."""

    __slots__ = ("_by_beginning", "_by_word", "_children", "concepts", "gap")

    def __init__(self) -> None:
        self.concepts: tuple[str, ...] = ()
        """Whose patterns end here."""
        self.gap: Node | None = None
        """Where a gap leads."""
        self._children: dict[Slot, Node] = {}
        self._by_word: dict[str, list[Node]] = {}
        self._by_beginning: dict[str, list[Node]] = {}

    def child(self, slot: Slot) -> "Node":
        """The node behind the slot, made where there is none."""
        if slot.gap:
            self.gap = self.gap or Node()
            return self.gap
        if slot not in self._children:
            node = self._children[slot] = Node()
            for word in slot.words:
                self._by_word.setdefault(word, []).append(node)
            for beginning in slot.beginnings:
                self._by_beginning.setdefault(beginning, []).append(node)
        return self._children[slot]

    def after(self, token: Token) -> Iterator["Node"]:
        """Where the word leads, whatever it may be spelled like."""
        for form in token.forms:
            yield from self._by_word.get(form, ())
            if self._by_beginning:
                for size in range(SHORTEST_BEGINNING, len(form) + 1):
                    yield from self._by_beginning.get(form[:size], ())


class PatternIndex:
    """The patterns of one spaced language, as a tree by their words."""

    def __init__(self, lexicon: Lexicon, extra: dict[str, tuple[str, ...]]) -> None:
        self._root = Node()
        self._firsts: dict[str, set[Slot]] = defaultdict(set)
        self._alone: dict[str, set[Slot]] = defaultdict(set)
        self.words: set[str] = set()
        self.beginnings: set[str] = set()
        slots = Slots(lexicon.classes)
        for concept, sources in {**lexicon.concepts, **extra}.items():
            for source in sources:
                for way in compile_pattern(source, slots):
                    self._add(concept, way)

    def _add(self, concept: str, way: tuple[Slot, ...]) -> None:
        node = self._root
        for slot in way:
            node = node.child(slot)
            self.words |= slot.words
            self.beginnings.update(slot.beginnings)
        node.concepts += (concept,)
        self._firsts[concept].add(way[0])
        if len(way) == 1:
            self._alone[concept].add(way[0])

    def words_of(self, concepts: frozenset[str]) -> set[str]:
        """First words of the patterns of these concepts."""
        slots = {slot for concept in concepts for slot in self._firsts.get(concept, ())}
        return {word for slot in slots for word in (*slot.words, *slot.beginnings)}

    def words_alone(self, concepts: frozenset[str]) -> set[str]:
        """Words that are whole patterns of these concepts."""
        return {word for slot in self._slots_alone(concepts) for word in slot.words}

    def beginnings_alone(self, concepts: frozenset[str]) -> set[str]:
        """Beginnings of words that are whole patterns of these concepts."""
        return {start for slot in self._slots_alone(concepts) for start in slot.beginnings}

    def _slots_alone(self, concepts: frozenset[str]) -> set[Slot]:
        return {slot for concept in concepts for slot in self._alone.get(concept, ())}

    def knows(self, word: str) -> bool:
        """Is the word in any pattern?"""
        beginnings = (word[:size] for size in range(SHORTEST_BEGINNING, len(word) + 1))
        return word in self.words or not self.beginnings.isdisjoint(beginnings)

    def find(self, tokens: Sequence[Token]) -> list[Hit]:
        """Every pattern at every place, overlaps included, the longest first; with a gap, its shortest."""
        hits: dict[Hit, None] = {}
        for start in range(len(tokens)):
            ends: dict[Node, int] = {}
            _follow(self._root, tokens, start, tokens[start].sentence, ends)
            longest = sorted(ends, key=lambda node: -ends[node])
            hits.update((Hit(concept, start, ends[node]), None) for node in longest for concept in node.concepts)
        return list(hits)


def _follow(node: Node, tokens: Sequence[Token], at: int, sentence: int, ends: dict[Node, int]) -> None:
    """Notes where the patterns behind the node end, from the word `at` on, within the sentence."""
    if at < len(tokens) and tokens[at].sentence == sentence:
        for reached in node.after(tokens[at]):
            if reached.concepts:
                ends.setdefault(reached, at + 1)
            _follow(reached, tokens, at + 1, sentence, ends)
    if node.gap:
        for skipped in range(GAP + 1):
            _follow(node.gap, tokens, at + skipped, sentence, ends)


class Slots:
    """The places of patterns by how they are written; most are written many times."""

    def __init__(self, classes: dict[str, tuple[str, ...]]) -> None:
        self._classes = classes
        self.ways = cache(self._ways)

    def _ways(self, part: str) -> list[tuple[Slot, ...]]:
        """What may stand at this part of a pattern: one word, or the words into which a text's "3rd" falls."""
        if part == "..":
            return [(Slot(frozenset(), (), gap=True),)]
        options = [word for option in part.split("|") for word in self._expanded(option)]
        several = {option: words for option in options if len(words := _words_of(option)) > 1}
        single = [option for option in options if option not in several]
        ways = [tuple(self._of([word]) for word in words) for words in several.values()]
        return [(self._of(single),), *ways] if single else ways

    def _of(self, options: Sequence[str]) -> Slot:
        folded = [(fold(option.removesuffix("*")), option.endswith("*")) for option in options]
        return Slot(
            frozenset(word for word, beginning in folded if not beginning),
            tuple(word for word, beginning in folded if beginning),
        )

    def _expanded(self, option: str) -> tuple[str, ...]:
        return self._classes[option[1:]] if option.startswith("@") else (option,)


def _words_of(option: str) -> list[str]:
    """The words into which the tokens of a text cut an option of letters, digits, hyphens and slashes."""
    return [one.word for one in tokens(fold(option), frozenset())] if _CUT.fullmatch(option) else [option]


def compile_pattern(source: str, slots: Slots) -> list[tuple[Slot, ...]]:
    """Every variant of one pattern: `a|b` either, `a*` beginning, `a?` optional, `@c` a class, `..` a gap."""
    variants: list[tuple[Slot, ...]] = [()]
    for part in source.split():
        ways = slots.ways(part.removesuffix("?"))
        longer = [(*variant, *way) for variant in variants for way in ways]
        variants = [*longer, *variants] if part.endswith("?") else longer
    return [variant for variant in variants if variant and not variant[0].gap]
