"""When the check-in is asked: 10:00 on a clinic day that another one follows, with time left for a person."""

from datetime import date

import pytest

from domain.booking import Treatment
from domain.journey.check_in import ask_day
from domain.journey.facts import GateState
from domain.protocol import Release
from domain.records import BookingStatus
from domain.replies import Label
from tests.builders import calendar, facts, plan
from tests.domain.walk import asked, begun, needled

NAFL = Treatment.LASER_NAFL


@pytest.mark.parametrize(
    ("earliest", "visit", "holidays", "expected", "why"),
    [
        ("04-01", None, [], "04-01", "Thursday: Friday follows"),
        ("04-02", None, [], "04-05", "Friday: no clinic day follows"),
        ("04-03", None, [], "04-05", "Saturday"),
        ("04-01", None, ["04-02"], "04-05", "a holiday follows"),
        ("04-05", None, ["04-05"], "04-06", "a holiday itself"),
        ("04-01", "04-20", [], "04-14", "six days before the visit"),
        ("04-01", "04-15", [], "04-12", "six days before is a Friday; Monday leaves time"),
        ("04-01", "04-05", [], "04-01", "the interval's end is later than six days before"),
        ("04-02", "04-06", [], "04-02", "no day leaves time: the interval's end"),
        ("04-01", "04-01", [], "04-01", "the visit is on the very day"),
        ("04-01", "04-02", [], "04-01", "never before the interval's end"),
        ("04-01", "04-12", ["04-08", "04-09"], "04-06", "moves earlier past two holidays"),
    ],
)
def test_day_of_the_check_in(earliest: str, visit: str | None, holidays: list[str], expected: str, why: str) -> None:
    """The day to ask on, by interval, visit, weekend and holiday."""
    of = {text: date.fromisoformat(f"2027-{text}") for text in (earliest, visit or earliest, expected, *holidays)}
    days = calendar(*(of[holiday] for holiday in holidays))
    assert ask_day(days, of[earliest], of[visit] if visit else None, 6) == of[expected], why


def test_asked_at_the_end_of_the_interval() -> None:
    """Nothing booked: 28 days after a Thursday is that Thursday, at ten."""
    walk = needled().until("2027-04-01", "09:59")
    assert "check_in" not in walk.texts()
    assert walk.state() is GateState.LOCKED
    walk.until("2027-04-01", "10:00")
    assert walk.times("check_in") == ["Thu 04-01 10:00"]
    assert walk.state() is GateState.AWAITING_REPLY


def test_asked_six_days_before_a_later_visit() -> None:
    """A visit weeks after the interval: asked six days before it."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-20")
    assert walk.until("2027-04-16").times("check_in") == ["Wed 04-14 10:00"]


def test_package_with_the_laser_at_the_interval_s_end() -> None:
    """Both visits booked at once, the laser on the first allowed morning: asked that day, as early as texts may go."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-01", "09:30")
    assert walk.until("2027-04-01", "09:30").times("check_in") == ["Thu 04-01 09:00"]


def test_booked_late_it_is_asked_at_once() -> None:
    """A visit booked for tomorrow, long after the interval: the question does not wait for a better day."""
    walk = needled(facts(plan(release=Release.CLINICIAN)))
    walk.until("2027-04-01", "09:00")
    walk.book("b2", NAFL, "2027-04-02", "09:00")
    assert walk.until("2027-04-02", "08:00").times("check_in") == ["Thu 04-01 10:00"]


def test_treatment_recorded_late() -> None:
    """A treatment that is recorded a week after the interval's end is asked about on the next fitting clinic day."""
    walk = begun()
    walk.book("b1", Treatment.MICRONEEDLING, "2027-03-04")
    walk.until("2027-04-08", "15:00")
    assert walk.times("check_in") == ["Thu 04-01 10:00"]
    walk.answer_all()
    assert walk.state() is not GateState.RELEASED
    walk.done("b1")
    assert walk.state() is GateState.RELEASED


def test_asked_while_a_hold_is_open() -> None:
    """A hold does not keep the question back: the answers are there when a clinician decides."""
    walk = needled()
    walk.hold()
    assert walk.until("2027-04-01", "10:00").times("check_in") == ["Thu 04-01 10:00"]
    assert walk.state() is GateState.HELD


def test_answers_that_grew_old_are_asked_again_in_part() -> None:
    """Under a standing order a visit booked after 14 days has the exposures asked again, nothing else."""
    walk = asked()
    walk.book("b2", NAFL, "2027-04-06")
    walk.answer_all()
    walk.set_status("b2", BookingStatus.CANCELLED)
    assert walk.state() is GateState.RELEASED
    walk.until("2027-05-02", "09:00")
    assert walk.state() is GateState.LOCKED
    walk.book("b3", NAFL, "2027-05-20")
    walk.until("2027-05-17", "10:00")
    assert walk.times("check_in") == ["Thu 04-01 10:00"]
    assert walk.times("check_in_exposures") == ["Thu 04-01 10:00", "Mon 05-17 10:00"]
    walk.answer(Label.CLEAR)
    assert walk.state() is GateState.RELEASED


def test_the_patients_morning_does_not_put_it_off() -> None:
    """At ten in New York a patient in Los Angeles sleeps: asked at their nine o'clock, the same day."""
    walk = needled(facts(patient_zone="America/Los_Angeles"))
    assert walk.until("2027-04-02").times("check_in") == ["Thu 04-01 12:00"]
