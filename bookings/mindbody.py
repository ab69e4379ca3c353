"""Mindbody webhooks, from several public integrations: not tested against real traffic."""

import re

from bookings.decode import decode_json
from bookings.delivery import Parsed, Probe, RawDelivery, body_hash, milliseconds
from bookings.fields import Fields
from domain.booking import BookedPatient, BookingEvent, BookingKind

_EVENTS = {
    "appointmentBooking.created": BookingKind.BOOKED,
    "appointmentBooking.updated": BookingKind.BOOKED,
    "appointmentBooking.cancelled": BookingKind.CANCELLED,
}

_STATUSES = {
    "requested": BookingKind.REQUESTED,
    "arrived": BookingKind.ARRIVED,
    "completed": BookingKind.COMPLETED,
    "noshow": BookingKind.NO_SHOW,
    "cancelled": BookingKind.CANCELLED,
    "latecancelled": BookingKind.CANCELLED,
}
"""Letters of `status` in `.updated`, which sources write in several ways; any other one is a live booking."""


def parse(raw: RawDelivery) -> Parsed:
    """One complete event; a cancellation holds nothing but the ids."""
    if raw.method.upper() == "HEAD":
        return Probe("HEAD")
    body = Fields(decode_json(raw.body))
    name = body.text("eventId") or ""
    delivery_id = body.maybe_ref("messageId") or body_hash(raw.body)
    if name not in _EVENTS:
        kind = BookingKind.UNKNOWN
        return (BookingEvent(source="mindbody", delivery_id=delivery_id, booking_ref="", kind=kind),)
    data = body.child("eventData")
    changed_at = body.time("eventInstanceOriginationDateTime", zone=raw.zone)
    event = BookingEvent(
        source="mindbody",
        delivery_id=delivery_id,
        booking_ref=data.ref("appointmentId"),
        sequence=milliseconds(changed_at or raw.received_at),
        kind=_kind(name, data),
        starts_at=data.time("startDateTime", zone=raw.zone),
        ends_at=data.time("endDateTime", zone=raw.zone),
        services=data.refs("sessionTypeId") or data.refs("appointmentName"),
        location=data.maybe_ref("locationId"),
        patient=_patient(data),
        occurred_at=changed_at,
    )
    return (event,)


def _kind(name: str, data: Fields) -> BookingKind:
    status = re.sub(r"[^a-z]", "", (data.text("status") or "").lower())
    kind = _STATUSES.get(status, _EVENTS[name]) if name == "appointmentBooking.updated" else _EVENTS[name]
    return BookingKind.ARRIVED if kind is BookingKind.BOOKED and data.flag("hasArrived") else kind


def _patient(data: Fields) -> BookedPatient:
    names = (data.text("clientFirstName"), data.text("clientLastName"))
    return BookedPatient(
        vendor_id=data.maybe_ref("clientUniqueId") or data.maybe_ref("clientId"),
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        phone=data.text("clientPhone"),
        email=data.text("clientEmail"),
    )
