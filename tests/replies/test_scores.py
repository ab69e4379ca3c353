"""Scores that patients give in their own words."""

import pytest

from domain.replies import Label, Question, ReplyReader


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("was a 3 on monday, 5 yesterday, today id say 8", Label.URGENT),
        ("del 0 al 10 yo le pongo un 8", Label.URGENT),
        ("easily 9", Label.URGENT),
        ("I'd call it a 4 most days", Label.CONCERN),
        ("a 2 tops", Label.MILD),
        ("discomfort level zero", Label.CLEAR),
    ],
)
def test_scores_in_own_words(reader: ReplyReader, text: str, label: Label) -> None:
    """A score counts with words of degree or time beside it; the last of a row by days is the one of now."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("zero out of ten discomfort, looks great", Label.CLEAR),
        ("zero pain out of ten", Label.CLEAR),
        ("0/10 pain skin good", Label.CLEAR),
        ("pain is a 2 out of 10", Label.MILD),
        ("2 sobre 10 de molestia", Label.MILD),
        ("2 out of 10 pain but pus", Label.URGENT),
        ("pain is 2/10, swelling 8/10", Label.URGENT),
        ("10 pain", Label.URGENT),
    ],
)
def test_points_of_ten_beside_the_word_for_pain(reader: ReplyReader, text: str, label: Label) -> None:
    """The ten of a score is no score of its own, and a low score makes the pain it names a small one."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("we brought two chairs", Label.UNCLEAR),
        ("three of us and two dogs here", Label.UNCLEAR),
        ("id say its a 5 for soreness", Label.CONCERN),
        ("It was a 2 last week and it's a 4 this week, if that helps", Label.CONCERN),
    ],
)
def test_what_is_counted_is_no_score(reader: ReplyReader, text: str, label: Label) -> None:
    """A low number before what it may count says nothing, and a score keeps its weight whatever it is for."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "rule"),
    [("38.9", "number.fever"), ("temp 101.5", "number.fever"), ("pain is 8/10", "number.discomfort")],
)
def test_numbers_in_words(reader: ReplyReader, text: str, rule: str) -> None:
    """A medical number is read as what it measures."""
    reading = reader.read(text)

    assert (reading.label, reading.rule) == (Label.URGENT, rule)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("its a 2 when im still and an 8 when i smile", Label.URGENT),
        ("si estoy quieta un 3, si mastico un 8", Label.URGENT),
        ("3 when i touch it", Label.MILD),
        ("a 5 i'd say, mostly around the chin", Label.CONCERN),
        ("see you at 5 when i finish", Label.UNCLEAR),
        ("when i sleep 8 hours its fine", Label.CLEAR),
    ],
)
def test_a_score_for_a_movement(reader: ReplyReader, text: str, label: Label) -> None:
    """The worst of the scores counts that movements are given; a time of day and a count are none."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hoy un 5 ayer era un 2", Label.CONCERN),
        ("today a 5, was a 2 yesterday", Label.CONCERN),
        ("hoy un 5 de marzo", Label.UNCLEAR),
        ("today a 10 minute walk was fine", Label.CLEAR),
    ],
)
def test_the_score_of_today(reader: ReplyReader, text: str, label: Label) -> None:
    """What it is now counts, whichever day is named first; a date and a span of time are no scores."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("discomfort sits around 4 most days", Label.CONCERN),
        ("stings a solid 6 when the shower hits it", Label.CONCERN),
        ("between a 7 and an 8", Label.URGENT),
        ("entre un cuatro y un cinco al tacto", Label.CONCERN),
        ("seis, a veces un poquito menos", Label.CONCERN),
        ("between 2 and 3 weeks ago it peeled, all healed", Label.MILD),
        ("between 9 and 10 works for me", Label.UNCLEAR),
        ("on a good day it's a four, by evening it's more of a five", Label.CONCERN),
        ("yo diría que un 5 la molestia", Label.CONCERN),
        ("99 yesterday 102 today. skin itself looks great tho", Label.URGENT),
        ("I should call it a two, if one must put a number upon it", Label.MILD),
        ("Nil out of ten.", Label.CLEAR),
    ],
)
def test_a_score_that_varies(reader: ReplyReader, text: str, label: Label) -> None:
    """A score between two numbers counts by the higher one, one that varies by what it mostly is."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1 out of 10 at most, and only when I rub it with the towel", Label.MILD),
        ("give it a two, tiny tug when i yawn", Label.MILD),
        ("7 and climbing", Label.URGENT),
        ("5ish today. was 3 last week", Label.CONCERN),
        ("diria q un 5 la molestia", Label.CONCERN),
        ("del 0 al 10 te diria un 8, no pegué un ojo", Label.URGENT),
        ("9/10 so far", Label.UNCLEAR),
        ("9/10 rn 😖", Label.URGENT),
        ("10/10 love it", Label.CLEAR),
        ("102 this mornin, skin ok", Label.URGENT),
        ("7 out of ten, but I'm stubborn", Label.URGENT),
        ("the pain's what, an 8? I can take it", Label.URGENT),
        ("el dolor va por 8, pero aguanto", Label.URGENT),
        ("7 out of ten and climbing", Label.URGENT),
        ("1, maybe 2 if im being a baby", Label.MILD),
        ("1 o 2, según el viento", Label.MILD),
        ("6, it hurts to smile", Label.CONCERN),
        ("2 kids, no time", Label.UNCLEAR),
        ("big fat zero", Label.CLEAR),
    ],
)
def test_a_score_that_is_given(reader: ReplyReader, text: str, label: Label) -> None:
    """A score counts where it opens the text, is given or goes up; high marks may be praise and are asked back."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("38 degrees in Perth this week, no redness, all healed", Label.CLEAR),
        ("Aquí a 39 grados a la sombra. Piel recuperada, cero rojeces", Label.CLEAR),
        ("its 102 out and my skin is healed", Label.CLEAR),
        ("101 degrees in my mouth", Label.URGENT),
        ("not 101 outside, 101 in me", Label.URGENT),
        ("39 grados en la boca", Label.URGENT),
    ],
)
def test_the_heat_of_a_place(reader: ReplyReader, text: str, label: Label) -> None:
    """The heat of a place is no fever."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("7 today, was 4 yesterday, was 2 at the weekend", Label.URGENT),
        ("6-7 most of the day", Label.URGENT),
        ("7 or 8 I reckon, worse at night", Label.URGENT),
        ("2 in the day but an 8 at night", Label.URGENT),
        ("9ish when I chew, 7 at rest", Label.URGENT),
        ("started at zero last week, up to a seven today", Label.URGENT),
        ("mornings 2, afternoons 3, evenings 5", Label.CONCERN),
        ("it's all good, just a 6 lol", Label.CONCERN),
        ("was a 7 the first night, down to a 2 now", Label.MILD),
        ("down from an 8 to a 4", Label.CONCERN),
    ],
)
def test_a_score_among_others(reader: ReplyReader, text: str, label: Label) -> None:
    """Of several scores the present or the worst counts, also where nothing else in the text is understood."""
    assert reader.read(text).label is label


@pytest.mark.parametrize("text", ["March 9", "be there in 10", "suite 8", "4 dogs"])
def test_a_number_that_is_no_score(reader: ReplyReader, text: str) -> None:
    """Dates, places and what is counted are asked back."""
    assert reader.read(text).label is Label.UNCLEAR


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *(("7/10, was a 4 yest", Label.URGENT), ("seven yesterday eight today so you do the math", Label.URGENT)),
        ("discomfort? five and a half", Label.CONCERN),
        ("Getting there nicely, a wash of pink still. Seven but I'm a baby", Label.URGENT),
        *(("열이 39도이고 얼굴이 부었어요", Label.URGENT), ("entre 3 y 4 de incomodidad", Label.CONCERN)),
    ],
)
def test_scores_beside_earlier_ones(reader: ReplyReader, text: str, label: Label) -> None:
    """The newest score counts, halves round up, and degrees are read in scripts without spaces."""
    assert reader.read(text).label is label


@pytest.mark.parametrize("text", ["5 of 10 today it stings", "5 out of 10 when i smile", "5 de 10 hoy me arde"])
@pytest.mark.parametrize("question", [None, Question.DISCOMFORT])
def test_the_ten_of_a_score_is_no_score(reader: ReplyReader, text: str, question: Question | None) -> None:
    """Five of ten is a five, whatever stands behind it and whether or not it was asked for."""
    assert reader.read(text, question=question).label is Label.CONCERN


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Right as rain. Zero out of ten for discomfort.", Label.CLEAR),
        ("All good. Pain 0 out of 10", Label.CLEAR),
        ("Pain: 0/10", Label.CLEAR),
        ("pain 0/10, redness 0/10, swelling 0/10", Label.CLEAR),
        ("dolor 0/10", Label.CLEAR),
        ("skin good, pain 2 out of 10", Label.MILD),
        ("pain 1", Label.MILD),
        ("dolor: 2", Label.MILD),
        ("pain 8 out of 10", Label.URGENT),
        ("pain 0/10 but pus", Label.URGENT),
        ("pain went 4 to 6 to 9 in 2 days", Label.URGENT),
        ("7 on a good hour, 9 on a bad one, still made it to bingo", Label.URGENT),
        ("7 going on 8, jaw side", Label.URGENT),
        ("8 and a half. and climbing", Label.URGENT),
        ("stings enough to keep me up, 7 to 8 id say", Label.URGENT),
        ("not gonna lie it's a 9 outta 10 right now", Label.URGENT),
        ("pain was a 3 last week, it's a 9 tonight", Label.URGENT),
        ("was 99 at lunch and now it says 102", Label.URGENT),
    ],
)
def test_points_of_ten_behind_what_they_measure(reader: ReplyReader, text: str, label: Label) -> None:
    """A form-like answer means its points, wherever in the text it stands."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        "Pain's a 2 most of the time and a 9 by the end of the night",
        "Duele un poquitín. Un poquitín de 8, para ser exacta",
        "bumped to 7 today, was 4 yesterday",
        "me pongo un 9, no he pegado ojo",
        "hurts a bit. a bit meaning 8",
    ],
)
def test_the_worst_of_two_scores_counts(reader: ReplyReader, text: str) -> None:
    """A severe score behind a low one, or told in passing, is urgent."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    "text", ["me duele, tengo 8 nietos", "sore for 8 days", "Feels sore. I have 9 dogs", "me pongo 2 capas de crema"]
)
def test_what_is_counted_beside_pain_is_no_score(reader: ReplyReader, text: str) -> None:
    """Grandchildren, days and dogs are counted, not felt."""
    assert reader.read(text).label is not Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "scale of 1 to 10? fourteen"),
        ("en", "on a scale of 1 to 10 its a 14"),
        ("es", "del 1 al 10? el dolor es un 20"),
    ],
)
def test_a_score_beyond_the_scale(reader: ReplyReader, lang: str, text: str) -> None:
    """More than ten of ten is severe."""
    assert reader.read(text, lang=lang).rule == "number.beyond"


@pytest.mark.parametrize(
    "text", ["on a scale of 1 to 10 how good is my skin? 11!!", "my skin is 11 out of 10", "1 to 10 for 14 days"]
)
def test_praise_beyond_the_scale(reader: ReplyReader, text: str) -> None:
    """Praise and a count of days are no score."""
    assert reader.read(text).label is not Label.URGENT


@pytest.mark.parametrize("half", ["7.5", "7,5", "7 and a half", "seven and a half"])
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "{} if im honest",
        "about {} today",
        "it's a {}",
        "a {} i'd say",
        "pain is {}",
        "{} out of 10",
        "between 2 and {}",
        "{} when i smile",
        "{} by tonight",
        "up to a {} today",
        "5 yesterday, {} now",
        "{}ish",
    ],
)
def test_the_half_of_a_score_is_no_score(reader: ReplyReader, frame: str, half: str) -> None:
    """Seven and a half is more than seven wherever it stands, and never a five behind a point."""
    assert reader.read(frame.format(half)).label is Label.URGENT
