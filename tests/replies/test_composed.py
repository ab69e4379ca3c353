"""Wishes and refusals that no list holds word for word, read from what they are about and what is said of it."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "this isn't the patient's phone"),
        ("en", "I'm not who you are looking for"),
        ("en", "the person you want changed numbers"),
        ("en", "I have no account with your office"),
        ("en", "we don't know this patient in our household"),
        ("en", "numbr belongs to sombody else now"),
        ("en", "who is Tanisha?? shes not at this number"),
        ("es", "ese paciente no tiene este número"),
        ("es", "yo nunca pedí cita con ustedes"),
        ("es", "me llegan citas que no son mías"),
    ],
)
def test_a_stranger_at_the_line(reader: ReplyReader, lang: str, text: str) -> None:
    """Who says of the number, the texts or the clinic that they are not theirs gets no more texts."""
    assert reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    "text",
    [
        "who is this? dont know the number",
        "sorry that was meant for my sister",
        "I'm not the same person since, my skin is so good",
        "can I text you from another number",
        "not my best week, skin is dry",
        "give my spot to another patient please",
    ],
)
def test_no_stranger(reader: ReplyReader, text: str) -> None:
    """A question who writes, a slip of the thumb and good news end no texts."""
    assert not reader.read(text).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "let the text updates come back"),
        ("en", "please begin sending me messages again"),
        ("en", "enroll this phone for follow up texts"),
        ("es", "deseo recibir los recordatorios nuevamente"),
        ("es", "inscríbanme para los mensajes de seguimiento"),
    ],
)
def test_the_texts_are_wished_for(reader: ReplyReader, lang: str, text: str) -> None:
    """A wish beside the texts asks for them."""
    assert reader.read(text, lang=lang).label is Label.OPT_IN


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I want to set up a visit"),
        ("en", "I'm cancelling my next treatment"),
        ("en", "not able to attend my appointment"),
        ("en", "any free slots on Friday"),
        ("en", "have to alter my booking, could you move it"),
        ("es", "resérvenme una hora para el láser"),
        ("es", "no quiero la próxima sesión, cancélela"),
        ("es", "voy a cancelar las dos citas"),
    ],
)
def test_a_visit_and_what_one_does_with_it(reader: ReplyReader, lang: str, text: str) -> None:
    """To make, move or cancel a visit is a wish for another time."""
    assert reader.read(text, lang=lang).label is Label.RESCHEDULE


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "how deep do the needles go"),
        ("en", "who will be doing my laser"),
        ("en", "what percentage of zinc should sunscreen have"),
        ("es", "hay descuento para estudiantes?"),
        ("es", "quién me va a atender"),
    ],
)
def test_a_question_of_which_no_rule_knows_what_it_asks(reader: ReplyReader, lang: str, text: str) -> None:
    """What opens as a question is one, whatever it asks."""
    assert reader.read(text, lang=lang).label is Label.QUESTION


@pytest.mark.parametrize("text", ["who cares", "could be", "will answer tonight", "what redness? its all gone lol"])
def test_no_question(reader: ReplyReader, text: str) -> None:
    """A shrug, a promise and a joke ask nothing."""
    assert reader.read(text).label is not Label.QUESTION


@pytest.mark.parametrize("text", ["This is the third time. No. More. Texts.", "Do. Not. Text. Me."])
def test_words_said_one_by_one(reader: ReplyReader, text: str) -> None:
    """Dots between single words are stress."""
    assert reader.read(text).opt_out


@pytest.mark.parametrize("text", ["No. Fever. Chills.", "Redness. No. Swelling. Pus."])
def test_a_no_of_its_own_denies_nothing_behind_it(reader: ReplyReader, text: str) -> None:
    """A "No." may answer another question."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "me quiero suisidar"),
        ("es", "se me esta ampoyando"),
        ("es", "estoy ynfectada"),
        ("en", "i feel suisidal"),
    ],
)
def test_a_word_that_sounds_like_one_of_which_the_rules_know_the_beginning(
    reader: ReplyReader, lang: str, text: str
) -> None:
    """Letters that sound alike stand for each other, also in words of which the rules know the beginning alone."""
    assert reader.read(text, lang=lang).label is Label.URGENT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cancel the 14th, need the 21st or 22nd", Label.RESCHEDULE),
        ("scratched it, bleeding thru the 3rd bandaid", Label.URGENT),
    ],
)
def test_words_that_a_text_cuts_in_two(reader: ReplyReader, text: str, label: Label) -> None:
    """A text cuts "3rd" in two; a pattern that names it is found."""
    assert reader.read(text).label is label


def test_a_wish_to_be_called_is_no_trouble_with_speech(reader: ReplyReader) -> None:
    """Who finds it hard to talk to the clinic wants a call."""
    reading = reader.read("struggling to talk to a person there")

    assert (reading.label, reading.call_me) == (Label.CONCERN, True)


def test_a_colour_on_what_one_wipes_with(reader: ReplyReader) -> None:
    """Green on a cotton ball is discharge, whatever it is likened to."""
    assert reader.read("green. like avocado. on the cotton ball").label is Label.URGENT


@pytest.mark.parametrize(
    ("rule", "lang", "text"),
    [
        ("workplace", "en", "school secretary here, no teacher of that name"),
        ("workplace", "en", "you've texted the order line of a pizzeria"),
        ("workplace", "en", "the bakery has this number, we only take cake orders"),
        ("workplace", "es", "esto es una panadería"),
        ("workplace", "es", "veterinaria, aquí solo atendemos perros y gatos"),
        ("absent", "en", "our daughter grew up and got another phone"),
        ("absent", "en", "she moved abroad and we kept this phone"),
        ("absent", "en", "I'm her mother, she has her own number now"),
        ("absent", "en", "that tenant moved to another city"),
        ("absent", "en", "he is no longer with us, rest his soul"),
        ("absent", "es", "soy la madre, ella ya tiene su propio celular"),
        ("absent", "es", "soi el papa, ella vive en otro pais"),
        ("rejected", "en", "Everything you send goes in the trash"),
        ("rejected", "en", "I delete every one of these unread"),
        ("rejected", "en", "Had your number barred by my provider"),
        ("rejected", "es", "Silencié este chat para siempre"),
        ("rejected", "es", "De ahora en adelante los ignoro"),
    ],
)
def test_whose_line_it_is_not_and_what_is_thrown_away(reader: ReplyReader, rule: str, lang: str, text: str) -> None:
    """A place of work, somebody who is not reached here and who deletes or blocks what comes get no more texts."""
    reading = reader.read(text, lang=lang)
    assert (reading.rule, reading.opt_out) == (f"{lang}.consent.{rule}", True)


@pytest.mark.parametrize(
    "text",
    [
        "Nobody at church could tell I had anything done. no redness, no flaking",
        "how much would you charge my sister? she saw me and about died",
        "Need the phone number of your front desk pls",
        "my wife is with me, her phone died, skin is fine",
        "Is this from the office or one of those spam things?",
        "please stop my Wednesday appt and put me in Friday instead",
        "Thanks for reaching out to me",
        "cancle my visit for tomoro",
    ],
)
def test_everyday_words_about_others_and_phones_end_no_texts(reader: ReplyReader, text: str) -> None:
    """Relatives, businesses and phones may be spoken of beside the skin, a visit or a question."""
    assert not reader.read(text).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Tienen mi permiso para escribirme por mensaje"),
        ("es", "Anóteme para recibir los avisos en mi celular"),
        ("es", "¿Este número es solamente para mensajes?"),
    ],
)
def test_for_is_no_stop(reader: ReplyReader, lang: str, text: str) -> None:
    """Spanish "para" stops, and means "for" where one is asked for the texts."""
    assert not reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "the treated bit is white, hard and painless", Label.URGENT),
        ("en", "the white bit has no feeling", Label.URGENT),
        ("es", "una parte quedó blanca y no siente", Label.URGENT),
        ("es", "quedó un pedazo blanco, lo pincho y no duele", Label.URGENT),
        ("en", "little hard white dots around my eyes", Label.CONCERN),
    ],
)
def test_white_skin_that_is_hard_or_feels_nothing(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """It is a deep burn, unless it is grains."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "my face has been scaling for weeks", Label.CONCERN),
        ("es", "ya es un mes y la cara se me despelleja", Label.CONCERN),
        ("en", "a month later and only a little flaking", Label.MILD),
        ("en", "flaked for weeks, fine now", Label.CLEAR),
    ],
)
def test_flaking_for_weeks(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """Somebody looks at skin that flakes for weeks, whether or not it is said to go on."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "was getting better now its not"),
        ("en", "it was healing well but not anymore"),
        ("es", "estaba mejorando y ahora ya no"),
    ],
)
def test_better_and_no_longer(reader: ReplyReader, lang: str, text: str) -> None:
    """What was getting better and is not any more is looked at by a person."""
    assert reader.read(text, lang=lang).label is Label.CONCERN
