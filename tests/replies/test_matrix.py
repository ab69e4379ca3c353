"""Body part by sign, and sign by what is said around it: a meaning is read wherever it stands."""

import pytest

from domain.replies import Label, ReplyReader

PARTS = ("cheek", "chin", "forehead", "nose", "jaw", "lip", "neck", "temple", "ear", "mouth", "face", "skin", "eyelid")
PARTES = (
    *("el cachete", "la mejilla", "la frente", "la nariz", "la mandíbula", "el labio", "el cuello", "la sien"),
    *("la oreja", "la boca", "la cara", "la piel", "el mentón", "la barbilla", "el pómulo", "el párpado"),
)
ALARMS = (
    *("I have a fever", "I've had chills", "I threw up", "I fainted", "I passed out", "I feel faint"),
    *("I can't breathe properly", "I'm short of breath", "my throat is tight", "my tongue is swollen"),
    *("my lips are swelling", "my chest hurts", "my heart is racing", "I'm confused", "I can't see properly"),
    *("my vision is blurry", "I see floaters", "my eye hurts", "my eye is red", "light hurts my eyes"),
    *("I have blisters", "there is pus", "it is oozing", "it smells bad", "there's yellow crust"),
    *("it won't stop bleeding", "it's bleeding a lot", "the redness is spreading", "red streaks on my cheek"),
    *("my cheek is hot and hard", "my skin turned black", "my skin turned white and leathery"),
    *("I have a cold sore", "the pain is unbearable", "my face is really swollen", "my face is drooping"),
    *("I want to die", "I can't go on like this", "green stuff comes out", "it's raw and open"),
)
AROUND = (
    *("{} for two days", "{} since last night", "{} since this morning", "{} when I stand up", "{} at night"),
    *("{} again", "{} lol", "{} today", "{} and I don't know why", "{} but otherwise all good"),
    *("{}, skin is great though", "{} so I can't come in tomorrow", "{} every morning", "{} if I lie down"),
    *("{} after the shower", "{} here and there", "{} on one side", "{} haha no big deal"),
    *("{} but I'm not worried", "{} but my husband says it's fine", "honestly {}", "just fyi {}", "so {}"),
    *("healed up nicely, {} though", "no pain but {}", "all good except {}", "everything is fine, {}"),
    *("skin looks amazing and {}", "since yesterday {}", "not a big deal but {}", "probably nothing but {}"),
    *("I think {}", "idk but {}", "ok so {}", "yes. {}", "no. {}", "thanks! {}", "{}, is that normal?"),
    *("is it normal that {}?", "{} and it's not going away", "{} only at night", "{} right after the cream"),
    *("{} at work", "{} over the weekend", "my mom says {}", "guess {}", "do I still come in if {}"),
    *("stop texting me {}",),
)
ALARMAS = (
    *("tengo fiebre", "tengo escalofríos", "vomité", "me desmayé", "casi me desmayo", "no puedo respirar bien"),
    *("me falta el aire", "tengo la garganta cerrada", "se me hinchó la lengua", "tengo los labios hinchados"),
    *("me duele el pecho", "tengo el corazón acelerado", "estoy confundida", "no veo bien", "veo borroso"),
    *("veo moscas volantes", "me duele el ojo", "tengo el ojo rojo", "me molesta la luz", "tengo ampollas"),
    *("me sale pus", "me supura", "huele mal", "tengo costra amarilla", "no para de sangrar", "sangra mucho"),
    *("el rojo se está extendiendo", "tengo rayas rojas en la mejilla", "tengo la mejilla caliente y dura"),
    *("la piel se puso negra", "la piel se puso blanca", "me salió un fuego en el labio"),
    *("el dolor es insoportable", "tengo la cara muy hinchada", "se me cae un lado de la cara"),
    *("me quiero morir", "no quiero vivir", "sale líquido verde", "está en carne viva"),
)
ALREDEDOR = (
    *("{} desde hace dos días", "{} desde anoche", "{} cuando me levanto", "{} de noche", "{} otra vez"),
    *("{} jaja", "{} hoy", "{} y no sé por qué", "{} pero lo demás bien", "{}, la piel divina eso sí"),
    *("{} así que no puedo ir mañana", "{} cada mañana", "{} si me acuesto", "{} después de bañarme"),
    *("{} de un lado", "{} pero no me preocupa", "{} pero mi esposo dice que es normal", "la verdad {}"),
    *("oye {}", "ya sané bien, {}", "no me duele pero {}", "todo bien, {}", "la piel preciosa y {}"),
    *("desde ayer {}", "nada grave pero {}", "capaz no es nada pero {}", "creo que {}", "no sé pero {}"),
    *("sí. {}", "no. {}", "gracias! {}", "{}, ¿es normal?", "¿es normal que {}?", "{} y no se me quita"),
    *("{} cada día más", "{} por ratos", "{} en el trabajo", "{} el fin de semana", "mi mamá dice que {}"),
    *("{} con el calor", "ya no me escriban {}", "{} como al principio", "{} igual que la primera noche"),
)
HINDERED = (
    *("I can't {}", "hard to {}", "I can barely {}", "unable to {}", "I couldn't {}", "it's getting harder to {}"),
    *("I find it difficult to {}", "struggling to {}", "is it normal that I can't {}?", "why can't I {}"),
)
ACTS = (
    *("swallow", "breathe", "open my mouth", "close my eye", "move half my face", "stand up", "stay awake"),
    *("think straight", "turn my neck", "feel my legs", "lift my arm", "get enough air", "keep anything down"),
)
IMPEDIDO = (
    *("no puedo {}", "me cuesta {}", "tengo dificultad para {}", "batallo para {}", "apenas puedo {}"),
    *("casi no puedo {}", "no logro {}", "es normal que no pueda {}?", "cada vez me cuesta más {}"),
)
ACTOS = (
    *("tragar", "respirar", "abrir la boca", "cerrar el ojo", "mover media cara", "ponerme de pie"),
    *("pensar con claridad", "girar el cuello", "sentir las piernas", "agarrar aire", "pasar saliva", "ver bien"),
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
    "text",
    ["my lips are swelling", "lips swelling", "swelling of my lips", "my upper lip is puffy", "lips like hot dogs"],
)
def test_lips_that_swell(reader: ReplyReader, text: str) -> None:
    """Swollen lips may be the beginning of an allergic shock."""
    assert reader.read(text).emergency


@pytest.mark.parametrize(
    ("lang", "hindered", "acts"), [("en", HINDERED, ACTS), ("es", IMPEDIDO, ACTOS)], ids=["en", "es"]
)
def test_what_the_body_can_hardly_do(
    reader: ReplyReader, lang: str, hindered: tuple[str, ...], acts: tuple[str, ...]
) -> None:
    """Who can hardly swallow, breathe, see, stand or move is in an emergency, whichever words are used for either."""
    texts = [way.format(act) for way in hindered for act in acts]

    assert [text for text in texts if reader.read(text, lang=lang).label is not Label.URGENT] == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I can't see any redness"),
        ("en", "no trouble swallowing or breathing"),
        ("en", "can barely see any marks now"),
        ("en", "hard to talk now, I'm in a meeting"),
        ("en", "can't talk, at work"),
        ("en", "can't walk past a mirror without smiling"),
        ("en", "can't speak highly enough of you"),
        ("es", "no tengo problemas para tragar"),
        ("es", "no puedo ver ninguna marca"),
    ],
)
def test_what_is_done_without_trouble(reader: ReplyReader, lang: str, text: str) -> None:
    """The same words without a hindrance, or of a busy day, worry nobody."""
    assert reader.read(text, lang=lang).label not in WORRYING


@pytest.mark.slow
@pytest.mark.parametrize("around", AROUND)
def test_an_alarm_whatever_is_said_around_it(reader: ReplyReader, around: str) -> None:
    """Time, place, jokes, good news, doubt and other wishes around an alarm lower it in nothing."""
    texts = [around.format(alarm) for alarm in ALARMS]

    assert [text for text in texts if reader.read(text).label is not Label.URGENT] == []


@pytest.mark.slow
@pytest.mark.parametrize("around", ALREDEDOR)
def test_an_alarm_whatever_is_said_around_it_in_spanish(reader: ReplyReader, around: str) -> None:
    """The same in Spanish."""
    texts = [around.format(alarm) for alarm in ALARMAS]

    assert [text for text in texts if reader.read(text, lang="es").label is not Label.URGENT] == []
