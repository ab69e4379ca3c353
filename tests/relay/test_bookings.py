"""Bookings on their way into the journeys."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.journey.events import BookingChange
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import BookingStatus
from tests.relay.conftest import PHONE, Desk
from tests.store.rows import CLINIC, NOW

pytestmark = pytest.mark.slow


async def test_a_first_booking_starts_one_journey(desk: Desk) -> None:
    """The booking of a protocol's first treatment starts a journey; a change of it goes to the same one."""
    await desk.booking("b1")
    await desk.booking("b1", "rescheduled", days=5)
    journeys = {journey for journey, _ in desk.told(BookingChange)}
    assert (len(journeys), len(desk.journeys.running)) == (1, 1)


async def test_the_laser_joins_the_journey(desk: Desk) -> None:
    """A later laser of the same patient belongs to the journey that runs."""
    await desk.booking("b1")
    await desk.booking("b2", service="laser_nafl", days=40)
    told = desk.told(BookingChange)
    assert [change.treatment for _, change in told] == [Treatment.MICRONEEDLING, Treatment.LASER_NAFL]
    assert told[0][0] == told[1][0]


async def test_the_laser_first_is_a_task_until_the_needling_is_booked(desk: Desk) -> None:
    """A laser without microneedling is a person's work; when the needling comes, the journey takes both."""
    await desk.booking("b2", service="laser_nafl", days=40)
    assert await desk.tasks() == [("booking", "gate_shut")]
    await desk.booking("b1")
    assert {change.treatment for _, change in desk.told(BookingChange)} == {
        Treatment.MICRONEEDLING,
        Treatment.LASER_NAFL,
    }
    assert await desk.tasks() == []


async def test_two_treatments_in_one_visit_reach_the_journey_as_two(desk: Desk) -> None:
    """One appointment with both treatments is told as two visits on one day, so that the rules see it."""
    await desk.booking("b1", service=["microneedling", "laser_nafl"])
    starts = {change.starts_at for _, change in desk.told(BookingChange)}
    assert (len(desk.told(BookingChange)), len(starts)) == (2, 1)


async def test_an_unmapped_service_is_one_task(desk: Desk) -> None:
    """Two bookings of a service that nobody mapped make one task, and nothing is guessed."""
    await desk.booking("b1", service="glow-deluxe")
    await desk.booking("b2", service="glow-deluxe")
    assert await desk.tasks() == [("service", "question")]
    assert desk.told(BookingChange) == []


async def test_ignored_and_other_services(desk: Desk) -> None:
    """An ignored service leaves no trace; another procedure is for review."""
    await desk.booking("b1", service="facial")
    await desk.booking("b2", service="peel")
    assert await desk.tasks() == [("booking", "review")]
    await desk.booking("b2", "cancelled", service="peel")
    assert await desk.tasks() == []


async def test_a_minor_starts_no_journey(desk: Desk) -> None:
    """Under eighteen nothing starts by itself; a person decides."""
    await desk.booking("b1", patient={"birth_date": "2015-01-01"})
    assert (await desk.tasks(), desk.journeys.running) == ([("booking", "hold")], {})


async def test_an_older_event_changes_nothing(desk: Desk) -> None:
    """A delivery that was overtaken by a newer one is stale."""
    await desk.booking("b1")
    await desk.booking("b1", "rescheduled", days=5, sequence=90)
    await desk.booking("b1", "cancelled", sequence=50)
    booking = await desk.store.bookings.get(CLINIC, "generic", "b1")
    assert booking is not None
    assert booking.status is BookingStatus.BOOKED


async def test_a_new_reference_keeps_the_booking(desk: Desk) -> None:
    """A reschedule that gives the appointment a new id is the same booking for the journey."""
    await desk.booking("b1")
    await desk.booking("b9", "rescheduled", days=6, previous_ref="b1")
    assert len({change.booking_id for _, change in desk.told(BookingChange)}) == 1


async def test_family_on_one_phone_are_two_people(desk: Desk) -> None:
    """Another first name with the same phone is another patient with a journey of their own."""
    await desk.booking("b1")
    await desk.booking("b2", patient={"id": "v2", "first_name": "Ben"})
    assert len(await desk.store.patients.by_phone(CLINIC, "+15005550006")) == 2
    assert len(desk.journeys.running) == 2


async def test_waiting_for_temporal_loses_nothing(desk: Desk) -> None:
    """While Temporal is away the row waits; afterwards it is applied once."""
    desk.journeys.away = True
    await desk.booking("b1")
    assert desk.told(BookingChange) == []
    desk.journeys.away = False
    desk.later(timedelta(minutes=1))
    await desk.relay.once()
    await desk.relay.once()
    assert len(desk.told(BookingChange)) == 1


async def test_a_row_that_can_never_be_applied_becomes_a_task(desk: Desk) -> None:
    """A stored delivery that nobody can read is poison: a person gets it, and others go on."""
    await desk.booking("b1", ends_at="2027-01-01T00:00:00Z")
    await desk.booking("b2")
    assert ("inbox", "incident") in await desk.tasks()
    assert len(desk.journeys.running) == 1


async def test_a_booking_alone_is_no_consent(desk: Desk) -> None:
    """Consent is what the source states for a channel, never the mere existence of a booking."""
    await desk.booking("b1")
    assert await desk.store.consents.status(CLINIC, Channel.SMS, PHONE) is None
    await desk.booking("b1", "rescheduled", days=4, patient={"consents": ["sms"], "consent_wording": "2026-11"})
    assert await desk.store.consents.status(CLINIC, Channel.SMS, PHONE) is None
    await desk.booking("b2", patient={"id": "v2", "first_name": "Ben", "consents": ["sms"]})
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.GRANTED


async def test_a_booking_never_overrides_an_opt_out(desk: Desk) -> None:
    """Who opted out stays opted out, whatever later bookings state."""
    revoked = Consent(
        clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.REVOKED, origin="reply", at=NOW
    )
    await desk.store.consents.record(revoked)
    await desk.booking("b1", patient={"consents": ["sms"]})
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.REVOKED


async def test_a_cancellation_and_a_new_booking_are_a_reschedule(desk: Desk) -> None:
    """Within half an hour the same treatment under another ref is the same visit: the journey hears that it moved."""
    await desk.booking("b1")
    await desk.booking("b1", "cancelled")
    desk.later(timedelta(minutes=20))
    await desk.booking("b2", days=9)
    changes = [change for _, change in desk.told(BookingChange)]
    assert len({change.booking_id for change in changes}) == 1
    assert [change.status for change in changes] == [
        BookingStatus.BOOKED,
        BookingStatus.CANCELLED,
        BookingStatus.BOOKED,
    ]
    assert len(desk.journeys.running) == 1


@pytest.mark.parametrize(("minutes", "service"), [(45, "microneedling"), (20, "laser_nafl")])
async def test_a_later_or_another_booking_is_a_new_visit(desk: Desk, minutes: int, service: str) -> None:
    """After half an hour, or for another treatment, a new booking has nothing to do with the cancelled one."""
    await desk.booking("b1")
    await desk.booking("b1", "cancelled")
    desk.later(timedelta(minutes=minutes))
    await desk.booking("b2", service=service, days=40)
    assert len({change.booking_id for _, change in desk.told(BookingChange)}) == 2
