"""Reads a reply with all languages at once; the most pressing meaning wins, doubt goes up."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from domain.replies.combine import in_answer, merged, numbered
from domain.replies.guards import Understood, doubted, harmless
from domain.replies.helpers import HELPERS, RETRACTED
from domain.replies.language import Finding, Heard, LanguageReader
from domain.replies.menus import LISTS, answer
from domain.replies.numbers import Bare, band, bare, counting, leading, scores
from domain.replies.plain import PlainReader
from domain.replies.reading import Label, Question, Reading
from domain.replies.rulebook import Lexicon, RuleBook
from domain.replies.sentences import (
    aches,
    beyond_scale,
    fever_in,
    is_scale,
    of_ten_as_plain,
    opening_of_ten,
    opening_score,
    score_in,
    without_praise,
)
from domain.replies.spelling import SHORTEST, Speller
from domain.replies.text import Token, fold, tokens
from domain.replies.weighing import Weighing

COMPLETE = ("en", "es")
"""Languages whose words a typing error may stand for in a text of any language."""
Known = Mapping[str, Mapping[int, bool]]
"""Language to place of a word to whether the language knows it."""
OPENS_QUOTE = '[“"«]'
QUOTED = r"[^”\"»]*[”\"»]?"
"""What a reaction quotes, to its closing mark."""
VAGUE = ("worry.", "doubt.")
"""Beginnings of the ids of rules that name no sign."""
NOT_UNDERSTOOD = ("unknown", ".hedge")
"""Endings of the ids of readings that know nothing of the text."""
UNDERSTOOD = 0.75
"""Share of the best language's known words that another language must know to have a say below urgent."""


class ReplyReader:
    """Pure and deterministic: the same text, question and rules give the same reading."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._weighing = Weighing(rules)
        self._spaced = [LanguageReader(one, rules) for one in rules.lexicons if one.spaced]
        self._plain = [PlainReader(one, rules.rules) for one in rules.lexicons if not one.spaced]
        self._contrast = {one.language: frozenset(map(fold, one.negation.contrast)) for one in rules.lexicons}
        self._reactions = [re.compile(_to_its_end(pattern), re.IGNORECASE) for pattern in rules.reactions]
        self._fillers, self._counted, self._dated = (
            frozenset(map(fold, words.split())) for words in (rules.number_fillers, rules.counted, rules.dated)
        )
        complete = [one.ordinary for one in self._spaced if one.language in COMPLETE]
        self._everyday = self._fillers.union(self._counted, rules.numbers, *complete)
        helping = {word for one in rules.lexicons for word in _helping_words(one)}
        never = frozenset(helping.difference(*(_signs_among(helping, one, rules) for one in self._spaced)))
        worrying = frozenset(word for one in self._spaced for word in one.index.words_of(rules.symptoms) | one.forms)
        self._spellers = {
            one.language: Speller(
                own=_words(one),
                beginnings=one.index.beginnings,
                foreign=self._complete_words(one),
                worrying=worrying,
                signs=tuple(one.index.beginnings_alone(rules.symptoms)),
                knows=self._known,
                lists=self._listed,
                never=never,
            )
            for one in self._spaced
        }

    def read(
        self, text: str, *, lang: str | None = None, question: Question | None = None, media_count: int = 0
    ) -> Reading:
        """The reading of one text. Never raises, whatever the text holds."""
        own = self._without_reaction(text)
        folded = fold(own)
        media = media_count > 0
        if own != text and not any(char.isalnum() for char in folded):
            return Reading(label=Label.UNCLEAR, rule="reaction", courtesy=True, media=media)
        if not folded.strip():
            return Reading(label=Label.UNCLEAR, rule="empty.media" if media else "empty", media=media)
        plain = tokens(folded, frozenset())
        main = self._main_language([token.word for token in plain], lang or "en")
        contrast = frozenset(word for one in self._languages_of(plain, main) for word in self._contrast[one])
        words = self._widened(tokens(folded, contrast), main)
        number = self._bare(folded)
        readings = [*self._numbers(folded, words, question, number)]
        if number is None or question in LISTS:
            readings += self._words(folded, words, lang, contrast)
        reading = merged([in_answer(one, question) for one in readings])
        if question is None:
            reading = self._scored(reading, readings, folded)
        return reading.model_copy(update={"media": media})

    def _without_reaction(self, text: str) -> str:
        """The text without the quotation of our own message that a tapped reaction sends."""
        for pattern in self._reactions:
            text = pattern.sub("", text, count=1)
        return text

    def _complete_words(self, main: LanguageReader) -> Iterable[str]:
        """The words of the complete languages but for the text's own."""
        return (word for one in self._spaced if one is not main and one.language in COMPLETE for word in _words(one))

    def _known(self, word: str) -> bool:
        return word in self._fillers or any(language.knows(word) for language in self._spaced)

    def _listed(self, word: str) -> bool:
        return word in self._fillers or any(language.lists(word) for language in self._spaced)

    def _bare(self, folded: str) -> Bare | None:
        """The numbers of a text that holds nothing else but small words: "pain 2", "about a 4 I'd say"."""
        alone = tokens(of_ten_as_plain(folded), frozenset())
        return bare(alone, self._rules.numbers, self._fillers) if folded.strip()[0] not in "-–" else None

    def _numbers(
        self, folded: str, words: Sequence[Token], question: Question | None, numbers: Bare | None
    ) -> Iterable[Reading]:
        said = numbers or (self._answered(words, question) if question else None)
        meant = numbered(answer(said, question), folded) if said else None
        if meant:
            yield meant
        if question in {None, Question.DISCOMFORT} and (meant is None or meant.label is Label.UNCLEAR):
            yield from self._scores(words)
        fever = fever_in(folded)
        if fever:
            yield Reading(label=Label.URGENT, rule="number.fever", matched=fever)
        beyond = beyond_scale(folded)
        if beyond:
            yield Reading(label=Label.URGENT, rule="number.beyond", matched=beyond)
        score = score_in(folded) or (self._opening(folded) if question is None else None)
        named = None if numbers else _discomfort(score)
        if named:
            yield named

    def _answered(self, words: Sequence[Token], question: Question) -> Bare | None:
        """The numbers of an answer that says more than numbers."""
        if question is Question.DISCOMFORT:
            values = scores(words, self._rules.numbers, self._counted, self._dated)
            if values:
                return Bare(tuple(values), all(value.is_integer() for value in values))
        places = self._rules.ordinals if question in LISTS else {}
        opening = leading(words, self._rules.numbers, self._fillers, self._counted, places)
        return opening or (None if question in LISTS else bare(words[-1:], {}, frozenset()))

    def _scores(self, words: Sequence[Token]) -> Iterable[Reading]:
        """Worrying scores that stand in a sentence of their own, or open one."""
        for _, sentence in groupby(words, key=lambda token: token.sentence):
            reading = self._score_of(list(sentence))
            if reading and reading.label in {Label.URGENT, Label.CONCERN}:
                yield reading

    def _opening(self, folded: str) -> tuple[float, str] | None:
        """A score that opens the text, or a higher one behind it: "2 in the day but an 8 at night"."""
        opening = opening_score(folded)
        return max(opening, (self._highest(folded), folded)) if opening else None

    def _scored(self, reading: Reading, readings: Sequence[Reading], folded: str) -> Reading:
        """The reading with a score that stands where words alone were understood."""
        if reading.rule.endswith(NOT_UNDERSTOOD):
            return self._loose_score(folded) or reading
        if reading.label not in {Label.CONCERN, Label.MILD, Label.CLEAR}:
            return reading
        marks = _marks(folded, readings) if reading.label is Label.CONCERN else ()
        return merged([reading, *marks, *self._severe_score(folded)])

    def _severe_score(self, folded: str) -> Iterable[Reading]:
        """A severe score anywhere in a text that speaks of pain: "hurts a bit. a bit meaning 8"."""
        score = _discomfort((self._highest(folded), folded)) if aches(folded) else None
        return (score,) if score and score.label is Label.URGENT else ()

    def _loose_score(self, folded: str) -> Reading | None:
        """The score of a text in which nothing else is understood: "mornings 2, evenings 5", not "two steps back"."""
        opening = opening_score(of_ten_as_plain(folded))
        highest = self._highest(folded) or (opening[0] if opening else 0)
        reading = _discomfort((highest, folded)) if highest else None
        counts = counting(tokens(folded, frozenset()), self._rules.numbers, self._fillers)
        return None if counts and reading and reading.label is Label.MILD else reading

    def _highest(self, folded: str) -> float:
        """The highest number that may be a score, 0 without one."""
        words = tokens(of_ten_as_plain(without_praise(folded)), frozenset())
        return max(scores(words, {}, self._counted, self._dated), default=0)

    def _score_of(self, sentence: Sequence[Token]) -> Reading | None:
        spoken = " ".join(token.word for token in sentence)
        if is_scale(spoken):
            return None
        numbers = bare(sentence, self._rules.numbers, self._fillers)
        numbers = numbers and (self._bare(spoken) or numbers)
        return numbered(answer(numbers, None), "") if numbers else _discomfort(self._opening(spoken))

    def _main_language(self, words: Sequence[str], preferred: str) -> str:
        """The spaced language that knows most of the words; where two are even, the preferred one, then English."""
        return max(
            self._spaced,
            key=lambda one: (sum(map(one.knows, words)), one.language == preferred, one.language == "en"),
        ).language

    def _languages_of(self, words: Sequence[Token], main: str) -> set[str]:
        """The language of each sentence."""
        sentences = groupby(words, key=lambda token: token.sentence)
        return {self._main_language([token.word for token in sentence], main) for _, sentence in sentences}

    def _widened(self, words: Sequence[Token], main: str) -> list[Token]:
        """The words with what they may be mistyped for, in the language of their sentence."""
        found: list[Token] = []
        for _, sentence in groupby(words, key=lambda token: token.sentence):
            own = list(sentence)
            speller = self._spellers[self._main_language([token.word for token in own], main)]
            found += map(speller.widen, own)
        return found

    def _words(self, folded: str, words: Sequence[Token], lang: str | None, contrast: frozenset[str]) -> list[Reading]:
        known = {one.language: [_knows(one, token) for token in words] for one in self._spaced}
        found: list[Finding] = []
        heard: dict[str, Heard] = {}
        for one in self._spaced:
            heard[one.language] = one.read(words)
            found += [
                finding
                for finding in heard[one.language].findings
                if _has_a_say(finding, _around(finding, words, known), lang)
            ]
        found += [finding for plain in self._plain for finding in plain.read(folded)]
        found = _without_needless_fallbacks(found, words)
        if any(finding.rule.vetoes for finding in found):
            found = [finding for finding in found if finding.label is not Label.CLEAR]
        return [*self._weighing.readings(found, heard, words), *self._doubts(found, words, heard, contrast)]

    def _doubts(
        self, found: Sequence[Finding], words: Sequence[Token], heard: Mapping[str, Heard], contrast: frozenset[str]
    ) -> Iterable[Reading]:
        best = harmless(found)
        if best is None or best.language not in heard:
            return
        language = next(one for one in self._spaced if one.language == best.language)
        everyday = language.ordinary | self._everyday
        own = heard[best.language]
        understood = Understood(own.of_skin, everyday, contrast, language.denying, self._fillers, self._known)
        for doubt in doubted(best, words, understood):
            yield self._weighing.hurried(doubt, doubt.rule, own, words)


def _discomfort(score: tuple[float, str] | None) -> Reading | None:
    """The reading of a score that words name."""
    label = band(score[0]) if score else None
    return Reading(label=label, rule="number.discomfort", matched=score[1]) if score and label else None


def _marks(folded: str, readings: Sequence[Reading]) -> Iterable[Reading]:
    """A score of ten that opens the text; where nothing in it is well, it is no praise: "9/10 rn, ugh"."""
    score = _discomfort(opening_of_ten(folded))
    return () if score is None or any(one.label is Label.CLEAR for one in readings) else (score,)


def _to_its_end(pattern: str) -> str:
    """The pattern of a reaction with what it quotes; one to a picture quotes nothing, and words may follow it."""
    return pattern + QUOTED if pattern.endswith(OPENS_QUOTE) else pattern


def _words(language: LanguageReader) -> Iterable[str]:
    return (*language.index.words, *language.index.beginnings, *language.forms)


def _helping_words(lexicon: Lexicon) -> Iterable[str]:
    """Words that turn a meaning round to the better; no typing error is ever read as one of them."""
    patterns = [
        *lexicon.negation.negators,
        *(one for name in HELPERS - {RETRACTED} for one in lexicon.concepts.get(name, ())),
    ]
    return (fold(word) for pattern in patterns for part in pattern.split() for word in part.split("|"))


def _signs_among(words: Iterable[str], language: LanguageReader, rules: RuleBook) -> set[str]:
    """The words that name a sign by themselves, in whatever phrase else they stand: "afraid of blisters"."""
    begun = tuple(start for start in language.index.beginnings_alone(rules.symptoms) if len(start) >= SHORTEST)
    alone = language.index.words_alone(rules.symptoms)
    return {word for word in words if word.startswith(begun)} | alone | language.forms


def _knows(language: LanguageReader, token: Token) -> bool:
    return token.word.isdigit() or any(language.knows(form) for form in token.forms)


def _without_needless_fallbacks(found: Sequence[Finding], words: Sequence[Token]) -> list[Finding]:
    """A fallback counts only for a sentence of which no other rule knows anything but who writes it."""
    spoken = [(one, {words[at].sentence for at in one.places}) for one in found]
    telling = [(one, of) for one, of in spoken if one.label and not one.rule.proxy and len(of) == 1]
    known = [(one, of) for one, of in telling if not one.rule.fallback]
    read = {sentence for _, of in known for sentence in of}
    named = {sentence for one, of in known if _names_a_sign(one) for sentence in of}
    return [one for one, of in spoken if not one.rule.fallback or (named if one.rule.grave else read).isdisjoint(of)]


def _names_a_sign(finding: Finding) -> bool:
    return finding.label in {Label.URGENT, Label.CONCERN} and not finding.rule.id.startswith(VAGUE)


def _around(finding: Finding, words: Sequence[Token], known: Mapping[str, Sequence[bool]]) -> Known:
    """What each language knows of the finding's own sentences: who writes two languages changes between sentences."""
    sentences = {words[at].sentence for at in finding.places}
    places = [at for at, word in enumerate(words) if word.sentence in sentences]
    return {language: {at: knows[at] for at in places} for language, knows in known.items()}


def _has_a_say(finding: Finding, known: Known, lang: str | None) -> bool:
    """Does no better understood language know these very words, and is the finding's language understood at all?"""
    preferred = lang if lang in known else "en"
    own = (sum(known[finding.language].values()), finding.language == preferred)
    better = [which for language, which in known.items() if (sum(which.values()), language == preferred) > own]
    if any(all(which[at] for at in finding.places) for which in better):
        return False
    if finding.label is Label.URGENT or finding.language == lang:
        return True
    most = max((sum(which.values()) for which in better), default=own[0])
    return own[0] >= UNDERSTOOD * most or len(finding.places) == len(known[finding.language])
