"""Swelling by days: after a laser more than three are too many, else more than five."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "laser was Monday, it's Friday and the puffiness hasn't budged"),
        ("en", "Lasered on the 3rd, today is the 8th, cheeks still swollen"),
        ("en", "Laser plus four days. Swelling unchanged."),
        ("en", "tues needling, next tues still puffy"),
        ("en", "three and a half weeks swollen"),
        ("es", "el láser fue el lunes, hoy viernes y sigo hinchada"),
        ("es", "dos semanas con la quijada hinchada"),
    ],
)
def test_swelling_of_too_many_days(reader: ReplyReader, lang: str, text: str) -> None:
    """Days are told by counts, by two weekdays or by two dates."""
    assert reader.read(text, lang=lang).label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "needles monday, friday now and still puffy"),
        ("en", "4 days since the needling and the puffiness is still there"),
        ("en", "4 days since the needling and the puffiness is there, can I still have the laser"),
        ("en", "laser was Monday, it's Thursday and my cheeks are puffy"),
        ("en", "laser was Monday, it's Monday night and my cheeks are puffy"),
        ("es", "las agujas fueron el lunes, ya es viernes y sigo hinchada"),
    ],
)
def test_swelling_of_some_days(reader: ReplyReader, lang: str, text: str) -> None:
    """Up to five days after microneedling, or three after a laser, wait for the next working day."""
    assert reader.read(text, lang=lang).label is Label.CONCERN


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "the swelling went away after 6 days"),
        ("en", "took a week for the swelling to go"),
        ("en", "puffy week one, nothing week two"),
        ("en", "swelling after the laser went down on day 4"),
        ("en", "the puffiness from my laser vanished after 5 days"),
        ("es", "a los 6 días se me quitó la hinchazón"),
        ("es", "una semana hinchada y luego nada"),
    ],
)
def test_swelling_that_went(reader: ReplyReader, lang: str, text: str) -> None:
    """How long it took to go down is no alarm."""
    assert reader.read(text, lang=lang).label is not Label.URGENT
