"""Zenoti webhooks and API (docs.zenoti.com: webhook events, appointment group): not tested against real traffic.

Times carry no offset: `start_time` is UTC, `start_time_in_center` is the clinic's local time.
"""

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from bookings.decode import decode_json
from bookings.delivery import Parsed, Probe, RawDelivery, body_hash, milliseconds
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, get_json
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import NotFoundError

BASE_URL = "https://api.zenoti.com"

_KINDS = {
    "appointmentgroupcreated": BookingKind.BOOKED,
    "appointmentstarted": BookingKind.ARRIVED,
    "appointmentcompleted": BookingKind.COMPLETED,
}

_STATUS = "appointmentgroupstatus"
"""Says only that something about the group changed: ids, a number and fee flags."""

_STATUSES = {-2: BookingKind.NO_SHOW, -1: BookingKind.CANCELLED, 2: BookingKind.ARRIVED}
_PROGRESS_COMPLETED = 2
"""General knowledge of Zenoti's enums. A closed invoice (status 1) is money, not a treatment: it does not count."""


def parse(raw: RawDelivery) -> Parsed:
    """An event per appointment of the group; the empty test post is a probe."""
    if not raw.body.strip():
        return Probe("test button")
    body = Fields(decode_json(raw.body))
    name = re.sub(r"[^a-z]", "", (body.text("event_type") or "").lower())
    delivery_id = body.maybe_ref("id") or body_hash(raw.body)
    if name == _STATUS:
        return _events(body, delivery_id, BookingKind.UNKNOWN, raw, thin=True)
    kind = _KINDS.get(name, BookingKind.UNKNOWN)
    if kind is BookingKind.UNKNOWN:
        return (BookingEvent(source="zenoti", delivery_id=delivery_id, booking_ref="", kind=kind),)
    return _events(body, delivery_id, kind, raw, thin=kind is BookingKind.BOOKED)


def _events(
    body: Fields, delivery_id: str, kind: BookingKind, raw: RawDelivery, *, thin: bool
) -> tuple[BookingEvent, ...]:
    data = body.child("data")
    changed_at = body.time("event_timestamp", zone=UTC)
    appointments = data.children("appointments") or (data,)
    return tuple(
        BookingEvent(
            source="zenoti",
            delivery_id=delivery_id if number == 1 else f"{delivery_id[:240]}#{number}",
            booking_ref=_appointment_id(appointment, needed=kind is not BookingKind.UNKNOWN),
            group_ref=data.maybe_ref("appointment_group_id"),
            sequence=milliseconds(changed_at or raw.received_at),
            kind=kind,
            starts_at=_time(appointment, "start_time", raw.zone),
            ends_at=_time(appointment, "end_time", raw.zone),
            services=appointment.refs("service_id"),
            location=data.text("center_id"),
            patient=_guest(data.child("guest")),
            hydrated=not thin,
            occurred_at=changed_at,
        )
        for number, appointment in enumerate(appointments, start=1)
    )


def _appointment_id(appointment: Fields, *, needed: bool) -> str:
    found = appointment.maybe_ref("id") or appointment.maybe_ref("appointment_id")
    return found or (appointment.ref("appointment_id") if needed else "")


def _time(appointment: Fields, name: str, zone: tzinfo) -> datetime | None:
    return appointment.time(name, zone=UTC) or appointment.time(f"{name}_in_center", zone=zone)


def _guest(guest: Fields) -> BookedPatient:
    names = (guest.text("first_name"), guest.text("last_name"))
    return BookedPatient(
        vendor_id=guest.maybe_ref("id"),
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        email=guest.text("email"),
    )


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The appointment's state and the guest's phone.

    A status change that names only its group cannot be asked for: nothing comes back.
    """
    if not event.booking_ref:
        return ()
    if event.kind is BookingKind.UNKNOWN:
        event = await _current(event, access)
    return (await _with_phone(event, access),)


async def _current(event: BookingEvent, access: ApiAccess) -> BookingEvent:
    url = f"{access.base_url(BASE_URL)}/v1/appointments/{quote(event.booking_ref, safe='')}"
    appointment = await get_json(access, url, _headers(access))
    update = {
        "kind": _kind(appointment),
        "starts_at": appointment.time("start_time_utc", zone=UTC) or appointment.time("start_time", zone=access.zone),
        "ends_at": appointment.time("end_time_utc", zone=UTC) or appointment.time("end_time", zone=access.zone),
        "services": appointment.child("service").refs("id"),
        "patient": _guest(appointment.child("guest")),
    }
    return event.model_copy(update=update)


def _kind(appointment: Fields) -> BookingKind:
    status = appointment.number("status")
    if status is None:
        return BookingKind.UNKNOWN
    kind = _STATUSES.get(status, BookingKind.BOOKED)
    done = appointment.number("progress") == _PROGRESS_COMPLETED
    return BookingKind.COMPLETED if done and status >= 0 else kind


async def _with_phone(event: BookingEvent, access: ApiAccess) -> BookingEvent:
    complete = event.model_copy(update={"hydrated": True})
    if event.patient.vendor_id is None:
        return complete
    url = f"{access.base_url(BASE_URL)}/v1/guests/{quote(event.patient.vendor_id, safe='')}"
    try:
        guest = await get_json(access, url, _headers(access))
    except NotFoundError:
        return complete
    info = guest.child("personal_info")
    contact = {"phone": info.child("mobile_phone").text("number"), "email": event.patient.email or info.text("email")}
    return complete.model_copy(update={"patient": event.patient.model_copy(update=contact)})


def _headers(access: ApiAccess) -> dict[str, str]:
    return {"Authorization": f"apikey {access.token}"}
