"""What a number means depends on the question that it answers."""

from dataclasses import dataclass

from domain.replies.numbers import Bare, band, is_fever
from domain.replies.reading import PRECEDENCE, Label, Question


@dataclass(frozen=True, slots=True)
class Choice:
    """One menu entry."""

    label: Label
    exposures: tuple[str, ...] = ()
    call_me: bool = False


_NONE = Choice(Label.CLEAR)
_URGENT = Choice(Label.URGENT)
_TAN = Choice(Label.CONCERN, ("tan",))
_MEDICINE = Choice(Label.CONCERN, ("new_medicine",))
_TREATMENT = Choice(Label.CONCERN, ("other_treatment",))
_CALL = Choice(Label.CONCERN, call_me=True)

MENUS: dict[Question, dict[int, Choice]] = {
    Question.STATE: {1: _NONE, 2: Choice(Label.MILD), 3: Choice(Label.CONCERN)},
    Question.RED_FLAGS: {
        0: _NONE, 1: _URGENT, 2: _URGENT, 3: _URGENT, 4: _URGENT, 5: _URGENT, 6: Choice(Label.CONCERN),
    },
    Question.EXPOSURES: {
        0: _NONE, 1: _TAN, 2: _MEDICINE, 3: _TREATMENT,
        4: Choice(Label.CONCERN, ("pregnant", "private_call"), call_me=True),
    },
    Question.EARLY: {1: _NONE, 2: Choice(Label.CONCERN), 3: _CALL},
    Question.FINAL: {1: _NONE, 2: Choice(Label.CONCERN), 3: _CALL},
    Question.PRE_VISIT: {
        0: _NONE, 1: _TAN, 2: _MEDICINE, 3: _TREATMENT,
        4: Choice(Label.CONCERN, ("unwell", "private_call"), call_me=True),
    },
}  # fmt: skip
"""The digits of reference/messages.md."""
LISTS = frozenset({Question.RED_FLAGS, Question.EXPOSURES, Question.PRE_VISIT})
"""Questions that take several digits."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number reply with its meaning."""

    rule: str
    choice: Choice
    fever: bool = False


def answer(numbers: Bare, question: Question | None) -> Numbered:
    """The meaning of a reply of numbers alone; outside the scale or menu it is unclear."""
    if not numbers.whole or len(numbers.values) == 1:
        fever = next((value for value in numbers.values if is_fever(value)), None)
        if fever is not None:
            return Numbered("number.fever", _URGENT, fever=True)
    if question is None or question is Question.DISCOMFORT:
        return _score(numbers)
    return _menu(numbers, question)


def _score(numbers: Bare) -> Numbered:
    label = band(max(numbers.values))
    if label is None or min(numbers.values) < 0:
        return Numbered("number.outside", Choice(Label.UNCLEAR))
    return Numbered("number.discomfort", Choice(label))


def _menu(numbers: Bare, question: Question) -> Numbered:
    digits = {int(value) for value in numbers.values} if numbers.whole else set()
    chosen = [MENUS[question][digit] for digit in sorted(digits) if digit in MENUS[question]]
    outside = len(chosen) < len(digits) or not digits
    several = len(digits) > 1 and question not in LISTS
    if not chosen or (outside and all(choice.label is Label.CLEAR for choice in chosen)):
        return Numbered(f"{question}.outside", Choice(Label.UNCLEAR))
    worst = min((choice.label for choice in chosen), key=PRECEDENCE.__getitem__)
    if several and worst in {Label.CLEAR, Label.MILD}:
        return Numbered(f"{question}.several", Choice(Label.UNCLEAR))
    exposures = tuple(dict.fromkeys(cause for choice in chosen for cause in choice.exposures))
    rule = f"{question}.{'+'.join(str(digit) for digit in sorted(digits))}"
    return Numbered(rule, Choice(worst, exposures, any(choice.call_me for choice in chosen)))
