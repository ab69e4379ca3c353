"""What is over, and what only seems to be."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("the left eye's gone a bit soft focus", Label.URGENT),
        ("my eye's gone a bit squiffy, skin is great", Label.URGENT),
        ("the redness has gone a bit", Label.CLEAR),
        ("the redness has gone a bit purple", Label.URGENT),
    ],
)
def test_gone_a_bit_says_what_it_became(reader: ReplyReader, text: str, label: Label) -> None:
    """What is gone a bit before another word has become that; at the end of its clause it is over."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "my chin has the honey coloured crust my son had on his face last month", Label.URGENT),
        ("en", "I had a crust on my chin last month", Label.CONCERN),
        ("en", "stopped being red ages ago", Label.CLEAR),
        ("en", "the smell is like gone off milk", Label.URGENT),
        ("es", "el cachete duro, hirviendo, y ya no me abre el ojo", Label.URGENT),
        ("es", "la rojez ya no se nota", Label.CLEAR),
        ("es", "fiebre? ya no", Label.CLEAR),
    ],
)
def test_an_end_ends_its_own_sign(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """What is over for somebody else, or is said of another thing behind the sign, ends no sign of the patient."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("the crusts have gone the colour of honey", Label.URGENT),
        ("cellulitis, she says, it passed the ear", Label.URGENT),
        ("there was pus, it's gone now", Label.CONCERN),
        ("blisters gone? nope. three new ones today", Label.URGENT),
        ("blisters? gone", Label.CLEAR),
        ("there was pus, gone with the cream, skin is fine", Label.CONCERN),
    ],
)
def test_an_end_that_may_be_none_ends_no_red_flag(reader: ReplyReader, text: str, label: Label) -> None:
    """A red flag is past where the word for it closes its clause or the skin is said to be well; else doubt goes up."""
    assert reader.read(text).label is label
