"""One language's reading of a text: concepts, their standing, the rules that hold."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from domain.replies.alone import Alone
from domain.replies.elapsed import elapsed
from domain.replies.helpers import HELPERS, NEGATOR, TRAILING
from domain.replies.negation import Denials, Standing
from domain.replies.patterns import Hit, PatternIndex
from domain.replies.reading import Label
from domain.replies.rulebook import Lexicon, Rule, RuleBook
from domain.replies.text import Token, fold

CACHED = 8192
"""Words of which it is kept at hand whether they are known."""
DENIED = "denied"
"""Concept that stands for any symptom that was denied or is gone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds for the text."""

    label: Label | None
    rule: Rule
    rule_id: str
    matched: str
    language: str
    places: tuple[int, ...] = ()
    """Words that its concepts cover."""
    soft: bool = False
    """Is a sign of it only doubted, imagined or gone?"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one language makes of a text."""

    findings: Sequence[Finding] = ()
    of_skin: frozenset[int] = frozenset()
    """Places of words that speak of the skin: signs, and how well it is."""
    pressing: frozenset[int] = frozenset()
    """Places of words that make a concern a matter for today."""


HOLDING = (Standing.PRESENT, Standing.OVER, Standing.SOFT)
"""How a sign may stand that still means something, the gravest first."""


class Group:
    """The concepts within one reach: a clause, a sentence or the text."""

    def __init__(self) -> None:
        self.by_concept: dict[str, list[tuple[Hit, Standing]]] = defaultdict(list)

    def add(self, hit: Hit, standing: Standing) -> None:
        self.by_concept[hit.concept].append((hit, standing))

    def holding(self, need: str) -> tuple[list[Hit], Standing] | None:
        """Hits that satisfy a need, and how they stand; None without any."""
        denied = need.startswith("!")
        held: dict[Standing, list[Hit]] = defaultdict(list)
        for concept in _concepts(need):
            for hit, standing in self.by_concept.get(concept, ()):
                if not denied:
                    held[standing].append(hit)
                elif standing is Standing.DENIED:
                    held[Standing.PRESENT].append(hit)
        return next(((held[one], one) for one in HOLDING if held[one]), None)

    def bars(self, need: str) -> bool:
        held = self.holding(need)
        return held is not None and held[1] is Standing.PRESENT


class LanguageReader:
    """Finds what one language's words say; knows nothing of other languages."""

    def __init__(self, lexicon: Lexicon, book: RuleBook) -> None:
        self.language = lexicon.language
        self._symptoms = book.symptoms
        self._book = book
        self._alone = Alone(book)
        helpers = {NEGATOR: lexicon.negation.negators, TRAILING: lexicon.negation.trailing}
        self.index = PatternIndex(lexicon, helpers)
        self._denials = Denials(lexicon.negation)
        self._weekdays = {fold(name): day for day, names in enumerate(lexicon.weekdays) for name in names.split()}
        denying = (*lexicon.negation.negators, *lexicon.negation.trailing, *lexicon.negation.enders)
        self.ordinary = _folded(lexicon.ordinary, *denying)
        self.denying = frozenset(fold(word) for word in lexicon.negation.negators if " " not in word)
        self._spelled = _folded(lexicon.spelled)
        self.forms = _folded(lexicon.forms)
        concepts = {*lexicon.concepts, DENIED}
        self._rules = [rule for rule in book.rules if all(_possible(need, concepts) for need in rule.needs)]
        self.knows = lru_cache(maxsize=CACHED)(self._knows)
        self._starting: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            for concept in _concepts(rule.needs[0]):
                self._starting[concept].append(number)

    def lists(self, word: str) -> bool:
        """Does the word itself stand somewhere, and not its beginning alone?"""
        return word in self.ordinary or word in self._spelled or word in self.forms or word in self.index.words

    def _knows(self, word: str) -> bool:
        return self.lists(word) or self.index.knows(word)

    def read(self, tokens: Sequence[Token]) -> Heard:
        """The rules that hold, and the words that bear on them."""
        hits = _unshadowed(self._alone.kept(self.index.find(tokens), tokens), self._book)
        if not hits:
            return Heard()
        hits += elapsed(tokens, self._weekdays)
        standing = self._denials.standing(hits, tokens, self._book)
        speaking = self._symptoms | self._book.positive | self._book.spoken
        said = _places(hit for hit in hits if hit.concept in speaking)
        pressing = _places(
            hit for hit, how in standing.items() if hit.concept in self._book.pressing and how is Standing.PRESENT
        )
        for hit, how in list(standing.items()):
            if hit.concept in self._symptoms and how in {Standing.DENIED, Standing.SOFT, Standing.OVER}:
                standing[Hit(DENIED, hit.start, hit.end)] = Standing.PRESENT
        return Heard(list(self._findings(standing, tokens)), said, pressing)

    def _findings(self, standing: dict[Hit, Standing], tokens: Sequence[Token]) -> Iterable[Finding]:
        whole = _grouped(standing, lambda _hit: 0)
        sentences = _grouped(standing, lambda hit: tokens[hit.start].sentence)
        groups = {
            # Each sentence as well: what bars a rule in one sentence does not bar it in another.
            "text": [*whole, *(sentences if len(sentences) > 1 else ())],
            "sentence": sentences,
            "clause": _grouped(standing, lambda hit: tokens[hit.start].clause),
        }
        said = {hit.concept for hit in standing}
        well = any(hit.concept in self._book.positive and how is Standing.PRESENT for hit, how in standing.items())
        # Of hundreds of rules, only those whose first need the text can meet.
        for number in sorted({number for concept in said for number in self._starting.get(concept, ())}):
            rule = self._rules[number]
            if any(text.bars(need) for text in whole for need in rule.unless_anywhere):
                continue
            for group in groups[rule.where]:
                finding = self._apply(rule, group, tokens, well)
                if finding:
                    yield finding

    def _apply(self, rule: Rule, group: Group, tokens: Sequence[Token], well: bool) -> Finding | None:
        held = [group.holding(need) for need in rule.needs]
        found = [one for one in held if one is not None]
        if len(found) < len(held) or any(group.bars(need) for need in rule.unless):
            return None
        stand = {how for _, how in found} - {Standing.PRESENT}
        if stand and (rule.current or rule.label is not Label.URGENT):
            return None
        past = stand and (well or Standing.SOFT in stand)
        label, suffix = (Label.CONCERN, ".past") if past else (rule.label, "")
        hits = sorted({hits[0] for hits, _ in found}, key=lambda hit: hit.start)
        places = sorted({at for hit in hits for at in range(hit.start, hit.end)})
        words = " ".join(tokens[at].raw for at in places)
        rule_id, soft = f"{self.language}.{rule.id}{suffix}", Standing.SOFT in stand
        return Finding(label, rule, rule_id, words, self.language, tuple(places), soft)


def _folded(*lists: str) -> frozenset[str]:
    """The words of lists of any length: `fold` reads no more of a text than a message can hold."""
    return frozenset(fold(word) for words in lists for word in words.split())


def _places(hits: Iterable[Hit]) -> frozenset[int]:
    return frozenset(at for hit in hits for at in range(hit.start, hit.end))


def _possible(need: str, concepts: set[str]) -> bool:
    return any(concept in concepts for concept in _concepts(need))


@cache
def _concepts(need: str) -> tuple[str, ...]:
    """Any of which meets the need."""
    return tuple(need.removeprefix("!").split("|"))


def _grouped(standing: dict[Hit, Standing], key: Callable[[Hit], int]) -> Collection[Group]:
    groups: dict[int, Group] = defaultdict(Group)
    for hit, how in standing.items():
        groups[key(hit)].add(hit, how)
    return groups.values()


def _unshadowed(hits: Sequence[Hit], book: RuleBook) -> list[Hit]:
    """Without hits inside an idiom ('blood pressure'), and good words inside a longer phrase ('not getting better')."""
    plain = (HELPERS | book.transparent) - book.idioms
    phrases = [hit for hit in hits if hit.end - hit.start > 1 and hit.concept not in plain]
    return [hit for hit in hits if not any(_shadows(phrase, hit, book) for phrase in phrases)]


def _shadows(phrase: Hit, hit: Hit, book: RuleBook) -> bool:
    inside = phrase.start <= hit.start and hit.end <= phrase.end and hit.end - hit.start < phrase.end - phrase.start
    return inside and hit.concept != phrase.concept and _takes(phrase, hit, book)


def _takes(phrase: Hit, hit: Hit, book: RuleBook) -> bool:
    worrying = hit.concept in book.symptoms or hit.concept in book.shadowed
    return hit.concept in book.positive or (phrase.concept in book.idioms and worrying)
