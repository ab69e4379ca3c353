"""Words as phones send them: typing errors, signs, our own word."""

import pytest

from domain.replies import Label, ReplyReader
from domain.replies.language import LanguageReader
from domain.replies.rulebook import RuleBook


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


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "my lips are sollen"),
        ("en", "faintted in the bathroom this morning"),
        ("en", "found my husband unconcsious"),
        ("en", "she's been voimting all day"),
        ("en", "sucidal thoughts since the treatment"),
        ("en", "I want to hurt mydelf"),
        ("es", "no pueddo respirar bien"),
        ("es", "tengo ideas sucidas"),
        ("es", "dlor ocular desde el láser"),
    ],
)
def test_a_mistyped_sign_is_read(reader: ReplyReader, lang: str, text: str) -> None:
    """Also where a denying phrase names the sign, where rules know its beginning alone, or another word begins so."""
    assert reader.read(text, lang=lang).label is Label.URGENT


def test_an_inflected_sign_is_no_mistyped_other(reader: ReplyReader) -> None:
    """The skin peels ("despellejando"); it is not flayed ("despellejado")."""
    assert reader.read("nomás la nariz se me anda despellejando tantito", lang="es").label is Label.MILD


def test_every_listed_form_is_a_word_of_the_rules(reply_rules: RuleBook) -> None:
    """A form that no pattern knows would take a typing error away from the word that was meant."""
    languages = [LanguageReader(lexicon, reply_rules) for lexicon in reply_rules.lexicons if lexicon.spaced]
    assert not {form for one in languages for form in one.forms if not one.index.knows(form)}
