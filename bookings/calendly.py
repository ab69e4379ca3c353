"""Calendly webhooks, API v2 (developer.calendly.com: webhook signatures, sample webhook data, reschedule guide).

A reschedule is two deliveries in any order: `invitee.created` with the old invitee, which says everything, and
`invitee.canceled` of the old invitee, which is given the reason `RESCHEDULED` so that nobody takes it for the end.
"""

import re

from bookings.decode import decode_json
from bookings.delivery import Parsed, RawDelivery, body_hash, milliseconds
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, get_json
from domain.booking import RESCHEDULED, BookedPatient, BookingEvent, BookingKind

BASE_URL = "https://api.calendly.com"

_EVENT_ID = re.compile(r"/scheduled_events/([A-Za-z0-9-]{1,64})/")
_PHONE_QUESTION = re.compile(r"\b(phone|mobile|cell|tel[eé]fono|m[oó]vil)\b", re.IGNORECASE)


def parse(raw: RawDelivery) -> Parsed:
    """One event about one invitee."""
    body = Fields(decode_json(raw.body))
    name = body.text("event") or ""
    payload = body.child("payload")
    kind = _kind(name, payload)
    if kind is BookingKind.UNKNOWN:
        return (BookingEvent(source="calendly", delivery_id=body_hash(raw.body), booking_ref="", kind=kind),)
    if name.startswith("invitee_no_show."):
        return (_event(body, raw, kind, payload.maybe_ref("invitee") or payload.ref("uri")),)
    return (_event(body, raw, kind, payload.ref("uri")),)


def _kind(name: str, payload: Fields) -> BookingKind:
    if name == "invitee.created":
        return BookingKind.RESCHEDULED if "old_invitee" in payload else BookingKind.BOOKED
    kinds = {
        "invitee.canceled": BookingKind.CANCELLED,
        "invitee_no_show.created": BookingKind.NO_SHOW,
        "invitee_no_show.deleted": BookingKind.NO_SHOW_CLEARED,
    }
    return kinds.get(name, BookingKind.UNKNOWN)


def _event(body: Fields, raw: RawDelivery, kind: BookingKind, ref: str) -> BookingEvent:
    payload = body.child("payload")
    # Published samples name it both ways; `event` is often just an address.
    appointment = payload.child("scheduled_event") or payload.child("event")
    changed_at = body.time("created_at")
    created = kind in (BookingKind.BOOKED, BookingKind.RESCHEDULED)
    return BookingEvent(
        source="calendly",
        delivery_id=body_hash(raw.body),
        booking_ref=ref,
        previous_booking_ref=payload.maybe_ref("old_invitee") if created else None,
        sequence=milliseconds(changed_at or raw.received_at),
        kind=kind,
        starts_at=appointment.time("start_time"),
        ends_at=appointment.time("end_time"),
        services=services_of(appointment),
        location=appointment.child("location").text("location"),
        patient=patient_of(payload),
        actor=payload.child("cancellation").text("canceler_type"),
        reason=_reason(payload),
        hydrated=not created or "start_time" in appointment,
        occurred_at=changed_at,
    )


def _reason(payload: Fields) -> str | None:
    return RESCHEDULED if payload.flag("rescheduled") else payload.child("cancellation").text("reason")


def services_of(appointment: Fields) -> tuple[str, ...]:
    """The event type's id, else its name."""
    # The event type's address stays when the clinic renames it.
    service = (appointment.text("event_type") or "").rpartition("/")[2] or appointment.text("name")
    return (service,) if service else ()


def patient_of(payload: Fields) -> BookedPatient:
    """The invitee as a patient."""
    return BookedPatient(
        name=payload.text("name"),
        first_name=payload.text("first_name"),
        phone=payload.text("text_reminder_number") or _asked_phone(payload),
        email=payload.text("email"),
        timezone=payload.text("timezone"),
    )


def _asked_phone(payload: Fields) -> str | None:
    asked = payload.children("questions_and_answers")
    return next((item.text("answer") for item in asked if _PHONE_QUESTION.search(item.text("question") or "")), None)


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The appointment's times, for deliveries that name it only by its address.

    The address in the delivery gives the id alone: requests go to the configured API, never where a body points.
    """
    found = _EVENT_ID.search(event.booking_ref)
    if found is None:
        return ()
    url = f"{access.base_url(BASE_URL)}/scheduled_events/{found[1]}"
    answer = await get_json(access, url, {"Authorization": f"Bearer {access.token}"})
    appointment = answer.child("resource")
    complete = {
        "starts_at": appointment.time("start_time"),
        "ends_at": appointment.time("end_time"),
        "services": services_of(appointment),
        "location": appointment.child("location").text("location"),
        "hydrated": True,
    }
    return (event.model_copy(update=complete),)
