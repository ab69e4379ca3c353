"""Body part by sign: a meaning is read wherever on the face it is."""

import pytest

from domain.replies import Label, ReplyReader

PARTS = ("cheek", "chin", "forehead", "nose", "jaw", "lip", "neck", "temple", "ear", "mouth", "face", "skin", "eyelid")
PARTES = (
    *("el cachete", "la mejilla", "la frente", "la nariz", "la mandíbula", "el labio", "el cuello", "la sien"),
    *("la oreja", "la boca", "la cara", "la piel", "el mentón", "la barbilla", "el pómulo", "el párpado"),
)
WORRYING = frozenset({Label.URGENT, Label.CONCERN})


@pytest.mark.parametrize(
    "sign",
    [
        *("is oozing", "is leaking yellow stuff", "has pus", "smells bad", "is weeping", "is crusting yellow"),
        *("is turning black", "has gone black", "is numb and white", "is blistering", "has water bubbles", "is raw"),
        *("is bleeding and wont stop", "has an open wound", "looks infected", "is burning and swollen", "throbs"),
        *("is hot and swollen", "is hot and red", "is very painful and hot", "is swelling fast"),
        *("has a red streak going down from it", "is getting more swollen every hour", "hurts so bad i cant sleep"),
    ],
)
def test_urgent_anywhere(reader: ReplyReader, sign: str) -> None:
    """An urgent sign is urgent on every part of the face."""
    assert [part for part in PARTS if reader.read(f"my {part} {sign}").label is not Label.URGENT] == []


@pytest.mark.parametrize(
    "sign",
    [
        *("is still red after 3 weeks", "has dark spots", "got darker", "got lighter patches", "has a rash"),
        *("is covered in bumps", "itches all the time", "is swollen", "is burning", "is numb", "has a scar"),
        *("is getting worse", "broke out", "has a hard lump", "is bruised and it wont go", "looks weird"),
    ],
)
def test_worrying_anywhere(reader: ReplyReader, sign: str) -> None:
    """A worrying sign reaches a person on every part of the face."""
    assert [part for part in PARTS if reader.read(f"my {part} {sign}").label not in WORRYING] == []


@pytest.mark.parametrize(
    "sign",
    [
        *("me supura", "me saca líquido amarillo", "tiene pus", "huele mal", "se me está poniendo negra"),
        *("me sangra y no para", "está caliente e hinchada", "está hinchada y me duele mucho", "tiene ampollas"),
        *("está en carne viva", "tiene una raya roja que sube", "está cada hora más hinchada", "me late"),
        *("me duele tanto que no duermo", "está infectada", "tiene costra amarilla", "está blanca y no la siento"),
    ],
)
def test_urgent_anywhere_in_spanish(reader: ReplyReader, sign: str) -> None:
    """The same in Spanish."""
    assert [part for part in PARTES if reader.read(f"{part} {sign}", lang="es").label is not Label.URGENT] == []


@pytest.mark.parametrize(
    "sign",
    [
        *("sigue roja después de 3 semanas", "tiene manchas oscuras", "se me oscureció", "tiene manchas blancas"),
        *("tiene granitos", "me pica todo el tiempo", "está hinchada", "me arde", "está dormida", "va peor"),
        *("tiene una cicatriz", "tiene una bola dura", "se ve rara", "tiene sarpullido"),
    ],
)
def test_worrying_anywhere_in_spanish(reader: ReplyReader, sign: str) -> None:
    """The same in Spanish."""
    assert [part for part in PARTES if reader.read(f"{part} {sign}", lang="es").label not in WORRYING] == []


@pytest.mark.parametrize(
    "text", ["my lips are swelling", "lips swelling", "my upper lip is puffy", "lips like hot dogs"]
)
def test_lips_that_swell(reader: ReplyReader, text: str) -> None:
    """Swollen lips may be the beginning of an allergic shock."""
    assert reader.read(text).emergency
