"""How many segments a text costs, and how look-alikes keep it cheap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.segments import Encoding, segments, to_gsm7


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", Encoding.GSM_7, 0, 1),
        ("x" * 160, Encoding.GSM_7, 160, 1),
        ("x" * 161, Encoding.GSM_7, 161, 2),
        ("x" * 306, Encoding.GSM_7, 306, 2),
        ("x" * 307, Encoding.GSM_7, 307, 3),
        ("€" * 80, Encoding.GSM_7, 160, 1),
        ("x" * 152 + "€" + "x" * 152, Encoding.GSM_7, 306, 3),
        ("¿Qué tal, señora?", Encoding.GSM_7, 17, 1),
        ("más", Encoding.UCS_2, 3, 1),
        ("á" * 70, Encoding.UCS_2, 70, 1),
        ("á" * 71, Encoding.UCS_2, 71, 2),
        ("á" * 66 + "😀" + "á" * 66, Encoding.UCS_2, 134, 3),
    ],
)
def test_texts_are_counted_as_carriers_bill(text: str, encoding: Encoding, units: int, count: int) -> None:
    """Alphabet, units and segments are right at the edges, and nothing is cut in two."""
    assert segments(text) == (encoding, units, count)


def test_look_alikes_become_plain() -> None:
    """Curly quotes, dashes, dots and odd spaces get their GSM-7 twin."""
    assert to_gsm7("“It’s fine” – wait…\u00a0ok\u200b") == '"It\'s fine" - wait... ok'


def test_spanish_letters_stay() -> None:
    """Accents are never taken from a word, whatever they cost."""
    assert to_gsm7("¿Cómo está la señora Núñez?") == "¿Cómo está la señora Núñez?"


@given(st.text(max_size=400))
def test_making_plain_never_changes_twice(text: str) -> None:
    """Doing it again changes nothing."""
    assert to_gsm7(to_gsm7(text)) == to_gsm7(text)
