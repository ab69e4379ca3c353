"""A journey as a calendar file for staff."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from domain.records import BookingStatus
from tests.api.test_staff_journeys import VIEW
from tests.api.world import World
from tests.store.rows import NOW, a_booking, a_message, a_patient

pytestmark = pytest.mark.slow

LASER = {"laser": {"state": "locked", "reasons": ["interval"], "opens_on": "2027-04-01"}}


@pytest.fixture
async def world(world: World) -> World:
    """Ana Ruiz has a microneedling visit, and a laser that may be on the first of April at the earliest."""
    await world.store.patients.update(a_patient(last_name="ruiz"))
    await world.store.bookings.apply(a_booking(journey_id="j1", patient_id="p1"))
    await world.store.journeys.project("j1", stage="preparing", gates=LASER)
    return world


async def the_calendar(world: World) -> Calendar:
    answer = await world.staff("GET", "/journeys/j1/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="journey.ics"'
    return Calendar.from_ical(answer.content)


async def events(world: World) -> list[Event]:
    return list((await the_calendar(world)).events)


async def test_visits_and_days_with_initials_alone(world: World) -> None:
    """A visit with its time, the first allowed date as a whole day, and nobody invited."""
    calendar = await the_calendar(world)
    visit, earliest = calendar.events
    assert calendar["method"] == "PUBLISH"
    assert (visit["summary"], visit["status"], visit["uid"]) == ("Visit A.R.", "CONFIRMED", "b-1@healgate")
    assert visit.start == datetime(2027, 3, 4, 14, tzinfo=UTC)
    assert (earliest["summary"], earliest.start) == ("Earliest visit A.R.", date(2027, 4, 1))
    assert earliest["transp"] == "TRANSPARENT"
    assert not any("attendee" in event or "organizer" in event for event in (visit, earliest))


async def test_nothing_tells_what_is_treated(world: World) -> None:
    """Neither a treatment, a step, a name nor a number is in the file."""
    text = (await the_calendar(world)).to_ical().decode().lower()
    assert not [word for word in ("laser", "needling", "ruiz", "ana", "1500555", "example.com") if word in text]


async def test_a_change_keeps_its_uid_and_counts_up(world: World) -> None:
    """A cancelled visit is the same entry, with a higher sequence, whether the system counts or tells the time."""
    (before, *_) = await events(world)
    at = int((NOW + timedelta(days=1)).timestamp() * 1000)
    await world.store.bookings.apply(a_booking(sequence=at, status=BookingStatus.CANCELLED, journey_id="j1"))
    (after, *_) = await events(world)
    assert (before["uid"], before["sequence"]) == (after["uid"], 1)
    assert (after["status"], after["sequence"]) == ("CANCELLED", at // 1000)
    assert at // 1000 < 2**31


async def test_a_visit_that_was_only_asked_for_is_tentative(world: World) -> None:
    """Nobody has confirmed it."""
    await world.store.bookings.apply(a_booking(status=BookingStatus.REQUESTED, journey_id="j1", sequence=2))
    (visit, *_) = await events(world)
    assert visit["status"] == "TENTATIVE"


async def test_a_check_in_is_on_its_day(world: World) -> None:
    """The planned day where the workflow can be asked, else the day on which it was asked; it keeps its UID."""
    await world.store.ledger.open(a_message(due_at=NOW - timedelta(days=7)))
    (_, _, asked) = await events(world)
    world.journeys.views["j1"] = VIEW
    (_, _, planned) = await events(world)
    assert (asked.start, planned.start) == (date(2027, 2, 22), date(2027, 3, 1))
    assert asked["uid"] == planned["uid"]
    assert planned["summary"] == "Check-in A.R."


async def test_the_file_does_not_need_temporal(world: World) -> None:
    """While it is away, what the store knows is there."""
    world.journeys.away = True
    assert len(await events(world)) == 2


async def test_an_ended_journey_waits_for_no_day(world: World) -> None:
    """Its visits stay."""
    await world.store.journeys.project("j1", stage="cancelled", gates=LASER, ended_at=NOW, outcome="cancelled")
    assert [event["summary"] for event in await events(world)] == ["Visit A.R."]


async def test_who_has_no_name_is_named_by_id(world: World) -> None:
    """The beginning of it, which says nothing about the person."""
    await world.store.patients.update(a_patient(first_name=" ", last_name=""))
    assert {event["summary"] for event in await events(world)} == {"Visit p1", "Earliest visit p1"}


async def test_another_clinics_calendar_is_not_found(world: World) -> None:
    """Nor one without the key."""
    assert (await world.staff("GET", "/journeys/j2/calendar.ics")).status_code == 404
    assert (await world.http.get("/api/v1/clinics/glow/journeys/j1/calendar.ics")).status_code == 401
