"""The check-in as questions on a page: which comes next, and what was answered. Pure; nothing is kept on the server.

Answers are written as a text message would say them ("1", "0", "1 4", own words), so the same rules read both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.replies import Label, Question, Reading, ReplyReader

FULL = (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)
SHORT = (Question.STATE, Question.RED_FLAGS, Question.EXPOSURES)
"""Who is not back to usual goes straight to the red flags, as by SMS."""
SEVERAL = frozenset({Question.RED_FLAGS, Question.EXPOSURES})
NONE = "0"
LONGEST = 1000
"""Characters of an answer; an SMS has at most 1600."""


class Step(StrEnum):
    """What the page does after an answer."""

    ASK = "ask"
    """Ask the next question."""
    CHOOSE = "choose"
    """Nothing was answered: ask again."""
    UNCLEAR = "unclear"
    """Nobody can read it: ask back, once."""
    DONE = "done"
    URGENT = "urgent"


@dataclass(frozen=True)
class Dialogue:
    """What travels in the form's hidden fields."""

    nonce: str
    answers: Mapping[Question, str]
    asked_back: bool = False


@dataclass(frozen=True)
class Turn:
    """The dialogue after an answer, and what to do."""

    dialogue: Dialogue
    step: Step
    reading: Reading | None = None


@dataclass(frozen=True)
class Dialogues:
    """The rules of the dialogue in one locale."""

    reader: ReplyReader
    locale: str

    def order(self, answers: Mapping[Question, str]) -> tuple[Question, ...]:
        """The questions of this dialogue, as far as its first answer tells."""
        state = answers.get(Question.STATE)
        usual = state is None or self._read(Question.STATE, state).label is Label.CLEAR
        return FULL if usual else SHORT

    def next(self, dialogue: Dialogue) -> Question | None:
        """The question to ask now; None when all are answered."""
        return next((one for one in self.order(dialogue.answers) if one not in dialogue.answers), None)

    def back(self, dialogue: Dialogue) -> Dialogue:
        """Without the newest answer."""
        kept = [question for question in self.order(dialogue.answers) if question in dialogue.answers][:-1]
        return replace(dialogue, answers={one: dialogue.answers[one] for one in kept}, asked_back=False)

    def answer(self, dialogue: Dialogue, question: Question, text: str) -> Turn:
        """Take one answer. What is urgent, an opt-out or a wish to be called ends the dialogue at once."""
        if not text:
            return Turn(dialogue, Step.CHOOSE)
        reading = self._read(question, text)
        if reading.label is Label.UNCLEAR and not dialogue.asked_back:
            return Turn(replace(dialogue, asked_back=True), Step.UNCLEAR)
        taken = replace(dialogue, answers={**dialogue.answers, question: text}, asked_back=False)
        if reading.label is Label.URGENT:
            return Turn(taken, Step.URGENT, reading)
        ended = reading.opt_out or reading.call_me or self.next(taken) is None
        return Turn(taken, Step.DONE if ended else Step.ASK, reading)

    def _read(self, question: Question, text: str) -> Reading:
        return self.reader.read(text, lang=self.locale, question=question)


def answer_text(question: Question, chosen: Sequence[str], own_words: str) -> str:
    """What was chosen and written, as one reply; empty for neither. A chosen sign outweighs 'none of these'."""
    digits = [one for one in dict.fromkeys(chosen) if one.isascii() and one.isdigit()]
    if question in SEVERAL and len(digits) > 1:
        digits = [one for one in digits if one != NONE]
    parts = (" ".join(digits), own_words.strip() if question is Question.STATE else "")
    return ". ".join(part for part in parts if part)[:LONGEST]
