"""What presses: a concern that began today is no matter for tomorrow."""

import pytest

from domain.replies.reader import ReplyReader
from domain.replies.reading import Label
from domain.replies.rulebook import RuleBook


@pytest.mark.parametrize(
    ("lang", "concern", "pressing"),
    [
        ("en", "my cheek hurts", "my cheek hurts since last night"),
        (
            "en",
            "the cheek is puffy",
            "the cheek is puffy and my necklace is on my neck still, came out of nowhere this morning",
        ),
        (
            "en",
            "theres a little hole by my nose that wont close",
            "theres a little hole by my nose that wont close, third towel",
        ),
        ("en", "it keeps getting worse", "it keeps getting worse, slept two hours"),
        ("es", "me duele el cachete", "me duele el cachete desde anoche"),
        ("es", "tengo una heridita que no cierra", "tengo una heridita que no cierra y moja la almohada"),
    ],
)
def test_a_concern_that_presses_is_urgent(reader: ReplyReader, lang: str, concern: str, pressing: str) -> None:
    """The same sign waits for the next working day, or does not where it is of today or soaks a towel."""
    assert reader.read(concern, lang=lang).label is Label.CONCERN
    assert reader.read(pressing, lang=lang).label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I used retinol yesterday"),
        ("en", "got a bit of a tan this morning"),
        ("en", "could somebody call me today"),
        ("en", "my scar has gone thick and lumpy, my sister said today"),
        ("es", "ayer me puse retinol"),
        ("es", "¿me pueden llamar hoy?"),
    ],
)
def test_holds_calls_and_slow_changes_do_not_press(reader: ReplyReader, lang: str, text: str) -> None:
    """An exposure of yesterday, a wish to be called today and pigment wait for the next working day."""
    assert reader.read(text, lang=lang).label is Label.CONCERN


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "All healed, saw your text this morning"),
        ("en", "no redness since yesterday, all good"),
        ("en", "tiny bit dry today"),
        ("en", "I'd give my right arm for skin like this, all healed"),
        ("en", "no swelling, no fever, eyes are good, healed"),
        ("es", "todo bien hoy, sin molestias"),
    ],
)
def test_good_news_of_today_is_good_news(reader: ReplyReader, lang: str, text: str) -> None:
    """The words alone are no sign: a harmless reply of today is harmless."""
    assert reader.read(text, lang=lang).label in {Label.CLEAR, Label.MILD}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "my right hand keeps dropping the mug, face is great"),
        ("en", "skin is lovely. odd thing since lunchtime with the letters on my screen"),
        ("en", "the patch was by my nose at breakfast, now its halfway to my ear"),
        ("en", "Skin is fine. I go to bed hoping I wont wake up"),
        ("es", "la cara bien, a veces quisiera no despertar"),
        ("es", "la piel está bien. desde anoche tengo algo raro al tragar"),
    ],
)
def test_what_no_rule_knows_is_urgent_where_it_presses(reader: ReplyReader, lang: str, text: str) -> None:
    """Beside good news of the skin, a sentence of today, of a hand or of death is not passed over."""
    assert reader.read(text, lang=lang).label is Label.URGENT


def test_a_sign_that_is_only_imagined_does_not_press(reader: ReplyReader) -> None:
    """Who asks what to do if it happens tonight has nothing tonight."""
    assert reader.read("what if I get a fever tonight?", lang="en").label is not Label.URGENT


def test_the_words_that_press_are_shown(reader: ReplyReader) -> None:
    """Staff sees the sign and the words for which it does not wait."""
    reading = reader.read("my cheek hurts since last night", lang="en")
    assert reading.rule == "en.skin.pain.pressing"
    assert reading.matched == "hurts + since last night"


def test_another_clinic_gives_way_to_an_opt_out_and_holds_the_gate(reader: ReplyReader) -> None:
    """Who goes elsewhere and wants no texts has told no sign; the other treatment is kept for the gate."""
    reading = reader.read("I go somewhere else now, no more texts", lang="en")
    assert (reading.label, reading.exposures) == (Label.OPT_OUT, ("other_treatment",))


@pytest.mark.parametrize(
    "text",
    [
        "please call me instead, no more texts",
        "no more texts, my skin looks weird",
    ],
)
def test_a_worry_gives_way_to_no_opt_out(reader: ReplyReader, text: str) -> None:
    """A gate that is open shuts for a worry or a wish to be called, whatever else is wanted."""
    reading = reader.read(text, lang="en")
    assert (reading.label, reading.opt_out) == (Label.CONCERN, True)


def test_a_sign_gives_way_to_no_opt_out(reader: ReplyReader) -> None:
    """A dark patch beside an opt-out is a concern, and the texts end."""
    reading = reader.read("stop texting me. there is a dark patch on my cheek", lang="en")
    assert (reading.label, reading.opt_out) == (Label.CONCERN, True)


def test_every_beginning_is_one_of_a_rule(reply_rules: RuleBook) -> None:
    """A misspelled beginning would let a rule press, or hide an opt-out."""
    ids = [*(rule.id for rule in reply_rules.rules), "doubt.unexplained_clause", "doubt.unexplained_words"]
    beginnings = reply_rules.unhurried + reply_rules.yielding
    assert [one for one in beginnings if not any(rule.startswith(one) for rule in ids)] == []


def test_every_language_that_has_words_that_press_has_the_words_of_its_rules(reply_rules: RuleBook) -> None:
    """The complete languages have all concepts that press."""
    for lexicon in reply_rules.lexicons:
        if lexicon.language in {"en", "es"}:
            assert sorted(reply_rules.pressing - lexicon.concepts.keys()) == []


@pytest.mark.parametrize("text", ["my cheek hurts, no green stuff", "my cheek hurts. nothing on the pillow"])
def test_what_is_denied_presses_nothing(reader: ReplyReader, text: str) -> None:
    """A sign without the towels and pillows waits for the next working day."""
    assert reader.read(text, lang="en").label is Label.CONCERN


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("They don't see me at four in the morning. It gets worse", "en.skin.worse.pressing"),
        ("the pink was by my nose at breakfast, already at my ear", "en.doubt.moved"),
        ("skin great. my belly is rock hard", "en.doubt.pressing"),
        ("It is 102 only, I have taken Crocin. Cheek is tight and shining", "doubt.silent_sentence.pressing"),
        ("cold sore coming up right where you did it, had one years ago", "en.blister.cold_sore_again"),
    ],
)
def test_each_way_to_press(reader: ReplyReader, text: str, rule: str) -> None:
    """Nights cannot be denied, a patch moves since breakfast, a belly is no skin, a doubt has a medicine beside it."""
    assert reader.read(text, lang="en").rule == rule


def test_an_itch_that_no_tablet_ends_is_no_pain(reader: ReplyReader) -> None:
    """Antihistamines that do not help the rash are no painkillers."""
    assert reader.read("itchy rash for days, antihistamine doesnt touch it", lang="en").label is Label.CONCERN
    assert reader.read("my cheek aches, paracetamol doesnt touch it", lang="en").label is Label.URGENT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "since this morning im back at work, skin good"),
        ("en", "phone was dead since yesterday, skin is lovely"),
        ("es", "desde la mañana ando corriendo, la piel bien"),
    ],
)
def test_a_day_like_others_is_no_onset(reader: ReplyReader, lang: str, text: str) -> None:
    """Work, a journey or a dead phone since this morning is no sign."""
    assert reader.read(text, lang=lang).label is Label.CLEAR
