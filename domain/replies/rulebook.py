"""The rules as data: a lexicon of concepts for each language, and rules over concepts for all of them."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from domain.messages import Frozen
from domain.replies.reading import Label


def _listed(value: object) -> object:
    """A text with commas or lines is as good as a list."""
    if not isinstance(value, str):
        return value
    return [part.strip(' "') for part in re.split(r"[,\n]", value) if part.strip(' "')]


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Written in YAML as a list, or as text with commas or one a line."""


class NegationWords(Frozen):
    """How one language denies things."""

    negators: Patterns = ()
    """Patterns that deny what follows: "no", "without", "free of"."""
    trailing: Patterns = ()
    """Words that deny what stands before them at a clause's end: "fever no", "pain none"."""
    enders: Patterns = ()
    """Words that end a denial: "but", "just", "its"."""
    grace: int = 0
    """How many words straight after a negator cannot end its reach: "no me duele" has 1."""
    joiners: Patterns = ()
    """"or", "nor": the denial goes on through a list that has one."""
    listed: Patterns = ()
    """Nouns over which a denial goes on after a comma or "and": "no pain, swelling, redness"."""
    tails: Patterns = ()
    """Words that may follow a listed noun without telling any news of it: "at all", "anywhere"."""
    nominal: Patterns = ()
    """Negators of things, not of qualities: "no, all good"."""
    contrast: Patterns = ()
    """"but", "except": what follows weighs more than what came before."""
    since: Patterns = ()
    """"since", "than": a time behind it is where something began, or what it is compared with."""
    subordinate: Patterns = ()
    """"where", "since": what is gone behind it is not what stands before it ("sore where the scab fell off")."""


class Lexicon(Frozen):
    """One language: concept id to patterns (syntax in docs/replies.md)."""

    language: str
    spaced: bool = True
    """False for scripts without spaces or with rich affixes: patterns are then searched as plain strings."""
    classes: dict[str, Patterns] = Field(default_factory=dict)
    """Word lists that patterns name as @class."""
    concepts: dict[str, Patterns] = Field(default_factory=dict)
    negation: NegationWords = NegationWords()
    weekdays: Patterns = ()
    """Monday to Sunday, each with its short forms; those that mean something else ("sun", "sat") are left out."""
    ordinary: str = ""
    """Everyday words without a concept: a text made of known words is understood, others are doubted."""
    spelled: str = ""
    """Words that mean nothing here but are right as they are: "grand" is no mistyped "gland"."""
    forms: str = ""
    """Whole words that begin as patterns do ("vomit*"): typing errors of them are mended, too."""


class Rule(Frozen):
    """Concepts that together mean a category, with the clinical reason."""

    id: str
    label: Label | None = None
    """None: the rule sets flags alone."""
    needs: tuple[str, ...]
    """Each must be there: "a|b" one of both, "!a" denied."""
    unless: tuple[str, ...] = ()
    """None of these may be there, in the same reach."""
    unless_anywhere: tuple[str, ...] = ()
    """None of these may be in the text."""
    where: Literal["text", "sentence", "clause"] = "text"
    source: str
    emergency: bool = False
    self_harm: bool = False
    call_me: bool = False
    exposures: tuple[str, ...] = ()
    proxy: bool = False
    other_person: bool = False
    courtesy: bool = False
    current: bool = False
    """Holds only for signs of now: "swelling went away after six days" is no swelling of six days."""
    fallback: bool = False
    """Counts only where no other rule holds."""
    grave: bool = False
    """As a fallback it gives way only to a worrying rule that names a sign: eyes and heart are never passed over."""
    vetoes: bool = False
    """A clear reading may not stand beside this rule."""


class RuleBook(Frozen):
    """Everything that the reader knows."""

    symptoms: frozenset[str]
    """Concepts that a patient can deny or outlive: denied or gone, they speak for a healed skin."""
    reactions: tuple[str, ...] = ()
    """Regular expressions of what phones send when somebody taps a reaction."""
    numbers: dict[str, int] = Field(default_factory=dict)
    """Number words of all languages."""
    ordinals: dict[str, int] = Field(default_factory=dict)
    """Words for a place in a list: "the second one"."""
    number_fillers: str = ""
    """Small words that may stand around a number: "about a 3"."""
    counted: str = ""
    """Words that make the number before them a count, not an answer: "2 weeks"."""
    dated: str = ""
    """Words that make the number after them a date, time or place in a row: "day 4", "at 9"."""
    idioms: frozenset[str] = frozenset()
    """Concepts whose phrases take the words inside them: "blood pressure" is no blood."""
    shadowed: frozenset[str] = frozenset()
    """Concepts besides the symptoms that an idiom takes."""
    spoken: frozenset[str] = frozenset()
    """Concepts besides signs and good words that explain their words: thanks, yes, none."""
    transparent: frozenset[str] = frozenset()
    """Concepts whose phrases take nothing from the words inside them: the "not" of "not .. anymore" still denies."""
    positive: frozenset[str] = frozenset()
    """Good words, which count for nothing inside a longer phrase: "not getting better"."""
    askable: frozenset[str] = frozenset()
    """Concepts that a patient may ask leave for: "can I tan" is no tan."""
    expected: frozenset[str] = frozenset()
    """Signs that the first days bring to every treated skin, and that mean nothing once they are over."""
    grave_today: frozenset[str] = frozenset()
    """Red flags that are not over on the day when they were there, however well the patient feels."""
    pressing: frozenset[str] = frozenset()
    """Concepts beside which a concern is a matter for today: began within a day, wet, not of the skin."""
    unhurried: tuple[str, ...] = ()
    """Beginnings of the ids of concerns that nothing makes a matter for today."""
    yielding: tuple[str, ...] = ()
    """Beginnings of the ids of concerns that give way to an opt-out: a mood, or an exposure that holds the gate."""
    own: frozenset[str] = frozenset()
    """Signs that are the patient's, whoever is said to have them: who texts a clinic about a fit means its patient."""
    undeniable: frozenset[str] = frozenset()
    """Concepts that no denial lowers: "I don't think I can carry on living"."""
    whole: frozenset[str] = frozenset()
    """Concepts that count only where nothing but polite words stands beside them."""
    opening: frozenset[str] = frozenset()
    """Concepts that count only where a sentence begins."""
    own_clause: frozenset[str] = frozenset()
    """The same within a clause: "I never agreed to this, stop"."""
    polite: str = ""
    rules: tuple[Rule, ...]
    lexicons: tuple[Lexicon, ...]
