"""Late messages: what each late policy makes of days without a worker, and of what is recorded late."""

from datetime import time, timedelta

import pytest

from domain.booking import Treatment
from domain.calendar import QuietHours
from domain.journey.events import Outcome, Role, StaffActionKind
from domain.journey.facts import Facts
from domain.messages import Channel
from domain.plan import personalise
from domain.protocol import Late
from domain.records import TaskCause, Urgency
from tests.builders import HEALTHY, at, facts, protocol
from tests.domain.walk import Walk, begun, needled

NEEDLING = Treatment.MICRONEEDLING


def planned(**late: Late) -> Facts:
    """Facts of a plan whose touchpoints have these late policies; they stay useful for five days."""
    shipped = protocol()
    points = tuple(
        point.model_copy(update={"late": late.get(point.key, point.late), "useful_for": timedelta(days=5)})
        for point in shipped.touchpoints
    )
    return facts(personalise(shipped.model_copy(update={"touchpoints": points}), HEALTHY))


def down_until(walk: Walk, day: str, clock: str) -> Walk:
    """No worker until then: nothing was handed over meanwhile, and all of it is looked at afresh."""
    walk.now = at(day, clock)
    walk.journey.advance(walk.now)
    walk.deliver()
    return walk


def test_three_days_without_a_worker() -> None:
    """From Saturday to Tuesday: `early` was to be skipped, `day_7` asks staff, `day_14` keeps its day."""
    walk = needled(planned(early=Late.SKIP, day_7=Late.ASK_STAFF, day_14=Late.ASK_STAFF)).until("2027-03-06", "12:00")
    down_until(walk, "2027-03-13", "12:00")
    assert "early" in {handed.due.key for handed in walk.handed if handed.due.skip_when_late}
    assert walk.times("day_7") == []
    assert (walk.task(TaskCause.LATE_MESSAGE) or pytest.fail("no task")).detail == "day_7"
    walk.until("2027-03-19", "09:00")
    assert walk.times("day_14") == ["Thu 03-18 10:00"]


def test_shifted_to_the_next_morning() -> None:
    """Late in the evening means tomorrow at its clock, late at night this morning; on time it changes nothing."""
    on_time = needled(planned(day_7=Late.SHIFT)).until("2027-03-12", "09:00")
    assert on_time.times("day_7") == ["Thu 03-11 10:00"]
    evening = down_until(needled(planned(day_7=Late.SHIFT)), "2027-03-11", "17:00").until("2027-03-13", "12:00")
    assert evening.times("day_7") == ["Fri 03-12 10:00"]
    night = down_until(needled(planned(day_7=Late.SHIFT)), "2027-03-12", "04:00").until("2027-03-13", "12:00")
    assert night.times("day_7") == ["Fri 03-12 10:00"]


def test_a_shifted_message_within_the_hour_is_not_shifted_again() -> None:
    """A worker that comes back half an hour after that morning's clock still sends it."""
    walk = down_until(needled(planned(day_7=Late.SHIFT)), "2027-03-12", "10:30")
    assert walk.times("day_7") == ["Fri 03-12 10:30"]


def test_shifting_keeps_the_hours_of_the_patient() -> None:
    """Ten in New York is early in Los Angeles: the shifted one waits for nine there, and is not shifted for ever."""
    state = planned(day_7=Late.SHIFT).model_copy(update={"patient_zone": "America/Los_Angeles"})
    walk = down_until(needled(state), "2027-03-11", "18:00").until("2027-03-14", "09:00")
    assert walk.times("day_7") == ["Fri 03-12 12:00"]


def test_waiting_for_quiet_hours_is_no_lateness() -> None:
    """A touchpoint that the patient's morning moved by hours is neither shifted nor put before staff."""
    for policy in (Late.SHIFT, Late.ASK_STAFF):
        state = planned(day_7=policy).model_copy(update={"patient_zone": "Pacific/Honolulu"})
        walk = needled(state).until("2027-03-12", "09:00")
        assert walk.times("day_7") == ["Thu 03-11 14:00"]
        assert walk.task(TaskCause.LATE_MESSAGE) is None


def test_staff_says_that_it_still_makes_sense() -> None:
    """The task is there until somebody says so, anybody may, and then the message goes at once."""
    walk = down_until(needled(planned(day_7=Late.ASK_STAFF)), "2027-03-12", "11:00")
    task = walk.task(TaskCause.LATE_MESSAGE)
    assert task
    assert (task.urgency, task.due, walk.times("day_7")) == (Urgency.SAME_DAY, at("2027-03-12", "17:00"), [])
    assert not walk.act(StaffActionKind.SEND, names=("day_14",)).accepted
    assert walk.act(StaffActionKind.SEND, by="Pat", role=Role.FRONT_DESK, names=("day_7",)).accepted
    walk.later(minutes=1)
    assert walk.times("day_7") == ["Fri 03-12 11:00"]
    assert walk.task(TaskCause.LATE_MESSAGE) is None
    assert walk.act(StaffActionKind.SEND).reason == "nothing_waits"


def test_what_staff_approves_at_night_goes_in_the_morning() -> None:
    """A word at 22:00 does not break the quiet hours, and the night does not make it late again."""
    walk = down_until(needled(planned(day_7=Late.ASK_STAFF)), "2027-03-12", "22:00")
    assert walk.act(StaffActionKind.SEND).accepted
    walk.until("2027-03-13", "12:00")
    assert walk.times("day_7") == ["Sat 03-13 09:00"]


def test_what_nobody_decides_on_expires() -> None:
    """Silence of staff is no yes: the message is handed over when it has expired, and the task closes itself."""
    walk = down_until(needled(planned(day_7=Late.ASK_STAFF)), "2027-03-12", "11:00").until("2027-03-16", "12:00")
    (handed,) = [handed for handed in walk.handed if handed.due.key == "day_7"]
    assert (walk.clock(handed.at), handed.outcome) == ("Tue 03-16 11:00", "expired")
    assert walk.task(TaskCause.LATE_MESSAGE) is None


def test_a_treatment_recorded_late_asks_as_well() -> None:
    """Nine days after the visit somebody records it: the first week's mail is late when it is first seen."""
    walk = begun(planned(day_7=Late.ASK_STAFF))
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-13", "12:00").done("b1", at("2027-03-04", "14:00"))
    assert walk.task(TaskCause.LATE_MESSAGE)
    assert walk.times("day_7") == []


def test_a_pause_asks_nobody() -> None:
    """While staff has paused the journey no late message is their work; on resuming it is."""
    walk = needled(planned(day_7=Late.ASK_STAFF)).until("2027-03-10", "12:00")
    walk.act(StaffActionKind.PAUSE)
    walk.until("2027-03-12", "12:00")
    assert walk.task(TaskCause.LATE_MESSAGE) is None
    walk.act(StaffActionKind.RESUME)
    walk.later(minutes=1)
    assert walk.task(TaskCause.LATE_MESSAGE)


def test_a_delivery_that_found_it_late_comes_back_to_the_rule() -> None:
    """The workers died between asking and sending: what `deliver` gives back as late is for staff."""
    walk = needled(planned(day_7=Late.ASK_STAFF)).until("2027-03-11", "09:59")
    walk.now = at("2027-03-11", "10:00")
    (due,) = walk.journey.due_now(walk.now)
    walk.now = at("2027-03-13", "10:00")
    later = walk.now + timedelta(minutes=1)
    walk.journey.settled(due, [Outcome(channel=Channel.EMAIL, state="deferred", reason="late", until=later)], walk.now)
    walk.later(hours=1)
    assert walk.task(TaskCause.LATE_MESSAGE)
    assert walk.times("day_7") == []


def test_hours_found_at_the_moment_of_sending_count_before_those_of_the_start() -> None:
    """A clinic that moved its hours to the evening reaches the patients of running journeys all the same."""
    mornings = QuietHours(starts=time(12), ends=time(9), sunday_ends=time(9))
    walk = needled(facts(quiet_hours=mornings)).until("2027-03-11", "09:59")
    walk.now = at("2027-03-11", "10:00")
    (due,) = walk.journey.due_now(walk.now)
    evening = at("2027-03-11", "18:00")
    quiet = Outcome(channel=Channel.EMAIL, state="deferred", reason="quiet_hours", until=evening)
    walk.journey.settled(due, [quiet], walk.now)
    walk.until("2027-03-12", "11:00")
    assert walk.times("day_7") == ["Thu 03-11 18:00"]
