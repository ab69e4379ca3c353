"""Digits belong to the question that is open."""

import pytest

from domain.replies import Label, Question, ReplyReader

ANSWERS = [
    ("1", Question.STATE, Label.CLEAR),
    ("2", Question.STATE, Label.MILD),
    ("3", Question.STATE, Label.CONCERN),
    ("4", Question.STATE, Label.UNCLEAR),
    ("0", Question.DISCOMFORT, Label.CLEAR),
    ("none", Question.DISCOMFORT, Label.CLEAR),
    ("maybe a 2", Question.DISCOMFORT, Label.MILD),
    ("6-7", Question.DISCOMFORT, Label.URGENT),
    ("7/10", Question.DISCOMFORT, Label.URGENT),
    ("nueve", Question.DISCOMFORT, Label.URGENT),
    ("11", Question.DISCOMFORT, Label.UNCLEAR),
    ("0", Question.RED_FLAGS, Label.CLEAR),
    ("none", Question.RED_FLAGS, Label.CLEAR),
    ("no", Question.RED_FLAGS, Label.CLEAR),
    ("1,6", Question.RED_FLAGS, Label.URGENT),
    ("6", Question.RED_FLAGS, Label.CONCERN),
    ("7", Question.RED_FLAGS, Label.UNCLEAR),
    ("1 but there is pus", Question.STATE, Label.URGENT),
    ("yes", None, Label.CLEAR),
    ("yes", Question.RED_FLAGS, Label.CONCERN),
    ("sí", Question.EXPOSURES, Label.CONCERN),
    ("yes", Question.STATE, Label.UNCLEAR),
    ("not sure", Question.EARLY, Label.CONCERN),
    ("as expected", Question.EARLY, Label.CLEAR),
    ("todo normal", Question.EARLY, Label.CLEAR),
    ("tengo dudas", Question.EARLY, Label.CONCERN),
    ("2", Question.EARLY, Label.CONCERN),
    ("back to usual", Question.STATE, Label.CLEAR),
    ("still settling", Question.STATE, Label.MILD),
    ("something worries me", Question.STATE, Label.CONCERN),
    ("como siempre", Question.STATE, Label.CLEAR),
    ("mejorando", Question.STATE, Label.MILD),
    ("algo me preocupa", Question.STATE, Label.CONCERN),
    ("happy", Question.FINAL, Label.CLEAR),
    ("something looks different", Question.FINAL, Label.CONCERN),
    ("muy bien", Question.FINAL, Label.CLEAR),
    ("algo se ve diferente", Question.FINAL, Label.CONCERN),
    ("please call me", Question.FINAL, Label.CONCERN),
    ("STOP", Question.STATE, Label.OPT_OUT),
    ("please stop texting me", Question.DISCOMFORT, Label.OPT_OUT),
    ("Stop. Thank you", Question.EARLY, Label.OPT_OUT),
    ("1", Question.FINAL, Label.CLEAR),
    ("101.5", None, Label.URGENT),
    ("100", None, Label.UNCLEAR),
    ("-1", None, Label.UNCLEAR),
    ("8 i guess", Question.DISCOMFORT, Label.URGENT),
    ("it was a four at lunch and now I'd give it a seven", Question.DISCOMFORT, Label.URGENT),
    ("used to be a 6, now 0", Question.DISCOMFORT, Label.CLEAR),
    ("2 days of nothing", Question.DISCOMFORT, Label.UNCLEAR),
    ("la 2 y la 3 creo", Question.RED_FLAGS, Label.URGENT),
    ("none of the 6", Question.RED_FLAGS, Label.CLEAR),
    ("nothing like that, I live in my office", Question.EXPOSURES, Label.CLEAR),
    ("none of those but my eye stings", Question.RED_FLAGS, Label.URGENT),
    ("nothing like that, glorb flimflam wibble", Question.RED_FLAGS, Label.CONCERN),
    ("the second one", Question.RED_FLAGS, Label.URGENT),
    ("la primera", Question.RED_FLAGS, Label.URGENT),
    ("all of them", Question.RED_FLAGS, Label.URGENT),
    ("all of them", Question.EXPOSURES, Label.CONCERN),
    ("the first one", Question.STATE, Label.UNCLEAR),
    ("yes number 1, its kinda green", Question.RED_FLAGS, Label.URGENT),
    ("0. was a 7 the day of lol, now nothing", Question.DISCOMFORT, Label.CLEAR),
    ("3. sorry no, 8. fat thumbs", Question.DISCOMFORT, Label.URGENT),
    ("2. was fine until lunch, 8 since", Question.DISCOMFORT, Label.URGENT),
    ("was a 7 yesterday", Question.DISCOMFORT, Label.URGENT),
    ("39 y medio desde anoche", None, Label.URGENT),
    ("option 1 babes", Question.STATE, Label.CLEAR),
    ("alarm is going but skinwise I'm a 1", Question.STATE, Label.CLEAR),
    ("not pregnant and no to the rest", Question.EXPOSURES, Label.CLEAR),
    ("not pregnant but I did tan", Question.EXPOSURES, Label.CONCERN),
    ("not pregnant", None, Label.UNCLEAR),
    ("it's a 9 miss, and I had three children", None, Label.URGENT),
]


@pytest.mark.parametrize(("text", "question", "label"), ANSWERS)
def test_answer(reader: ReplyReader, text: str, question: Question | None, label: Label) -> None:
    """A number means what its question says, and nothing outside it."""
    assert reader.read(text, question=question).label is label


@pytest.mark.parametrize(
    ("text", "question", "exposures", "call_me"),
    [
        ("1 and 3", Question.EXPOSURES, ("tan", "other_treatment"), False),
        ("4", Question.EXPOSURES, ("pregnant", "private_call"), True),
        ("2", Question.PRE_VISIT, ("new_medicine",), False),
        ("4", Question.PRE_VISIT, ("unwell", "private_call"), True),
        ("3", Question.EARLY, (), True),
        ("please call me", Question.EARLY, (), True),
        ("quiero que me llamen", Question.EARLY, (), True),
        ("private: call me", Question.EXPOSURES, (), True),
        ("sun or tan", Question.EXPOSURES, ("tan",), False),
        ("medicina nueva", Question.EXPOSURES, ("new_medicine",), False),
        ("other skin treatment", Question.EXPOSURES, ("other_treatment",), False),
    ],
)
def test_exposures(
    reader: ReplyReader, text: str, question: Question, exposures: tuple[str, ...], call_me: bool
) -> None:
    """Menu entries name the holds and the wish to be called."""
    reading = reader.read(text, question=question)

    assert reading.label is Label.CONCERN
    assert (reading.exposures, reading.call_me) == (exposures, call_me)
