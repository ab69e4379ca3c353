"""An idiom hides what is inside it, and nothing beside it."""

import pytest

from domain.replies import Label, ReplyReader
from domain.replies.patterns import Slot, Slots, compile_pattern
from domain.replies.rulebook import Lexicon, RuleBook

BESIDE = {
    "en": ("my cheek is oozing pus. {}", "{}. my cheek is oozing pus", "{}, can't breathe well"),
    "es": ("me sale pus de la mejilla. {}", "{}. me sale pus de la mejilla", "{}, no puedo respirar bien"),
}


def first_word(slot: Slot) -> str:
    return min(slot.words) if slot.words else slot.beginnings[0]


def idioms(language: str, book: RuleBook) -> list[str]:
    """One text for each pattern of `ignore`: its longest variant, the first word of each choice, nothing for a gap."""
    lexicon: Lexicon = next(one for one in book.lexicons if one.language == language)
    slots = Slots(lexicon.classes)
    longest = [max(compile_pattern(source, slots), key=len) for source in lexicon.concepts["ignore"]]
    return [" ".join(first_word(slot) for slot in pattern if not slot.gap) for pattern in longest]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_idiom_hides_no_sign_beside_it(reader: ReplyReader, reply_rules: RuleBook, language: str) -> None:
    """An alarm stays urgent whatever idiom stands beside it."""
    texts = [frame.format(idiom) for idiom in idioms(language, reply_rules) for frame in BESIDE[language]]

    assert len(texts) > 1000
    assert [text for text in texts if reader.read(text, lang=language).label is not Label.URGENT] == []


@pytest.mark.parametrize(
    "text",
    [
        *("fever for two days", "I've had a fever for three nights", "it's only fever at night", "oozing for a day"),
        *(
            "I fainted when I stood up this morning",
            "I'm breathless at night now",
            "had a heart attack scare when I lay down",
        ),
        *("woke up and I can't see a thing", "can't see any of the letters on the TV", "can't see where I'm going"),
        *(
            "have to squint to read my phone",
            "can't get my air in here",
            "a line is running down to my neck and it's red",
        ),
        *("it's killing me to smile", "there's no reason to keep going", "I'm in the ER so I can't come tomorrow"),
        *("confused by simple things today, couldn't remember my street", "I can breathe only if I sit up"),
        *("freezing in my room with the heat on", "the bleeding is my only complaint, it never stops"),
        *(
            "pus is back like at first",
            "reading about infections because mine is oozing",
            "thought I'd mention there's pus",
        ),
        *("all healed, can't breathe well", "waiting for the fever to come down"),
    ],
)
def test_no_idiom_is_left_open(reader: ReplyReader, text: str) -> None:
    """A sign is no idiom because of the small word behind it, which could lead anywhere."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    "text",
    [
        *(
            "me sale un chorro de sangre",
            "me da fiebre de sábado a lunes",
            "casi me desmayo con el calor y la cara hinchada",
        ),
        *("yo no veo muy bien de un ojo", "casi se desmaya al pararse mi esposa", "hoyito que sigue soltando agua"),
        *(
            "tengo pus bajo la piel",
            "no termino de sangrar",
            "me muero de fiebre",
            "tengo un hoyo en la cara que supura",
        ),
        *("sangra como al principio", "respiro bien solo sentada", "pensé que debía avisarles, tengo pus"),
    ],
)
def test_no_idiom_is_left_open_in_spanish(reader: ReplyReader, text: str) -> None:
    """The same in Spanish."""
    assert reader.read(text, lang="es").label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        *(("en", "skin is like porcelain"), ("en", "phone was unplugged sorry, skin fine")),
        *(("en", "skin is savage good"), ("en", "my face isn't red")),
        *(("en", "face feels normal. my nurse got reassigned"), ("es", "descansaré el domingo, la piel bien")),
    ],
)
def test_a_word_that_only_sounds_like_a_sign_raises_no_alarm(reader: ReplyReader, lang: str, text: str) -> None:
    """Words that name a sign in one phrase alone mean nothing outside it, and end no check-ins."""
    reading = reader.read(text, lang=lang)

    assert (reading.label is Label.URGENT, reading.opt_out) == (False, False)
