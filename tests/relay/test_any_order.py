"""Deliveries of each system through the real intake, in every order and doubled: one truth comes out."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import Treatment
from domain.clinic import BookingSource
from domain.journey.events import BookingChange
from domain.records import BookingStatus, InboxRow
from tests.bookings import samples
from tests.bookings.deliveries import at
from tests.relay.conftest import Desk
from tests.store.rows import CLINIC, a_clinic

pytestmark = pytest.mark.slow

SERVICES = {
    "microneedling-60": "microneedling",
    "ET1": "microneedling",
    "RU3P": "microneedling",
    "XX9Q": "ignore",
    "mn": "microneedling",
    "s-1": "microneedling",
    "s-2": "ignore",
    "40": "microneedling",
}
FIRST, MOVED = at("2027-03-04T19:00:00"), at("2027-03-06T19:00:00")
BOOKED, CANCELLED, NO_SHOW, COMPLETED = (
    BookingStatus.BOOKED,
    BookingStatus.CANCELLED,
    BookingStatus.NO_SHOW,
    BookingStatus.COMPLETED,
)
ALLOWED = {("patient", "unreachable"), ("booking", "no_show")}
"""Most of these people have no phone; a visit that was missed before anybody heard of it is a person's work."""
Story = tuple[Callable[[str], list[Any]], BookingStatus, Any]
"""A run's deliveries (with ids of its own), and what must stand at the end."""


def minute(number: int) -> str:
    return f"2027-03-01T14:{number:02}:00.000Z"


def calcom(run: str) -> list[Any]:
    def sent(number: int, trigger: str, **changes: Any) -> dict[str, Any]:
        who = [{"name": f"Ana{run}", "email": f"{run}@example.com"}]
        changes = {"uid": f"u2-{run}", "attendees": who, "responses": {}} | changes
        return samples.calcom(trigger, **changes) | {"createdAt": minute(number)}

    absent = {"bookingUid": f"u2-{run}", "attendees": [{"email": "x", "noShow": True}]}
    back = absent | {"attendees": [{"email": "x", "noShow": False}]}
    moved = {"startTime": "2027-03-06T19:00:00Z", "rescheduleUid": f"u1-{run}"}
    return [
        sent(1, "BOOKING_CREATED", uid=f"u1-{run}"),
        sent(2, "BOOKING_RESCHEDULED", **moved),
        {"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "createdAt": minute(3), "payload": absent},
        {"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "createdAt": minute(4), "payload": back},
    ]


def calcom_rescheduled_twice(run: str) -> list[Any]:
    first, second, *_ = calcom(run)
    third = {**second["payload"], "uid": f"u3-{run}", "rescheduleUid": f"u2-{run}"}
    last = {**third, "cancellationReason": "x", "rescheduleUid": None}
    second["payload"]["startTime"] = "2027-03-05T19:00:00Z"
    return [
        first,
        second,
        {"triggerEvent": "BOOKING_RESCHEDULED", "createdAt": minute(5), "payload": third},
        {"triggerEvent": "BOOKING_CANCELLED", "createdAt": minute(6), "payload": last},
    ]


def calendly(run: str) -> list[Any]:
    def sent(number: int, event: str, invitee: str, **changes: Any) -> dict[str, Any]:
        contact = {"email": f"{run}@example.com", "text_reminder_number": None, "first_name": f"Ana{run}"}
        return samples.calendly(event, uri=f"{invitee}-{run}", **contact, **changes) | {"created_at": minute(number)}

    when = samples.calendly("")["payload"]["scheduled_event"] | {"start_time": "2027-03-06T19:00:00Z"}
    old, new = samples.INVITEE, samples.NEW_INVITEE
    return [
        sent(1, "invitee.created", old),
        sent(3, "invitee.canceled", old, rescheduled=True, new_invitee=f"{new}-{run}"),
        sent(2, "invitee.created", new, old_invitee=f"{old}-{run}", scheduled_event=when),
    ]


def square(run: str) -> list[Any]:
    def sent(version: int, status: str, **changes: Any) -> dict[str, Any]:
        value = samples.square("booking.updated" if version else "booking.created", status, version)
        value["data"]["object"]["booking"] |= {"id": f"sq-{run}", "customer_id": f"c-{run}"} | changes
        return value | {"event_id": f"{run}-{version}"}

    moved = {"start_at": "2027-03-06T19:00:00Z"}
    return [sent(0, "ACCEPTED"), sent(1, "ACCEPTED", **moved), sent(2, "NO_SHOW", **moved)]


def square_called_off(run: str) -> list[Any]:
    booked, moved, off = square(run)
    booked["data"]["object"]["booking"]["status"] = "PENDING"
    off["data"]["object"]["booking"]["status"] = "CANCELLED_BY_CUSTOMER"
    return [booked, moved, off]


def fhir(run: str) -> list[Any]:
    def sent(number: int, status: str, **changes: Any) -> dict[str, Any]:
        who = samples.PATIENT | {"name": [{"given": [f"Ana{run}"]}], "telecom": [{"system": "email", "value": run}]}
        more = {"id": f"fh-{run}", "contained": [who], "meta": {"lastUpdated": minute(number)}}
        return samples.appointment(status, **more, **changes)

    moved = {"start": "2027-03-06T14:00:00-05:00"}
    return [sent(1, "proposed"), sent(2, "booked"), sent(3, "arrived", **moved), sent(4, "fulfilled", **moved)]


def zenoti(run: str) -> list[Any]:
    group = samples.zenoti("")["data"]
    group |= {"guest": {"id": f"gu-{run}", "first_name": f"Ana{run}"}, "appointment_group_id": f"g-{run}"}
    visits = [visit | {"id": f"{visit['id']}-{run}"} for visit in group["appointments"]]
    done = {"guest": group["guest"], "appointments": [{"id": f"ap-1-{run}"}]}
    return [
        samples.zenoti("AppointmentGroup.Created", group | {"appointments": visits}) | {"id": f"1-{run}"},
        samples.zenoti("Appointment.Completed", done) | {"id": f"2-{run}", "event_timestamp": "2027-03-04T20:30:00"},
    ]


def mindbody(run: str) -> list[Any]:
    def sent(number: int, event: str, **changes: Any) -> dict[str, Any]:
        who = {"clientUniqueId": f"cl-{run}", "clientFirstName": f"Ana{run}", "clientPhone": None, "clientEmail": None}
        value = samples.mindbody(event, appointmentId=f"mb-{run}", **who, **changes)
        return value | {"messageId": f"{run}-{number}", "eventInstanceOriginationDateTime": minute(number)}

    off = sent(3, "appointmentBooking.cancelled")
    off["eventData"] = {"siteId": 123, "appointmentId": f"mb-{run}"}
    moved = {"startDateTime": "2027-03-06T14:00:00"}
    return [sent(1, "appointmentBooking.created"), sent(2, "appointmentBooking.updated", **moved), off]


def generic(run: str) -> list[Any]:
    def sent(number: int, kind: str, ref: str, sequence: int, **booking: Any) -> dict[str, Any]:
        booking = {"ref": f"{ref}-{run}", "sequence": sequence, "service": "microneedling"} | booking
        when = {"starts_at": "2027-03-04T14:00:00-05:00"} | booking
        patient = {"id": f"p-{run}", "first_name": "Ana"}
        return {"id": f"{run}-{number}", "type": f"booking.{kind}", "booking": when, "patient": patient}

    moved = {"starts_at": "2027-03-06T14:00:00-05:00", "previous_ref": f"b1-{run}"}
    return [
        sent(1, "booked", "b1", 4),
        # Counted anew under the new ref.
        sent(2, "rescheduled", "b2", 0, **moved),
        {**sent(3, "completed", "b2", 1, starts_at=None, service=None), "patient": {}},
    ]


STORIES: dict[str, Story] = {
    "calcom": (calcom, BOOKED, MOVED),
    "calcom_rescheduled_twice": (calcom_rescheduled_twice, CANCELLED, MOVED),
    "calendly": (calendly, BOOKED, MOVED),
    "square": (square, NO_SHOW, MOVED),
    "square_called_off": (square_called_off, CANCELLED, MOVED),
    "fhir": (fhir, COMPLETED, MOVED),
    "zenoti": (zenoti, COMPLETED, FIRST),
    "mindbody": (mindbody, CANCELLED, MOVED),
    "generic": (generic, COMPLETED, MOVED),
}


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """A clinic that has every system."""
    sources = {name: BookingSource(system=name.split("_")[0], secret_names=()) for name in STORIES}
    await desk.store.clinics.apply(a_clinic(sources=sources, services=SERVICES, live_from="2027-01-01"))
    return desk


async def arrive(desk: Desk, system: str, deliveries: list[Any], run: str) -> None:
    """All of them, every second one twice, stored as the webhook stores them, and relayed until nothing waits."""
    for number, value in enumerate(deliveries):
        for copy in range(1 + number % 2):
            body = json.dumps(value | ({"copy": copy} if copy else {}))
            parsed = ADAPTERS[system.split("_")[0]].parse(RawDelivery(body=body.encode()))
            assert isinstance(parsed, tuple)
            row = InboxRow(
                id=f"{system}-{run}-{number}-{copy}",
                clinic_id=CLINIC,
                source=f"booking:{system}",
                delivery_id=f"{run}-{number}-{copy}",
                key=f"booking:{system}:{parsed[0].booking_ref}",
                body=body.encode(),
                received_at=desk.now,
                next_try_at=desk.now,
            )
            await desk.store.inbox.put(row)
        await desk.relay.once()
        desk.later(timedelta(seconds=20))
    for _ in range(4):
        desk.later(timedelta(minutes=15))
        await desk.relay.once()
    assert (await desk.store.inbox.backlog(desk.now)).count == 0


def as_the_journeys_know_them(desk: Desk) -> dict[str, tuple[BookingStatus, Any]]:
    """Booking id -> status and start, by a journey's rule: what is older than what it knows changes nothing."""
    known: dict[str, BookingChange] = {}
    for _, change in desk.told(BookingChange):
        if change.booking_id not in known or change.sequence >= known[change.booking_id].sequence:
            known[change.booking_id] = change
    return {booking: (change.status, change.starts_at) for booking, change in known.items()}


@pytest.mark.parametrize("system", STORIES)
async def test_every_order_ends_in_the_same_truth(desk: Desk, system: str) -> None:
    """One booking stands as the vendor's last word has it, in the store and in the journey, without an alarm."""
    story, status, starts_at = STORIES[system]
    orders = list(itertools.permutations(range(len(story("")))))
    for run, order in enumerate(orders[:: 1 + len(orders) // 7]):
        deliveries = story(str(run))
        desk.journeys.calls.clear()
        await arrive(desk, system, [deliveries[number] for number in order], str(run))
        journeys = as_the_journeys_know_them(desk)
        standing = {known for known in journeys.values() if known[0] is not CANCELLED}
        assert standing <= {(status, starts_at)}, f"order {order}: {journeys}"
        known = standing or status is CANCELLED or ("booking", "no_show") in await desk.tasks()
        assert known, f"order {order}: neither a journey nor a person knows the visit"
        assert len({journey for journey, _ in desk.told(BookingChange)}) <= 1, f"order {order}: two journeys"
        assert set(await desk.tasks()) <= ALLOWED, f"order {order}"


async def test_a_cancellation_alone_begins_nothing(desk: Desk) -> None:
    """What overtook its booking waits for it, and the late booking is cancelled from the start."""
    booked, _, off = mindbody("x")
    await arrive(desk, "mindbody", [off], "x")
    assert (await desk.tasks(), desk.journeys.calls) == ([], [])
    await arrive(desk, "mindbody", [booked], "y")
    booking = await desk.store.bookings.get(CLINIC, "mindbody", "mb-x")
    assert booking is not None
    assert (booking.status, booking.treatment, desk.journeys.calls) == (CANCELLED, Treatment.MICRONEEDLING, [])
