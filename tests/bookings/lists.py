"""Bookings as each system's own list has them, put into the sandbox's stand-ins over HTTP."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.bookings import samples
from tests.bookings.test_hydrate import ACUITY
from tests.sandbox_server import RunningSandbox

Record = tuple[str, str, dict[str, Any]]
"""Kind, id and JSON."""
LISTED = ("acuity", "calcom", "calendly", "fhir", "square")
SERVICES = {"55": "microneedling", "RU3P": "microneedling", "XX9Q": "ignore", "mn": "microneedling"} | {
    "microneedling-60": "microneedling",
    "ET1": "microneedling",
}
"""What the systems call the service of the records."""


def z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def calcom(ref: str, start: datetime, changed: datetime, *, live: bool = True, **more: Any) -> list[Record]:
    booking = {
        "id": 91,
        "uid": ref,
        "status": "accepted" if live else "cancelled",
        "start": z(start),
        "end": z(start + timedelta(hours=1)),
        "duration": 60,
        "eventTypeId": 7,
        "eventType": {"id": 7, "slug": "microneedling-60"},
        "createdAt": z(changed),
        "updatedAt": z(changed),
        "attendees": [
            {
                "name": "Ana Ruiz",
                "email": "ana@example.com",
                "timeZone": "America/New_York",
                "language": "en",
                "absent": False,
                "phoneNumber": "+15005550006",
            }
        ],
        "bookingFieldsResponses": {"email": "ana@example.com"},
    }
    return [("booking", ref, booking | more)]


def calendly_ref(ref: str) -> str:
    return f"https://api.calendly.com/scheduled_events/EV{ref}/invitees/{ref}"


def calendly(ref: str, start: datetime, changed: datetime, *, live: bool = True, **more: Any) -> list[Record]:
    status = "active" if live else "canceled"
    event = samples.calendly("invitee.created")["payload"]["scheduled_event"] | {
        "uri": f"https://api.calendly.com/scheduled_events/EV{ref}",
        "status": status,
        "start_time": z(start),
        "end_time": z(start + timedelta(hours=1)),
    }
    invitee = {
        "uri": calendly_ref(ref),
        "event": event["uri"],
        "name": "Ana Ruiz",
        "first_name": "Ana",
        "email": "ana@example.com",
        "timezone": "America/New_York",
        "status": status,
        "text_reminder_number": "+15005550006",
        "created_at": z(changed),
        "updated_at": z(changed),
    }
    return [("scheduled_event", f"EV{ref}", event), ("invitee", ref, invitee | more)]


def acuity(ref: str, start: datetime, changed: datetime, *, live: bool = True, **more: Any) -> list[Record]:
    return [("appointment", ref, ACUITY | {"id": int(ref), "datetime": z(start), "canceled": not live} | more)]


def square(ref: str, start: datetime, changed: datetime, *, live: bool = True, **more: Any) -> list[Record]:
    status = "ACCEPTED" if live else "CANCELLED_BY_CUSTOMER"
    booking = samples.square(status=status)["data"]["object"]["booking"]
    named = {"id": ref, "start_at": z(start), "updated_at": z(changed), "version": int(changed.timestamp())}
    customer = {"given_name": "Ana", "family_name": "Ruiz", "phone_number": "+15005550006"}
    return [("booking", ref, booking | named | more), ("customer", booking["customer_id"], customer)]


def fhir(ref: str, start: datetime, changed: datetime, *, live: bool = True, **more: Any) -> list[Record]:
    named = {"id": ref, "start": z(start), "meta": {"versionId": "1", "lastUpdated": z(changed)}}
    appointment = samples.appointment("booked" if live else "cancelled", **named)
    return [("Appointment", ref, appointment | more), ("Patient", "p1", samples.PATIENT)]


MAKERS: Mapping[str, Callable[..., list[Record]]] = {
    "acuity": acuity,
    "calcom": calcom,
    "calendly": calendly,
    "fhir": fhir,
    "square": square,
}


def ref_of(system: str, ref: str) -> str:
    """What we call the booking."""
    return calendly_ref(ref) if system == "calendly" else ref


async def listed(
    running: RunningSandbox, system: str, ref: str, start: datetime, changed: datetime, **more: Any
) -> None:
    """The system's list has this booking from now on, in place of an earlier one of that ref."""
    for kind, record_id, record in MAKERS[system](ref, start, changed, **more):
        path = f"/_sandbox/booking-apis/{system}/{kind}/{record_id}"
        (await running.http.put(path, json=record)).raise_for_status()


async def gone(running: RunningSandbox, system: str, kind: str, ref: str) -> None:
    """The system does not know it any more."""
    (await running.http.delete(f"/_sandbox/booking-apis/{system}/{kind}/{ref}")).raise_for_status()


async def fault(running: RunningSandbox, **fault: Any) -> None:
    (await running.http.post("/_sandbox/booking-apis/faults", json=fault)).raise_for_status()
