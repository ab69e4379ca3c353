"""Everyday words that look like danger and are none."""

import pytest

from domain.replies import Label, ReplyReader


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "that's why I'm in Spain till Friday, move the laser please"),
        ("en", "freckles from my chest to my jaw, as always"),
        ("en", "the wind was blowing down the road, skin is dry"),
        ("en", "I've had a hundred and one things on, skin healed"),
        ("en", "9 out of 10 days my skin itches"),
        ("en", "sore, a 7 year old headbutted me"),
        ("en", "what if I get a fever tonight?"),
        ("en", "is the laser safe for dark skin"),
        ("en", "I'm in Pune until the 22nd, please move my appointment"),
        ("en", "the bus after three is hopeless, can I swap to the morning"),
        ("en", "which clinic is this, I go to two of them"),
        ("en", "sunbeds three times this week, skin feels good"),
        ("en", "I feel nothing on my face, no pain, all normal"),
        ("es", "tenéis hueco por la tarde otro día?"),
        ("es", "no llego el viernes, parió la gata"),
        ("es", "un poquito seca cuando hace aire"),
        ("en", "I will not be here on Friday"),
        ("en", "I won't be around after tomorrow, on holiday until the 5th"),
        ("en", "my face and arms got really dark from the sun"),
        ("en", "I want to end the subscription to these texts"),
        ("en", "my little one counted them: fourteen bumps"),
    ],
)
def test_words_of_everyday_that_look_like_danger(reader: ReplyReader, lang: str, text: str) -> None:
    """Places, people, free hours and the wind are no red flags, nor is one that is only asked about."""
    assert reader.read(text, lang=lang).label is not Label.URGENT
