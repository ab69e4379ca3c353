"""Words of self-harm, and everyday words that are none."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    "text", ["i want to die", "quiero morirme", "veux mourir", "pa qué seguir viviendo con esta cara"]
)
def test_self_harm(reader: ReplyReader, text: str) -> None:
    """Words of self-harm are an emergency of their own kind in every language."""
    reading = reader.read(text, lang="en")

    assert reading.label is Label.URGENT
    assert reading.self_harm
    assert reading.emergency


@pytest.mark.parametrize(
    "text", ["she said she wants to die", "dice que se quiere morir", "mum doesnt want to be here anymore"]
)
def test_self_harm_told_by_another(reader: ReplyReader, text: str) -> None:
    """Words of self-harm count in the third person too."""
    assert reader.read(text).self_harm


MEANS = ("pills", "tablets", "my meds", "the razor blades")
TOYING = (
    "I keep counting {} at night, skin is fine",
    "been lining up {}",
    "I've been saving {} up",
    "{} laid out ready",
)


@pytest.mark.parametrize("frame", TOYING)
def test_means_of_harm_and_what_is_done_with_them_are_an_alarm(reader: ReplyReader, frame: str) -> None:
    """Who counts, saves or lays out a means of harm is in danger, in whatever words and beside whatever good news."""
    readings = {means: reader.read(frame.format(means)) for means in MEANS}

    assert [means for means, reading in readings.items() if not (reading.self_harm and reading.emergency)] == []


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to be in this world",
        "I don't want to be a burden to anyone anymore",
        "I've decided not to be around after tonight",
        "last night I stood at the bridge a long time",
        "took a razor to my own face last night",
        "no tiene sentido seguir",
        "I've stopped leaving the house because of the marks and I cry most days",
        "no salgo de casa y lloro todos los días",
        "I took more of my sleeping tablets than I should have tonight",
        "anoche me tomé más pastillas de las debidas",
        "I won't be here much longer",
        "I said goodbye to my kids",
        "won't need the laser, I won't be around by then",
        "please take me off the list, I'm not planning to be alive by then",
        "estoy sola y no me fío de lo que pueda hacerme",
    ],
)
def test_words_of_leaving_are_a_crisis(reader: ReplyReader, text: str) -> None:
    """Who speaks of leaving life, or of what they did to themselves, gets the crisis text and a person at once."""
    assert reader.read(text).self_harm


@pytest.mark.parametrize(
    "text",
    [
        *("my tablets are for blood pressure, skin is good", "we crossed the bridge, skin is good"),
        *("how many tablets do I take before the laser?", "¿cuántas pastillas tomo antes del láser?"),
        *("waiting on the platform, train's late, will answer later", "sat on the pier with an ice cream"),
        *("The doctor looked at my meds and changed them", "I'm counting the days, and my pills are done"),
        *("you're better off in the shade they say", "hope the itch does not wake me tonight"),
        *("walking in front of the mirror I look great", "I hurt myself at the gym, skin is fine"),
        *("I won't be here on Friday", "won't be here after the 10th", "won't be needing the appointment, I'm healed"),
        *("no point in coming tomorrow, I'm healed", "I don't see the point of the laser"),
        *("say goodbye to my old skin", "no tiene sentido ir mañana, ya sané", "no le veo sentido al láser"),
        *("ese día ya no voy a estar en la ciudad", "tengo el funeral de mi tía, cambien la cita"),
    ],
)
def test_everyday_words_raise_no_crisis(reader: ReplyReader, text: str) -> None:
    """A crisis text goes to nobody who only counts days, takes tablets, waits for a train or misses a visit."""
    assert not reader.read(text).self_harm
