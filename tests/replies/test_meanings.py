"""Meanings, one by one: signs together, figures of speech, people, scripts, flags."""

import pytest

from domain.replies import Label, Question, ReplyReader


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


def test_call_me(reader: ReplyReader) -> None:
    """A wish to be called is a concern that says so."""
    reading = reader.read("can a nurse call me", question=Question.STATE)

    assert reading.label is Label.CONCERN
    assert reading.call_me


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
    ("lang", "text"),
    [
        ("en", "this is an emergency call 911"),
        ("en", "emergency, call 911 please"),
        ("en", "cant tell where i am"),
        ("en", "im dying for the love of god"),
        ("es", "es una emergencia llame al 911"),
        ("es", "no puedo hablar, le escribo porque se me durmio la cara"),
        ("es", "me he levantado con treinta y nueve y medio"),
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
        ("es", "fui a quitarme marcas y quedé bien", Label.CONCERN),
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
    ("text", "rule"),
    [
        ("everything thru my left eye is like a steamed up windshield, no biggie", "en.sight.change"),
        ("cut myself last night, on purpose, arms this time", "en.mind.self_harm"),
        ("cut myself again shaving", "en.wound.injury"),
        ("se me puso negrito un pedazo de la nariz", "es.colour.black"),
        ("me sangra la cara desde ayer y no hay forma de parar la sangre", "es.bleeding.strong"),
        ("estoy dando seno todavía, eso no lo dije en la consulta", "es.hold.pregnant"),
        ("forehead got fried snowboarding w no spf, feels tight", "en.hold.tan"),
        ("found out im allergic to nickel, patch test lit up like a christmas tree", "en.reaction.any"),
        ("se me entumió el cachete y ya lleva días así, no es dolor", "es.skin.numb"),
    ],
)
def test_signs_in_other_words(reader: ReplyReader, text: str, rule: str) -> None:
    """What worries is found by its meaning, and under the rule that tells staff what it is."""
    assert reader.read(text).rule == rule


@pytest.mark.parametrize(
    "text",
    [
        "my heart is up to something new, the cheeks look good so im happy",
        "all healed and lovely, though the left eye has started a life of its own",
        "piel divina, aunque la garganta anda con sus cosas",
    ],
)
def test_grave_parts_are_never_passed_over(reader: ReplyReader, text: str) -> None:
    """Good news of the skin does not cover words about eyes, heart or throat that no rule knows."""
    assert reader.read(text).label is Label.URGENT


def test_on_fire_at_work(reader: ReplyReader) -> None:
    """Who is on fire at work is well; a face that is on fire at work is not."""
    assert reader.read("im on fire at work lately and my skin is flawless").label is Label.CLEAR
    assert reader.read("my face is on fire at work since the peel").label is Label.CONCERN


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Loved an image", Label.UNCLEAR),
        ("Loved an image. my lips are swelling", Label.URGENT),
        ("held a towel on it half an hour and the blood's come straight through", Label.URGENT),
        ("been seein stars since lunch", Label.URGENT),
        ("from 1 to 10? six. no, five and three quarters", Label.CONCERN),
    ],
)
def test_words_around_a_meaning(reader: ReplyReader, text: str, label: Label) -> None:
    """Text after a tapped reaction, "heart's", a dropped g and a named scale hide no meaning and make none up."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Skin is lovely, the road has grown feathers", Label.CONCERN),
        ("a bit dry, the doorbell grows feathers", Label.CONCERN),
        ("a bit dry round the nostrils, lotion sorts it", Label.MILD),
        ("Skin is lovely. We counted all the stairs of the church", Label.CONCERN),
        ("Skin is lovely. Thanks for checking in, see you on Tuesday", Label.CLEAR),
        ("ya sanó todo. gracias por preguntar", Label.CLEAR),
    ],
)
def test_each_clause_has_to_be_understood(reader: ReplyReader, text: str, label: Label) -> None:
    """Good news or a mild sign stands for no clause without an explanation, and for no sentence of something else."""
    assert reader.read(text).label is label
