"""Meanings, one by one: denials, degrees, time, people, flags."""

import pytest

from domain.replies import Label, Question, ReplyReader


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("no pus but it smells", Label.URGENT),
        ("no fever, swollen cheek and it hurts a lot", Label.URGENT),
        ("no pain, redness or swelling", Label.CLEAR),
        ("not red, sore or swollen", Label.CLEAR),
        ("fever no, pus no", Label.CLEAR),
        ("the swelling won't go away", Label.CONCERN),
        ("slightly pink", Label.MILD),
        ("the redness is gone", Label.CLEAR),
        ("sin pus pero huele mal", Label.URGENT),
        ("no tengo fiebre ni pus", Label.CLEAR),
        ("no me duele", Label.CLEAR),
        ("no pain, swelling at all", Label.CLEAR),
        ("no pain, swelling got a lot worse", Label.URGENT),
        ("no redness... pus coming out", Label.URGENT),
        ("nor any soreness, rash keeps spreading", Label.URGENT),
        ("sin dolor, pus saliendo por la noche", Label.URGENT),
    ],
)
def test_denials(reader: ReplyReader, text: str, label: Label) -> None:
    """A denial reaches exactly the words that it denies."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        "can you fit me in this week instead. la vista se me nubló",
        "la cigüeña viene en camino, 8 semanitas. my forehead is one big blister",
        "tengo la piel muy irritada. je n'arrive plus à respirer",
    ],
)
def test_each_sentence_is_read_in_its_own_language(reader: ReplyReader, text: str) -> None:
    """An urgent sentence in another language than the rest is urgent, whatever the rest asks for."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I can't breathe... for laughing, skin is great", Label.CLEAR),
        ("dying here... of boredom, skin has been perfect for ages", Label.CLEAR),
        ("dying here, please send help", Label.URGENT),
        ("im dying to get the laser, all healed", Label.CLEAR),
        ("im dying to get help, cant breathe", Label.URGENT),
        ("me muero de ganas de empezar el laser, ya sane", Label.CLEAR),
        ("me muero de dolor", Label.URGENT),
        ("quedó quemao del láser", Label.URGENT),
        ("no fever, no pus, no castle, no kitchen, no candles", Label.CLEAR),
    ],
)
def test_figures_of_speech(reader: ReplyReader, text: str, label: Label) -> None:
    """A joke is no alarm, an alarm in dialect is one, and what is denied needs no explaining."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("the dog is sick but my face is perfect", Label.CLEAR),
        ("mi perro tiene fiebre, mi piel perfecta", Label.CLEAR),
        ("my son had fever last week and now im shivering, skin looks good", Label.URGENT),
        ("mi hijo tiene fiebre y yo tambien, la piel bien", Label.URGENT),
        ("my husband says he has a fever, is that from me", Label.URGENT),
    ],
)
def test_whose_sign_it_is(reader: ReplyReader, text: str, label: Label) -> None:
    """Somebody else's sign beside good news of the own skin calls nobody, unless the text comes back to the writer."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cada hora agarra mas terreno lo rojo", Label.URGENT),
        ("the red was a coin at breakfast and now it reaches my ear", Label.URGENT),
        ("my cheek is hot and numb", Label.URGENT),
        ("one patch is numb and hard", Label.URGENT),
        ("feels like little hard peas under the skin, dont hurt", Label.CONCERN),
        ("my skin is like cardboard, no redness", Label.CONCERN),
        ("its kinda green", Label.CONCERN),
    ],
)
def test_signs_together(reader: ReplyReader, text: str, label: Label) -> None:
    """Two signs, growth and speed are urgent; a likeness, a hard spot or an odd colour reaches a person."""
    assert reader.read(text).label is label


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
        ("you said I might run a temperature. It didn't. my skin is perfect", Label.CLEAR),
        ("you said I might run a temperature and I am shivering", Label.URGENT),
        ("fever none swelling none pus none", Label.CLEAR),
        ("roughness on my cheek, no other problem", Label.MILD),
        ("the dogs the one with the temperature not me, my face is all better", Label.CLEAR),
        ("my sister healed fine, not me, my face is burning and swollen", Label.URGENT),
    ],
)
def test_what_never_came(reader: ReplyReader, text: str, label: Label) -> None:
    """A feared sign that never came, a list denied from behind and somebody else's sign call nobody."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("a thin pinkish line on my neck, longer than at breakfast", Label.URGENT),
        ("spots in a row on one side of my forehead and it burns", Label.URGENT),
        ("the bruise on my hand has gone yellow", Label.MILD),
        ("gone yellow and it smells", Label.URGENT),
    ],
)
def test_lines_groups_and_old_bruises(reader: ReplyReader, text: str, label: Label) -> None:
    """A line that grows and burning spots in a group are urgent; yellow is harmless in an old bruise alone."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        "honestly forgot i even had it done",
        "mi suegra pregunta que me hice jaja",
        "my skin is on FIRE (in a good way 🔥)",
    ],
)
def test_praise_calls_nobody(reader: ReplyReader, text: str) -> None:
    """Praise and small talk without a sign are clear."""
    assert reader.read(text).label is Label.CLEAR


@pytest.mark.parametrize("text", ["quiet as ever, skin is good", "boring but good", "do you sell sunscreen"])
def test_everyday_words_are_no_typing_errors(reader: ReplyReader, text: str) -> None:
    """'Quiet' is no mistyped 'quit', 'boring' no 'burning', 'sell' no 'smell'."""
    assert reader.read(text).label in {Label.CLEAR, Label.QUESTION}


@pytest.mark.parametrize(
    ("text", "rule"),
    [("38.9", "number.fever"), ("temp 101.5", "number.fever"), ("pain is 8/10", "number.discomfort")],
)
def test_numbers_in_words(reader: ReplyReader, text: str, rule: str) -> None:
    """A medical number is read as what it measures."""
    reading = reader.read(text)

    assert (reading.label, reading.rule) == (Label.URGENT, rule)


def test_stop_with_red_flag_keeps_both(reader: ReplyReader) -> None:
    """A red flag beside a stop word is urgent, and the opt-out is still honoured."""
    reading = reader.read("stop texting me, my face is full of pus")

    assert reading.label is Label.URGENT
    assert reading.opt_out


@pytest.mark.parametrize("text", ["i want to die", "quiero morirme", "veux mourir"])
def test_self_harm(reader: ReplyReader, text: str) -> None:
    """Words of self-harm are an emergency of their own kind in every language."""
    reading = reader.read(text, lang="en")

    assert reading.label is Label.URGENT
    assert reading.self_harm
    assert reading.emergency


@pytest.mark.parametrize(
    ("text", "exposure"),
    [
        ("just back from Cancun, so tan", "tan"),
        ("started doxycycline yesterday", "new_medicine"),
        ("I'm pregnant", "pregnant"),
        ("got botox elsewhere", "other_treatment"),
        ("they put me on accutane", "isotretinoin"),
        ("estoy embarazada", "pregnant"),
    ],
)
def test_exposures(reader: ReplyReader, text: str, exposure: str) -> None:
    """What holds a gate is named in the reading."""
    assert exposure in reader.read(text).exposures


def test_asking_leave_is_no_exposure(reader: ReplyReader) -> None:
    """Asking whether tanning is allowed is a question and holds nothing."""
    reading = reader.read("can I get a spray tan before my laser")

    assert reading.label is Label.QUESTION
    assert reading.exposures == ()


def test_proxy_never_clears(reader: ReplyReader) -> None:
    """Good news from somebody else is unclear."""
    reading = reader.read("this is her husband, she is fine")

    assert reading.label is Label.UNCLEAR
    assert reading.proxy


def test_sick_child_moves_a_visit(reader: ReplyReader) -> None:
    """A fever of somebody else that moves a visit is no red flag."""
    assert reader.read("my son has a fever so I need to reschedule").label is Label.RESCHEDULE


@pytest.mark.parametrize("text", ["thanks!", "ok gracias", "Liked “How is your skin?”", "I am out of the office"])
def test_courtesy(reader: ReplyReader, text: str) -> None:
    """Thanks, automatic replies and reactions make no work."""
    reading = reader.read(text)

    assert reading.label is Label.UNCLEAR
    assert reading.courtesy


def test_photo_without_text(reader: ReplyReader) -> None:
    """A photo alone is unclear and says that there is one."""
    reading = reader.read("", media_count=1)

    assert reading.label is Label.UNCLEAR
    assert reading.media


def test_every_language_is_read(reader: ReplyReader) -> None:
    """A patient registered in English is understood in Spanish, Chinese and Arabic."""
    texts = ("tengo fiebre", "流脓了", "لا أستطيع التنفس جيدا")

    assert {reader.read(text, lang="en").label for text in texts} == {Label.URGENT}


@pytest.mark.parametrize("text", ["mam gorączkę i ropę", "ฉันมีไข้", "alles goed hoor, geen klachten"])
def test_unsupported_language_reaches_a_person(reader: ReplyReader, text: str) -> None:
    """A language without rules is never read as harmless."""
    assert reader.read(text).label not in {Label.CLEAR, Label.MILD}


@pytest.mark.parametrize("text", ["my skin is fine but glorbing", "all good except flimflam on my chin"])
def test_unknown_after_but_is_doubted(reader: ReplyReader, text: str) -> None:
    """A 'but' followed by words without a known meaning outweighs the good news."""
    assert reader.read(text).label is Label.CONCERN


def test_call_me(reader: ReplyReader) -> None:
    """A wish to be called is a concern that says so."""
    reading = reader.read("can a nurse call me", question=Question.STATE)

    assert reading.label is Label.CONCERN
    assert reading.call_me


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
    ("lang", "text"),
    [
        ("ja", "3週間経ってもまだかなり赤いです"),
        ("zh", "三个星期了还是很红"),
        ("ko", "3주 지났는데 아직도 많이 빨개요"),
        ("vi", "3 tuần rồi mà vẫn còn rất đỏ"),
        ("tl", "3 linggo na pero sobrang pula pa rin"),
        ("ru", "прошло 3 недели, всё ещё очень красное"),
        ("uk", "минуло 3 тижні, досі дуже червоне"),
        ("ar", "مرت ثلاثة أسابيع ولا يزال أحمر جدا"),
        ("ht", "3 semèn pase li toujou wouj anpil"),
        ("hi-Latn", "3 hafte ho gaye abhi bhi bahut laal hai"),
    ],
)
def test_a_strong_sign_is_no_mild_one(reader: ReplyReader, lang: str, text: str) -> None:
    """Very red for weeks worries in every shipped language."""
    assert reader.read(text, lang=lang).label is Label.CONCERN


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Thank you for your message. Our office hours are 9-6. If this is an emergency dial 911."),
        ("es", "Gracias por su mensaje. Nuestro horario es de 9 a 6. Si es una emergencia marque 911."),
        ("es", "Ahora mismo no puedo hablar. Te llamo luego."),
    ],
)
def test_an_automatic_answer_is_no_alarm(reader: ReplyReader, lang: str, text: str) -> None:
    """The advice that an answering machine gives to whoever calls it pages nobody."""
    reading = reader.read(text, lang=lang)
    assert (reading.label, reading.courtesy) == (Label.UNCLEAR, True)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "keep greying out when i stand up"),
        ("en", "dont think ill be around much longer, whats the point"),
        ("en", "i took the whole box of tablets"),
        ("en", "wish i just wouldnt wake up"),
        ("en", "laser hit my eyelid and i see a dark spot"),
        ("es", "se me nubla todo cuando me paro"),
        ("es", "no siento medio cuerpo"),
        ("es", "me salieron bombas de agua donde pasó el láser"),
    ],
)
def test_alarms_in_other_words(reader: ReplyReader, lang: str, text: str) -> None:
    """Fainting, a wish to die, an eye in the beam, half a body that is numb, and blisters that are called bombs."""
    assert reader.read(text, lang=lang).label is Label.URGENT


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
    ("lang", "text"),
    [
        ("en", "this is an emergency call 911"),
        ("en", "emergency, call 911 please"),
        ("en", "cant tell where i am"),
        ("en", "im dying for the love of god"),
        ("es", "es una emergencia llame al 911"),
        ("es", "no puedo hablar, le escribo porque se me durmio la cara"),
        ("es", "ahora no puedo hablar"),
        ("es", "ahora mismo no puedo hablar bien"),
    ],
)
def test_nearly_an_idiom_is_an_alarm(reader: ReplyReader, lang: str, text: str) -> None:
    """A patient's own call for help is no answering machine, and half an idiom is none."""
    assert reader.read(text, lang=lang).label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "yes ill be around tomorrow", Label.UNCLEAR),
        ("en", "wish the baby wouldnt wake up", Label.UNCLEAR),
        ("en", "i eat 8 when i eat 8 cookies all good", Label.CLEAR),
        ("es", "si como 8 tacos me siento bien", Label.CLEAR),
        ("es", "no entiendo qué tengo en la piel", Label.CONCERN),
        ("es", "no entiendo qué tengo que contestar", Label.HELP),
    ],
)
def test_nearly_an_alarm_is_none(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """Everyday talk that shares words with an alarm is none; a worry that shares words with help stays a worry."""
    assert reader.read(text, lang=lang).label is label


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
        ("es", "mejor ya no me avisen por aquí"),
        ("es", "bájenle a los mensajes, o mejor ninguno"),
        ("es", "no autorizo que me contacten"),
        ("es", "este número ya no lo usen"),
        ("es", "me salgo"),
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
        ("es", "me salgo del trabajo a las 5"),
        ("es", "ya basta de pelarme jaja"),
        ("es", "apaga esto que arde"),
    ],
)
def test_nearly_an_opt_out(reader: ReplyReader, lang: str, text: str) -> None:
    """Words of stopping that speak of skin, creams or visits end no messages."""
    assert not reader.read(text, lang=lang).opt_out


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "thought i had an infection but it was just dry skin", Label.MILD),
        ("en", "if i saw pus id call you, there's none", Label.CLEAR),
        ("en", "thought it was infected and it is", Label.URGENT),
        ("en", "thought it was just dry skin but it turned out infected", Label.URGENT),
        ("es", "pensé que era pus pero era pura crema, todo bien", Label.CLEAR),
        ("es", "pensé que era pus y sí es", Label.URGENT),
    ],
)
def test_taken_for_a_sign(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """What was taken for a sign and turned out to be none alarms nobody; without that turn it alarms."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "open sore where the scab dropped off"),
        ("en", "blisters came up after the dressing fell off"),
        ("en", "redness spread after the swelling went down"),
        ("es", "pus donde se cayó la costra y ya no está"),
    ],
)
def test_something_else_is_gone(reader: ReplyReader, lang: str, text: str) -> None:
    """A scab that fell off takes no sore with it: what is gone behind "where" or "after" is not the sign before it."""
    assert reader.read(text, lang=lang).label is Label.URGENT


@pytest.mark.parametrize("text", ["can't tell in this light", "cant tell if its healed", "can't really tell you"])
def test_cannot_tell(reader: ReplyReader, text: str) -> None:
    """Who cannot tell has not said that the skin is well, as "can't tell which side was done" has."""
    assert reader.read(text).label is Label.UNCLEAR
    assert reader.read("cant tell which side was done").label is Label.CLEAR


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("zh", "皮肤已经完全恢复，没有红也没有痛", Label.CLEAR),
        ("ja", "ちょっと赤みが残っていますが、痛みはありません", Label.MILD),
        ("ar", "أريد تأجيل موعدي إلى الأسبوع القادم", Label.RESCHEDULE),
        ("ar", "لقد شفيت تماما ولا يوجد احمرار", Label.CLEAR),
        ("ar", "ينزل دم من خدي", Label.URGENT),
    ],
)
def test_scripts_without_word_ends(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """Signs that Chinese and Japanese share keep their denial, and blood is not the end of another Arabic word."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "its oozing. no, i havent called anyone", Label.URGENT),
        ("en", "oozing. no, i havent called anyone", Label.URGENT),
        ("es", "el doctor dijo que es celulitis. nada, todo bien", Label.URGENT),
        ("en", "its oozing, no, havent called", Label.URGENT),
        ("en", "theres pus, no", Label.URGENT),
        ("en", "pus? no. fever? no", Label.CLEAR),
        ("en", "fever: no, pus: none", Label.CLEAR),
        ("en", "fever. none. pus. none.", Label.CLEAR),
    ],
)
def test_a_denial_parted_by_a_stop(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """A "no" behind a statement's comma or full stop denies nothing; behind a question or a bare name it does."""
    assert reader.read(text, lang=lang).label is label
