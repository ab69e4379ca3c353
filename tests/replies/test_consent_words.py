"""Opt-outs in any words, and words of stopping that are none."""

import pytest

from domain.replies import Label, ReplyReader


def test_stop_with_red_flag_keeps_both(reader: ReplyReader) -> None:
    """A red flag beside a stop word is urgent, and the opt-out is still honoured."""
    reading = reader.read("stop texting me, my face is full of pus")

    assert reading.label is Label.URGENT
    assert reading.opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "i'd prefer if this was the last one of these"),
        ("en", "you can stop checking on me now, thanks"),
        ("en", "i no longer want to be part of this"),
        ("en", "I'll pass on further messages"),
        ("en", "i dont wish to receive any further communication"),
        ("en", "i want off"),
        ("en", "switch these off"),
        ("en", "why am i still getting these"),
        ("en", "I would prefer not to receive any further text messages. Kind regards, Patricia"),
        ("en", "could you turn off the automatic messages to my phone"),
        ("en", "you can drop me from the text list"),
        ("en", "I never gave permission to text me"),
        ("es", "no quiero que me sigan textiando"),
        ("es", "les solicito que retiren mi número de su lista de envíos"),
        ("es", "este cel ya no es de Lupita"),
        ("es", "mejor ya no me avisen por aquí"),
        ("es", "bájenle a los mensajes, o mejor ninguno"),
        ("es", "no autorizo que me contacten"),
        ("es", "este número ya no lo usen"),
        ("es", "me salgo"),
        ("es", "dadme de baja por favor"),
    ],
)
def test_opt_out_in_own_words(reader: ReplyReader, lang: str, text: str) -> None:
    """Whoever wants no more messages says so in any words (FCC 24-24: any reasonable means)."""
    assert reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "please stop the itching lol"),
        ("en", "i want off work today, can you do friday"),
        ("en", "still getting these bumps"),
        ("en", "let this be the last of the peeling"),
        ("en", "i'm good without the cream now"),
        ("en", "I'd prefer not to receive the laser yet"),
        ("es", "la mancha ya no es de antes, está más clara"),
        ("es", "me salgo del trabajo a las 5"),
        ("es", "ya basta de pelarme jaja"),
        ("es", "apaga esto que arde"),
    ],
)
def test_nearly_an_opt_out(reader: ReplyReader, lang: str, text: str) -> None:
    """Words of stopping that speak of skin, creams or visits end no messages."""
    assert not reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "undo the unsubscribe"),
        ("en", "I'd like the check-in texts again"),
        ("en", "I give permission for the clinic to message me at this number"),
        ("es", "cambié de opinión, sí quiero que me sigan textiando"),
        ("es", "quiero volver a estar en la lista de avisos, me salí sin querer"),
    ],
)
def test_opt_in_in_own_words(reader: ReplyReader, lang: str, text: str) -> None:
    """Whoever wants the messages back says so in any words, also where a word of stopping stands in them."""
    reading = reader.read(text, lang=lang)

    assert reading.label is Label.OPT_IN
    assert not reading.opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "i did not give permission for you to message me"),
        ("en", "dont count me in for your texts"),
        ("en", "please do not add me again"),
        ("es", "no doy mi permiso para mensajes"),
        ("es", "no quiero que me sigan textiando"),
        ("es", "quiero volver a estar bien de la piel"),
        *(("en", "can I go ahead and start again with retinol"), ("en", "could you put me back on antibiotics")),
        *(("en", "i miss my brows, i want them back"), ("en", "i take back my cancellation, see you friday")),
        *(
            ("en", "turn the heat back on lol"),
            ("en", "dont go back to texting me"),
            ("en", "dont keep the texts coming"),
        ),
        *(("es", "anótenme otra vez para el martes"), ("es", "ahora sí pueden ver la diferencia, todo bien")),
        *(("es", "vuelvan a anotarme para el lunes"), ("es", "me arrepentí, ya no me escriban")),
    ],
)
def test_no_consent_is_made_up(reader: ReplyReader, lang: str, text: str) -> None:
    """A consent that is denied, or a wish for something else, never counts as an opt-in."""
    assert reader.read(text, lang=lang).label is not Label.OPT_IN


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        *(("en", "changed my mind, stop texting me"), ("es", "me arrepentí, ya no me escriban")),
        ("es", "me arrepentí del láser, no me manden más mensajes"),
    ],
)
def test_who_regrets_the_treatment_may_still_opt_out(reader: ReplyReader, lang: str, text: str) -> None:
    """Regret undoes a stop only where it is said of the stop."""
    assert reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        *(("en", "can i kill this thing with cream"), ("en", "took a pic but had to delete it")),
        *(("en", "no need to keep checking the mirror, all healed"), ("en", "can we put this on pause till january")),
        *(("es", "quiero que pare la comezón"), ("es", "por aquí no hay nada rojo"), ("es", "mi esposo ya no lo usa")),
        ("es", "quiero salir de la casa, ya sané"),
    ],
)
def test_what_is_to_stop_is_something_else(reader: ReplyReader, lang: str, text: str) -> None:
    """Ends of other things are no opt-out."""
    assert not reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    "text",
    [
        "Don't send any more texts, the roaming fees are awful",
        "omg enough with the texts",
        "wrong # this is a pizza shop",
        "this isn't Karen, wrong number",
        "no gracias, no quiero encuestas",
    ],
)
def test_a_worry_about_the_texts_is_no_sign(reader: ReplyReader, text: str) -> None:
    """Who is upset about the texts themselves opts out; nobody is called about the skin."""
    assert reader.read(text).label is Label.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "My face looks awful. Stop texting me",
        "I'm really worried. stop texting me",
        "something is wrong with me, no more texts",
        "no me manden mensajes, tengo miedo",
    ],
)
def test_a_worry_about_oneself_stands_beside_an_opt_out(reader: ReplyReader, text: str) -> None:
    """Who wants no texts and is afraid, or hates how the skin looks, is read by a person, and the texts end."""
    reading = reader.read(text)

    assert (reading.label, reading.opt_out) == (Label.CONCERN, True)


@pytest.mark.parametrize(
    "text",
    [
        "these bumps won't go away",
        "something is blocking half of what I see",
        "not tryna be dramatic but I'm breathing through a straw",
        "the scars don't bother me any more because nothing will after tonight",
        "No better than the day I walked out of your office",
        "la mejilla no me deja en paz, me arde todo el día",
        "this is her flatmate, she is burning up",
        "no para de sangrar",
    ],
)
def test_a_sign_is_no_opt_out(reader: ReplyReader, text: str) -> None:
    """Words that could end the texts end nothing where they speak of a sign: check-ins go on."""
    reading = reader.read(text)

    assert reading.label in {Label.CONCERN, Label.URGENT}
    assert not reading.opt_out


@pytest.mark.parametrize(
    ("text", "opt_out"),
    [
        *(("stop texting me. and put me back on the waiting list for the laser", True), ("texted stop twice", True)),
        *(("please take me off these texts, put me back on email", True), ("don't stop the texts", False)),
        ("I told you no more texts last week and you still text me", True),
        ("I told you no more texts but I miss the reminders, put me back on", False),
        ("I don't want you to stop texting me", False),
        ("I opted in by mistake, opt me out", True),
    ],
)
def test_an_earlier_stop_is_taken_back_and_a_present_one_is_not(reader: ReplyReader, text: str, opt_out: bool) -> None:
    """Who tells of an earlier stop and wants the texts again opts in; nothing else that is wanted bars a stop."""
    assert reader.read(text).opt_out is opt_out


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("sick with a stomach bug, can we move my laser", Label.RESCHEDULE),
        ("I've a tummy bug and a fever of 39, move the laser please", Label.URGENT),
        ("got a cold and my face is oozing, can we move the visit", Label.URGENT),
    ],
)
def test_a_cold_moves_a_visit_and_hides_no_sign(reader: ReplyReader, text: str, label: Label) -> None:
    """A minor illness is the reason for another date; a fever or a sign beside it stays urgent."""
    assert reader.read(text).label is label


NAMED = ("texts", "messages", "check-ins", "reminders", "text messages")
ENDED = (
    *("pull the plug on these {}", "wind down the {} please", "I've had my fill, cut out the {}", "ditch the {}"),
    *("all healed, let's leave it there with the {}", "no call to keep sending {}", "I refuse any further {}"),
    *("release me from the {}", "Deactivate the {} for me", "those were the last {} I want", "bench me from your {}"),
)
NOMBRES = ("mensajes", "avisos", "textos", "sms", "recordatorios")
FINES = (
    *(
        "punto final a los {}",
        "basta ya de {}",
        "corten con los {}",
        "renuncio a los {}",
        "al láser voy, los {} me los quitan",
    ),
    *("desconéctenme de los {}", "cero {} a mi celular", "ya no quisiera más {}"),
)


@pytest.mark.parametrize("frame", [*((frame, NAMED) for frame in ENDED), *((frame, NOMBRES) for frame in FINES)])
def test_an_opt_out_is_what_the_texts_are_called_and_what_ends_them(
    reader: ReplyReader, frame: tuple[str, tuple[str, ...]]
) -> None:
    """Any name of the texts beside any word that ends them is an opt-out: meanings are composed, not phrases listed."""
    ended, names = frame

    assert [name for name in names if not reader.read(ended.format(name)).opt_out] == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("never got your text, what was the question", Label.QUESTION),
        ("is this legit? never heard from this number before", Label.HELP),
        ("which clinic is this? I don't have this number saved", Label.HELP),
        ("my phone cut off half your message, what are the choices", Label.HELP),
        ("never got the swelling you texted about, not sore any more", Label.CLEAR),
        ("you don't have a number high enough. 10", Label.URGENT),
        ("perdón, tenía el celular apagado, no vi su mensaje. todo sano", Label.CLEAR),
        ("one more thing before you text me, it smells bad", Label.URGENT),
        ("thanks for the reminder, I have to cancel Thursday", Label.RESCHEDULE),
        ("text me when I can stop the retinol", Label.CONCERN),
        ("can I finish the cream and then text you", Label.QUESTION),
        ("no need to text back, skin is all healed", Label.CLEAR),
        ("sorry to cut my message short, skin is healed", Label.CLEAR),
    ],
)
def test_texts_that_are_spoken_of_are_no_opt_out(reader: ReplyReader, text: str, label: Label) -> None:
    """A text that was missed, asked about or doubted is not one that is no longer wanted."""
    reading = reader.read(text)

    assert (reading.label, reading.opt_out) == (label, False)


@pytest.mark.parametrize(
    "text", ["I don't want to be here any more. Not the texts, I mean alive", "wrote my goodbye letters, sorry to text"]
)
def test_a_farewell_is_no_opt_out(reader: ReplyReader, text: str) -> None:
    """Words of self-harm end no texts: the crisis text must reach who wrote them."""
    reading = reader.read(text)

    assert reading.self_harm
    assert not reading.opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "power was out two days so I'm only charging my phone now"),
        ("en", "I'm out, no phone signal"),
        ("en", "my phone is not working properly"),
        ("en", "I have no number for the clinic"),
        ("en", "I forget to check my phone"),
        ("en", "please take me out of the Thursday slot and put me in Friday"),
        ("en", "the scars don't bother me"),
        ("en", "will the laser set off my hearing aids or do I take them out?"),
        ("es", "para qué es este mensaje?"),
        ("es", "hoy dimos de baja el gimnasio"),
        ("es", "el picor ya no me molesta"),
        ("es", "cuánto me cobran por el cuello?"),
    ],
)
def test_a_phone_out_of_order_ends_no_texts(reader: ReplyReader, lang: str, text: str) -> None:
    """What happens to the phone, the booking or the skin is no opt-out, whatever small words stand beside it."""
    assert not reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "fewer texts please"), ("en", "stoppit with the sms's"), ("es", "mensajes no. nunca. gracias.")],
)
def test_a_refusal_of_the_texts_that_no_rule_knows_ends_them(reader: ReplyReader, lang: str, text: str) -> None:
    """What the texts are called beside a no, and nothing else that is understood."""
    assert reader.read(text, lang=lang).label is Label.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "no rush, text me",
        "don't worry about the texts",
        "I don't understand these texts",
        "driving, will look at the texts later",
    ],
)
def test_a_no_that_refuses_no_texts_ends_none(reader: ReplyReader, text: str) -> None:
    """Who is driving, puzzled or in no hurry goes on getting them."""
    assert not reader.read(text, lang="en").opt_out
