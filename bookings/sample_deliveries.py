"""A signed sample of every event of a booking system, for `healgate webhook-test`: made-up people, real shapes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bookings.registry import ADAPTERS
from bookings.signatures import sign

_FORM = "application/x-www-form-urlencoded"
_NAMES = {"first_name": "Sample", "last_name": "Patient"}
_PHONE = "+15005550006"
_EMAIL = "sample.patient@example.com"


@dataclass(frozen=True)
class SampleDelivery:
    """One request to the webhook."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True)
class _Visit:
    """The made-up appointment that a run of samples is about; `now` is in UTC."""

    ref: str
    service: str
    now: datetime

    @property
    def start(self) -> str:
        return (self.now + timedelta(days=7)).isoformat(timespec="seconds")

    @property
    def end(self) -> str:
        return (self.now + timedelta(days=7, hours=1)).isoformat(timespec="seconds")

    @property
    def changed(self) -> str:
        return self.now.isoformat(timespec="milliseconds")


def sample_deliveries(
    system: str, secret: str, now: datetime, *, run: str, url: str, service: str, options: Mapping[str, str]
) -> tuple[SampleDelivery, ...]:
    """Every event of the system in the order of a visit's life, signed with the source's secret.

    `run` makes the ids new for each call, `service` is the vendor's id or name of a service, `url` the webhook's
    public address. Each event is a second later than the one before it.
    """
    scheme = ADAPTERS[system].scheme(options)
    found = []
    for number, name in enumerate(_EVENTS[system]):
        visit = _Visit(ref=f"sample-{run}", service=service, now=now.astimezone(UTC) + timedelta(seconds=number))
        value = _BUILDERS[system](name, visit)
        form = system == "acuity"
        body = (urlencode(value) if form else json.dumps(value)).encode()
        headers = sign(scheme, body, secret, now=now, url=url, message_id=f"sample-{run}-{number}")
        kind = {"Content-Type": _FORM if form else "application/json"}
        found.append(SampleDelivery(name=name, body=body, headers=headers | kind))
    return tuple(found)


_EVENTS: Mapping[str, tuple[str, ...]] = {
    "generic": tuple(
        f"booking.{kind}"
        for kind in (
            "requested",
            "booked",
            "rescheduled",
            "arrived",
            "completed",
            "no_show",
            "no_show_cleared",
            "cancelled",
        )
    ),
    "calcom": (
        "BOOKING_REQUESTED",
        "BOOKING_CREATED",
        "BOOKING_RESCHEDULED",
        "MEETING_ENDED",
        "BOOKING_NO_SHOW_UPDATED",
        "BOOKING_NO_SHOW_UPDATED, unmarked",
        "BOOKING_CANCELLED",
        "BOOKING_REJECTED",
    ),
    "calendly": (
        "invitee.created",
        "invitee.canceled, rescheduled",
        "invitee.created, rescheduled",
        "invitee_no_show.created",
        "invitee_no_show.deleted",
        "invitee.canceled",
    ),
    "acuity": ("scheduled", "rescheduled", "changed", "canceled"),
    "square": ("PENDING", "ACCEPTED", "NO_SHOW", "CANCELLED_BY_CUSTOMER", "CANCELLED_BY_SELLER", "DECLINED"),
    "fhir": ("proposed", "booked", "arrived", "fulfilled", "noshow", "cancelled"),
    "boulevard": (
        "PING",
        "APPOINTMENT_CREATED",
        "APPOINTMENT_RESCHEDULED",
        "APPOINTMENT_ARRIVED",
        "APPOINTMENT_COMPLETED",
        "APPOINTMENT_CANCELLED",
    ),
    "zenoti": ("AppointmentGroup.Created", "Appointment.Completed", "AppointmentGroup.Status"),
    "mindbody": ("appointmentBooking.created", "appointmentBooking.updated", "appointmentBooking.cancelled"),
}


def _generic(name: str, visit: _Visit) -> dict[str, Any]:
    booking = {"ref": visit.ref, "service": visit.service, "starts_at": visit.start, "ends_at": visit.end}
    patient = {"id": visit.ref, "phone": _PHONE, "email": _EMAIL} | _NAMES
    return {
        "id": f"{visit.ref}:{name}",
        "type": name,
        "occurred_at": visit.changed,
        "booking": booking,
        "patient": patient,
    }


def _calcom(name: str, visit: _Visit) -> dict[str, Any]:
    attendee = {"name": "Sample Patient", "email": _EMAIL, "phoneNumber": _PHONE, "language": {"locale": "en"}}
    payload: dict[str, Any] = {
        "uid": visit.ref,
        "type": visit.service,
        "startTime": visit.start,
        "endTime": visit.end,
        "attendees": [attendee],
    }
    if name.startswith("BOOKING_NO_SHOW_UPDATED"):
        absent = {"email": _EMAIL, "noShow": "unmarked" not in name}
        payload = {"bookingUid": visit.ref, "attendees": [absent]}
    return {"triggerEvent": name.partition(",")[0], "createdAt": visit.changed, "payload": payload}


def _calendly(name: str, visit: _Visit) -> dict[str, Any]:
    event = f"https://api.calendly.com/scheduled_events/{visit.ref}"
    old, new = f"{event}/invitees/{visit.ref}", f"{event}/invitees/{visit.ref}-new"
    moved = name.endswith("rescheduled")
    appointment = {"event_type": visit.service, "start_time": visit.start, "end_time": visit.end}
    payload = {
        "uri": old if name in ("invitee.created", "invitee.canceled, rescheduled") else new,
        "old_invitee": old if name == "invitee.created, rescheduled" else None,
        "name": "Sample Patient",
        "email": _EMAIL,
        "text_reminder_number": _PHONE,
        "rescheduled": moved and name.startswith("invitee.canceled"),
        "scheduled_event": appointment,
    }
    return {"event": name.partition(",")[0], "created_at": visit.changed, "payload": payload}


def _acuity(name: str, visit: _Visit) -> dict[str, Any]:
    return {"action": name, "id": visit.ref, "calendarID": "1", "appointmentTypeID": visit.service}


def _square(name: str, visit: _Visit) -> dict[str, Any]:
    # Versions must grow with the events of one visit: the time does.
    version = int(visit.now.timestamp())
    booking = {
        "id": visit.ref,
        "version": version,
        "status": name,
        "start_at": visit.start,
        "customer_id": visit.ref,
        "appointment_segments": [{"duration_minutes": 60, "service_variation_id": visit.service}],
    }
    return {
        "type": "booking.created" if name == "PENDING" else "booking.updated",
        "event_id": f"{visit.ref}:{name}",
        "created_at": visit.changed,
        "data": {"type": "booking", "id": f"{visit.ref}:{version}", "object": {"booking": booking}},
    }


def _fhir(name: str, visit: _Visit) -> dict[str, Any]:
    telecom = [{"system": "phone", "value": _PHONE}, {"system": "email", "value": _EMAIL}]
    name_of = [{"given": ["Sample"], "family": "Patient"}]
    return {
        "resourceType": "Appointment",
        "id": visit.ref,
        "meta": {"lastUpdated": visit.changed},
        "status": name,
        "serviceType": [{"text": visit.service}],
        "start": visit.start,
        "end": visit.end,
        "contained": [{"resourceType": "Patient", "id": visit.ref, "name": name_of, "telecom": telecom}],
        "participant": [{"actor": {"reference": f"#{visit.ref}"}, "status": "accepted"}],
    }


def _boulevard(name: str, visit: _Visit) -> dict[str, Any]:
    return {
        "idempotencyKey": f"{visit.ref}:{name}",
        "event": name,
        "resource": {"id": f"urn:blvd:Appointment:{visit.ref}"},
        "timestamp": visit.changed,
    }


def _zenoti(name: str, visit: _Visit) -> dict[str, Any]:
    # Zenoti writes UTC without an offset.
    times = {"start_time": visit.start[:19], "end_time": visit.end[:19]}
    appointment = {"id": visit.ref, "service_id": visit.service} | times
    guest = {"id": visit.ref, "email": _EMAIL} | _NAMES
    data = {"appointment_group_id": visit.ref, "guest": guest, "appointments": [appointment]}
    return {
        "id": f"{visit.ref}:{name}",
        "event_type": name,
        "event_timestamp": visit.changed,
        "data": data,
    }


def _mindbody(name: str, visit: _Visit) -> dict[str, Any]:
    data = {
        "siteId": 1,
        "appointmentId": visit.ref,
        "appointmentName": visit.service,
        "status": "Completed" if name.endswith("updated") else "Scheduled",
        "startDateTime": visit.start,
        "endDateTime": visit.end,
        "clientId": visit.ref,
        "clientFirstName": "Sample",
        "clientLastName": "Patient",
        "clientPhone": _PHONE,
        "clientEmail": _EMAIL,
    }
    return {
        "messageId": f"{visit.ref}:{name}",
        "eventId": name,
        "eventInstanceOriginationDateTime": visit.changed,
        "eventData": data,
    }


_BUILDERS: Mapping[str, Callable[[str, _Visit], dict[str, Any]]] = {
    "generic": _generic,
    "calcom": _calcom,
    "calendly": _calendly,
    "acuity": _acuity,
    "square": _square,
    "fhir": _fhir,
    "boulevard": _boulevard,
    "zenoti": _zenoti,
    "mindbody": _mindbody,
}
