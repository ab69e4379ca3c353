"""Instructions of several treatments put together: the strictest rule of a topic, until the latest day."""

from datetime import date

import pytest

from domain.aftercare import Aftercare, Care, Done
from domain.booking import Treatment
from protocols.aftercare import load_aftercare

AFTERCARE = load_aftercare()
THURSDAY = date(2027, 3, 4)
NEEDLING, ABLATIVE, IPL = Treatment.MICRONEEDLING, Treatment.LASER_ABLATIVE, Treatment.LASER_IPL


def care(*treatments: Treatment, on: date = THURSDAY, days_between: int = 0) -> Care:
    """The first was done on Thursday 2027-03-04, the others so many days later."""
    later = date.fromordinal(THURSDAY.toordinal() + days_between)
    others = tuple(Done(treatment=treatment, on=later) for treatment in treatments[1:])
    return Care(done=(Done(treatment=treatments[0], on=THURSDAY), *others), on=on)


def said(of: Care, topic: str) -> tuple[str, date] | None:
    rules = {rule.id: rule for each in AFTERCARE.topics if each.id == topic for rule in each.rules}
    lines = [line for line in AFTERCARE.lines(of) if rules.get(line.rule.id) is line.rule]
    return (lines[0].rule.id, lines[0].until) if lines else None


@pytest.mark.parametrize("order", [(NEEDLING, ABLATIVE), (ABLATIVE, NEEDLING)])
def test_the_stricter_rule_wins(order: tuple[Treatment, ...]) -> None:
    """'No make-up for a day' and 'not until new skin has closed' make the latter, whichever was done first."""
    assert said(care(NEEDLING), "make_up") == ("none", date(2027, 3, 5))
    assert said(care(*order), "make_up") == ("until_closed", date(2027, 3, 18))


def test_of_equal_rules_the_longer_wins() -> None:
    """No acids for a week after needling, for two after IPL: two, and needling's heat and make-up stay."""
    assert said(care(NEEDLING, IPL), "actives") == ("none", date(2027, 3, 18))
    assert said(care(NEEDLING, IPL), "heat") == ("all", date(2027, 3, 7))
    assert said(care(NEEDLING, IPL), "make_up") == ("none", date(2027, 3, 5))


def test_a_laser_some_days_later_moves_the_end() -> None:
    """What counts for longer is counted from its own treatment's day."""
    assert said(care(NEEDLING, IPL, days_between=5), "actives") == ("none", date(2027, 3, 23))


def test_what_is_over_is_left_out() -> None:
    """A week later nobody is told what not to do on the first day."""
    week_later = date(2027, 3, 11)
    assert said(care(NEEDLING, IPL, on=week_later), "make_up") is None
    assert said(care(NEEDLING, IPL, on=week_later), "heat") is None
    assert said(care(NEEDLING, IPL, on=week_later), "actives") == ("none", date(2027, 3, 18))


def test_a_treatment_alone_collides_with_nothing() -> None:
    """Its own texts say it all; so do they where the other one asks for nothing stricter."""
    assert not AFTERCARE.collide(care(NEEDLING))
    assert not AFTERCARE.collide(care(ABLATIVE, ABLATIVE))
    assert AFTERCARE.collide(care(NEEDLING, ABLATIVE))
    assert AFTERCARE.collide(care(ABLATIVE, IPL)) is False


def test_near_means_within_the_floor() -> None:
    """Fourteen days apart is a plan; thirteen is a collision, in either direction."""
    first = Done(treatment=NEEDLING, on=THURSDAY)
    assert not first.collides_with(Done(treatment=IPL, on=date(2027, 3, 18)))
    assert first.collides_with(Done(treatment=IPL, on=date(2027, 3, 17)))
    assert first.collides_with(Done(treatment=IPL, on=date(2027, 2, 19)))


def test_care_survives_a_link() -> None:
    """What stands in a care link's row is read back, for the day on which the page is opened."""
    both = care(NEEDLING, IPL)
    assert Care.read(both.written, THURSDAY) == both


def test_a_treatment_without_instructions_changes_nothing() -> None:
    """Of radiofrequency needling nothing is written down, so nothing is made up for it."""
    assert not AFTERCARE.collide(care(NEEDLING, Treatment.MICRONEEDLING_RF))
    assert Aftercare(topics=(), treatments={}).lines(care(NEEDLING)) == ()
