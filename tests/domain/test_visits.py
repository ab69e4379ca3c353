"""Bookings and recorded treatments as the journey hears them: verdicts, versions, who takes back whose word."""

import pytest

from domain.booking import Treatment
from domain.protocol import Release
from domain.records import BookingStatus, TaskCause
from tests.builders import at, facts, plan
from tests.domain.walk import asked, begun, needled

NEEDLING, NAFL = Treatment.MICRONEEDLING, Treatment.LASER_NAFL


def test_laser_behind_a_shut_gate() -> None:
    """Done all the same: an incident with a task, and the aftercare comes."""
    walk = needled()
    walk.book("b2", NAFL, "2027-03-15")
    walk.until("2027-03-15", "16:00").done("b2")
    assert walk.incidents() == ["treated_behind_shut_gate"]
    assert walk.task(TaskCause.INCIDENT)
    walk.until("2027-03-16", "12:00")
    assert walk.times("day_0")[-1] == "Mon 03-15 18:00"


def test_both_treatments_on_one_day() -> None:
    """Microneedling and laser on one day: the verdict says so, a same-day task exists, the gate stays shut."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    assert walk.book("b2", NAFL, "2027-03-04", "15:00") == "same_visit"
    assert walk.task(TaskCause.SAME_VISIT)
    walk.until("2027-03-04", "16:00")
    walk.done("b1")
    walk.done("b2")
    assert "two_treatments_in_one_visit" in walk.incidents()


@pytest.mark.parametrize(
    ("day", "verdict"), [("2027-03-31", "too_early"), ("2027-04-01", "accepted"), ("2027-05-20", "accepted")]
)
def test_verdict_on_a_booking(day: str, verdict: str) -> None:
    """Before the first allowed date it is too early, from that day on accepted."""
    assert needled().book("b2", NAFL, day) == verdict


def test_verdict_behind_a_closed_gate() -> None:
    """Into a gate that is held, in review or past its reminders: gate_closed."""
    silent = asked().later(days=4)
    assert silent.book("b2", NAFL, "2027-04-20") == "gate_closed"
    in_review = asked(facts(plan(release=Release.CLINICIAN))).answer_all()
    assert in_review.book("b2", NAFL, "2027-04-20") == "gate_closed"
    held = needled()
    held.hold()
    assert held.book("b2", NAFL, "2027-04-20") == "gate_closed"


def test_booking_that_no_step_fits() -> None:
    """A treatment that the plan does not have is unmapped and changes nothing."""
    walk = begun()
    assert walk.book("b7", Treatment.MICRONEEDLING_RF, "2027-03-10") == "unmapped"
    assert walk.facts.visits == {}


def test_stale_booking_changes_nothing() -> None:
    """An older version that arrives late is refused."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04", sequence=5)
    before = walk.facts.model_copy(deep=True)
    assert walk.book("b1", NEEDLING, "2027-03-02", sequence=4) == "stale"
    assert walk.facts == before


def test_completed_before_its_start() -> None:
    """A visit that the booking system closes early counts from then; a copy of that event moves nothing."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04", "14:00")
    walk.until("2027-03-04", "13:30").set_status("b1", BookingStatus.COMPLETED)
    walk.set_status("b1", BookingStatus.COMPLETED)
    assert walk.facts.visits["b1"].treated_at == at("2027-03-04", "13:30")


def test_staff_take_back_what_the_booking_system_said() -> None:
    """Undone by staff stays undone though the booking system says 'completed' once more."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-04", "16:00").set_status("b1", BookingStatus.COMPLETED)
    walk.undo("b1")
    walk.set_status("b1", BookingStatus.COMPLETED)
    assert walk.facts.visits["b1"].treated_at is None


def test_booking_system_does_not_take_back_what_staff_recorded() -> None:
    """A cancellation that arrives after the treatment was recorded leaves the record alone."""
    walk = needled()
    walk.set_status("b1", BookingStatus.CANCELLED)
    assert walk.facts.visits["b1"].treated_at


def test_done_again_it_has_its_own_aftercare() -> None:
    """A treatment taken back and done a week later: the first day's care comes again, after the real one."""
    walk = needled().until("2027-03-05")
    walk.undo("b1")
    walk.book("b1", Treatment.MICRONEEDLING, "2027-03-11")
    walk.until("2027-03-11", "16:00").done("b1")
    assert walk.until("2027-03-12").times("day_0")[-1] == "Thu 03-11 18:00"
