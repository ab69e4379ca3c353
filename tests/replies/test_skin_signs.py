"""Signs of the skin: burns, colours, scars, swelling, what two words say together."""

import pytest

from domain.replies import Label, ReplyReader


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
    ("text", "label"),
    [
        *(("still swollen after 10 days", Label.URGENT), ("still swollen after 4 days", Label.CONCERN)),
        *(("a little puffy still after 10 days", Label.CONCERN), ("sigo hinchada y ya van dos semanas", Label.URGENT)),
    ],
)
def test_swelling_that_does_not_settle(reader: ReplyReader, text: str, label: Label) -> None:
    """Swelling is urgent from the sixth day on, as reference/domain.md 1.6 says, unless it is slight."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *(("my toner tingles for a second, that's all", Label.MILD), ("my cheek tingles all day", Label.CONCERN)),
        ("my cheek is a bit numb still", Label.CONCERN),
    ],
)
def test_a_moment_of_tingling_is_mild(reader: ReplyReader, text: str, label: Label) -> None:
    """Tingling for a moment is no numbness."""
    assert reader.read(text).label is label


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("fell asleep on the dock and burnt my face saturday", "en.hold.tan"),
        ("back from Ibiza, burnt to a crisp", "en.hold.tan"),
        ("me dormí en la playa y me tatemé todita", "es.hold.tan"),
        ("the laser spot got burned, and I was at the beach", "en.wound.burn_treated"),
        ("face looks like I fell asleep on an iron", "en.wound.burn"),
        ("laid out at the beach, skin burnt and blistering", "en.blister.any"),
    ],
)
def test_a_burn_by_the_sun_is_no_burn_by_the_laser(reader: ReplyReader, text: str, rule: str) -> None:
    """Sunburn holds the laser until a person has looked; a burn that we may have made is seen the same day."""
    reading = reader.read(text)

    assert reading.rule == rule
    assert reading.label is (Label.CONCERN if rule.endswith("hold.tan") else Label.URGENT)


@pytest.mark.parametrize(
    ("lang", "text", "rule"),
    [
        ("en", "doubled up on Tylenol and Advil, it's worse than when I started", "en.pain.medicated"),
        ("es", "tomé ibuprofeno y va peor", "es.pain.medicated"),
        ("en", "nicked one with my nail and it hasn't let up in 3 hours", "en.bleeding.injury"),
        ("en", "light pink still, and new white patches on my chin", "en.colour.light"),
        ("es", "rosita muy clarito y cada día menos", "es.mild.sign"),
    ],
)
def test_what_two_words_say_together(reader: ReplyReader, lang: str, text: str, rule: str) -> None:
    """Painkillers and worse, a cut and no end, a colour and its paleness mean more together than alone."""
    assert reader.read(text, lang=lang).rule == rule


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my keloid on the ear is growing", Label.CONCERN),
        ("my keloid is growing and oozing", Label.URGENT),
        ("grey-brown shadow above my lip, new", Label.CONCERN),
        ("grey patch on my cheek", Label.URGENT),
        ("it hasn't healed as it should have done", Label.CONCERN),
        ("I do not think this has healed as it should have done", Label.CONCERN),
        ("patch by my nose gone the colour of a blackboard", Label.URGENT),
        ("white seeds under my eyes since the treatment", Label.CONCERN),
        ("tiny white bumps oozing under my eye", Label.URGENT),
        ("just a hint of dryness under my eyes", Label.MILD),
        ("my eyes are dry and gritty", Label.URGENT),
        ("light pink still, and new white patches on my chin", Label.CONCERN),
    ],
)
def test_slow_changes_and_grave_ones(reader: ReplyReader, text: str, label: Label) -> None:
    """What grows slowly, or lies beside the eyes, is no danger of itself; with a sign of danger beside it it is."""
    assert reader.read(text).label is label
