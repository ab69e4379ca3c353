"""Words as phones send them: typing errors, signs, our own word."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize("text", ["quiet as ever, skin is good", "boring but good", "do you sell sunscreen"])
def test_everyday_words_are_no_typing_errors(reader: ReplyReader, text: str) -> None:
    """'Quiet' is no mistyped 'quit', 'boring' no 'burning', 'sell' no 'smell'."""
    assert reader.read(text).label in {Label.CLEAR, Label.QUESTION}


@pytest.mark.parametrize(
    ("text", "label"), [("no kiero recibir nada", Label.OPT_OUT), ("tengo la kara kemada y con ampollas", Label.URGENT)]
)
def test_k_for_qu(reader: ReplyReader, text: str, label: Label) -> None:
    """Spanish texts write k for qu and c."""
    assert reader.read(text, lang="es").label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("vommiting since tuesday", Label.URGENT),
        ("sat in A&E with my face", Label.URGENT),
        ("MILD", Label.MILD),
        ("my tounge feels thick", Label.URGENT),
    ],
)
def test_how_words_are_written(reader: ReplyReader, text: str, label: Label) -> None:
    """A doubled letter and mixed letters are typing errors, "A&E" is a hospital, and our own word answers us."""
    assert reader.read(text).label is label
