"""Denied, feared, gone, or somebody else's: how a sign stands in its sentence."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("no pus but it smells", Label.URGENT),
        ("no fever, swollen cheek and it hurts a lot", Label.URGENT),
        ("no pain, redness or swelling", Label.CLEAR),
        ("not red, sore or swollen", Label.CLEAR),
        ("Nope, no fever, no leaking, no bumps", Label.CLEAR),
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


@pytest.mark.parametrize("text", ["my skin is fine but glorbing", "all good except flimflam on my chin"])
def test_unknown_after_but_is_doubted(reader: ReplyReader, text: str) -> None:
    """A 'but' followed by words without a known meaning outweighs the good news."""
    assert reader.read(text).label is Label.CONCERN


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
        ("en", "she's boiling, the side of her face has gone an awful colour"),
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


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my sister had botox elsewhere, my skin is perfect", Label.CLEAR),
        ("my sister had botox and so did i, my skin is good", Label.CONCERN),
        ("my mom got me a chemical peel last week, all good here", Label.CONCERN),
        ("i was convinced it would get infected but it never did, my skin is perfect", Label.CLEAR),
        ("i was worried it might be infected and it is", Label.URGENT),
        ("kept checking for pus and found some this morning", Label.URGENT),
        ("the blister ended up open", Label.URGENT),
        ("the flaking quit after a week, completely healed now", Label.CLEAR),
    ],
)
def test_what_others_had_and_what_never_came(reader: ReplyReader, text: str, label: Label) -> None:
    """Another's treatment and a fear that did not come true hold nothing up; the writer's own, and one that did, do."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hot face the first night only, calm ever since, healed", Label.CLEAR),
        ("swelled up like a pufferfish that first night, all gone by breakfast", Label.CLEAR),
        ("la primera semana parecia un tomate, ahora piel perfecta", Label.CLEAR),
        ("hot face the first night and it never really stopped", Label.CONCERN),
        ("red and swollen since the first night", Label.CONCERN),
        ("my cheek was fine the first week, now it is red and swollen", Label.CONCERN),
        ("pus the first few days, gone now, all good", Label.CONCERN),
        ("blisters came up the first night and they are still here, skin looks good otherwise", Label.URGENT),
        ("hinchada desde la primera noche", Label.CONCERN),
        ("since last night one side is puffy and hot, the rest is perfect", Label.URGENT),
        ("last week one cheek was fine, now it is hot and swollen", Label.URGENT),
    ],
)
def test_the_first_days(reader: ReplyReader, text: str, label: Label) -> None:
    """What the first days bring to everybody and is over calls nobody; what began then and stays does."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        "no blisters no blisters no blisters... and then last night, four of them",
        "no fever until last night",
        "not a drop of blood for weeks and now it wont stop",
        "kept waiting for that cold sore and guess who showed up this morning",
        "nunca tuve ampollas hasta esta mañana",
    ],
)
def test_a_denial_that_ends(reader: ReplyReader, text: str) -> None:
    """A sign that was never there until now is there now."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("thought I saw pus, turned out to be toothpaste lol. Everything healed", Label.CLEAR),
        ("pensé que sangraba y era salsa de tomate, estoy completamente bien", Label.CLEAR),
        ("thought it was makeup but it was blood", Label.URGENT),
        ("the crust was mustard yellow", Label.URGENT),
        ("creí que era maquillaje pero sangra", Label.URGENT),
    ],
)
def test_what_it_really_was(reader: ReplyReader, text: str, label: Label) -> None:
    """Toothpaste taken for pus is no pus; pus taken for toothpaste, or with its colour, is."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("bit of pus this morning but I squeezed it and it's fine now", Label.URGENT),
        ("fainted an hour ago, fine now", Label.URGENT),
        ("anoche tuve escalofríos, ya se me pasó", Label.URGENT),
        ("there was pus in the first week, it's gone now", Label.CONCERN),
        ("no pus this morning, healed", Label.CLEAR),
    ],
)
def test_a_red_flag_of_today_is_not_over(reader: ReplyReader, text: str, label: Label) -> None:
    """Who fainted this morning or had pus last night is called today, however well they feel now."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        "my right hand keeps dropping things, must be the pillow",
        "vision is blurry, must be my mascara",
        "my face is oozing, I think just the cream",
        "blisters on my lip, probably just the toothpaste",
        "red streaks on my cheek, maybe only the pillow",
        "veo borroso, ha de ser el rímel",
        "me sale líquido amarillo, debe ser solo la crema",
    ],
)
def test_a_guess_at_the_cause_denies_nothing(reader: ReplyReader, text: str) -> None:
    """What a patient only supposes to be the cause of a red flag turns no alarm off."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    "text",
    [
        *("my left eye has gone blurry since yesterday", "skin gone black at the edge"),
        *("it's swollen and gone quite hot", "the redness has gone right down my neck since this morning"),
    ],
)
def test_gone_may_mean_became(reader: ReplyReader, text: str) -> None:
    """A sign behind "gone" has come, not left."""
    assert reader.read(text).label is Label.URGENT


def test_relief_is_awaited(reader: ReplyReader) -> None:
    """Who waits for a sign to go still has it."""
    assert reader.read("I was waiting for the swelling to go down and it hasnt").label is Label.CONCERN


def test_expected_one_thing_got_another(reader: ReplyReader) -> None:
    """'Expected to peel but not to bleed' says that it bleeds."""
    assert reader.read("I expected to peel but not to bleed").label is Label.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "mi mujer está desorientada y con calentura, yo le contesto. mi piel quedó perfecta",
        "mi mamá dice incoherencias y tiene la cara hinchada. todo lo demás normal, yo bien",
        "mum is talking nonsense since lunch, im fine and healed",
    ],
)
def test_grave_signs_are_the_patients(reader: ReplyReader, text: str) -> None:
    """Confusion and collapse are taken for the patient's, whoever is said to have them."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("any pus? no", Label.CLEAR),
        ("crusty? no lol", Label.CLEAR),
        ("did the nurse ask why i still have pus? no", Label.URGENT),
    ],
)
def test_what_a_no_answers(reader: ReplyReader, text: str, label: Label) -> None:
    """A "no" answers a short question that names a sign, not a long one that asks something else."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tiny wet bubbles under my nose, same as I used to get before exams",
            "healed, minus the one place that weeps",
        ),
        *("short of breath tonight, cheeks are healed", "they said I might, and now my face has blisters"),
        "read about infections because mine is oozing pus",
        "seguro no es nada pero veo doble desde esta mañana. Better than before I walked in, hand on heart",
    ],
)
def test_what_is_over_or_imagined_is_another_thing(reader: ReplyReader, text: str) -> None:
    """Words for what is over, imagined or denied lower only the sign that they are said of."""
    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I'd no pus last time you asked. I do now", Label.URGENT),
        ("no fever. Well, there is now", Label.URGENT),
        ("my acne has gone nuts since the treatment", Label.CONCERN),
    ],
)
def test_a_denial_that_is_over(reader: ReplyReader, text: str, label: Label) -> None:
    """The next sentence may end a denial, and what has gone mad is not gone."""
    assert reader.read(text).label is label


def test_not_liking_a_sign_is_no_denial(reader: ReplyReader) -> None:
    """Who does not like the red line has the red line."""
    text = "All good! My neighbor's a nurse and doesn't like the red line running from my cheek down my neck"

    assert reader.read(text).label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text", "label"),
    [
        ("en", "can't walk two steps without getting breathless", Label.URGENT),
        ("es", "no doy ni dos pasos sin ahogarme", Label.URGENT),
        ("en", "cant have a drink without the rosacea kicking off again", Label.CONCERN),
        ("en", "no pain without redness", Label.CLEAR),
        ("es", "no tengo dolor ni rojez, sin molestias", Label.CLEAR),
    ],
)
def test_what_never_goes_without_a_sign_has_it(reader: ReplyReader, lang: str, text: str, label: Label) -> None:
    """Who can do nothing without a sign has the sign; a list without it has none."""
    assert reader.read(text, lang=lang).label is label


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "No blisters. Well, four. Do four count?"),
        ("en", "no pus. well, a bit"),
        ("es", "ampollas no. bueno, dos chiquitas. y una no tan chiquita"),
    ],
)
def test_a_denial_that_is_taken_back(reader: ReplyReader, lang: str, text: str) -> None:
    """Who counts what was just denied has it."""
    assert reader.read(text, lang=lang).label is Label.URGENT


@pytest.mark.parametrize("text", ["no blisters. well, a bit dry", "no pus, just a little pink"])
def test_a_denial_that_another_sign_follows(reader: ReplyReader, text: str) -> None:
    """A mild sign behind the denial takes nothing back."""
    assert reader.read(text).label is Label.MILD


@pytest.mark.parametrize(
    "text", ["swelling still there, done on Monday", "the swelling is still here, had it done Monday"]
)
def test_a_sign_that_is_still_there(reader: ReplyReader, text: str) -> None:
    """The treatment is done, the sign is not."""
    assert reader.read(text).label is Label.CONCERN
