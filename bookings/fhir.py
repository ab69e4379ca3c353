"""FHIR R4 Appointment by rest-hook subscriptions, with and without payload (hl7.org/fhir/R4; Medplum's extensions).

A resource says what the appointment is now: every change of a live one is `booked`, and a new start is a reschedule.
`meta.versionId` is opaque, so `meta.lastUpdated` orders.
"""

import re

from bookings.decode import decode_json
from bookings.delivery import Parsed, RawDelivery, body_hash, milliseconds, thin_delivery_id
from bookings.fhir_resources import event_of
from bookings.fields import Fields
from domain.booking import BookingEvent, BookingKind

_DELETED_HEADER = "x-medplum-deleted-resource"
_APPOINTMENT = re.compile(r"Appointment/([A-Za-z0-9.-]{1,64})")


def parse(raw: RawDelivery) -> Parsed:
    """The appointments in the delivery; an empty body is a thin event that says 'search'."""
    body = Fields(decode_json(raw.body)) if raw.body.strip() else Fields({})
    if not body:
        return (_thin(raw),)
    appointments = [item for item in _resources(body) if item.text("resourceType") == "Appointment"]
    if not appointments:
        return (BookingEvent(source="fhir", delivery_id=body_hash(raw.body), booking_ref="", kind=BookingKind.UNKNOWN),)
    copy = body_hash(raw.body)
    ids = (copy, *(f"{copy}#{number}" for number in range(2, len(appointments) + 1)))
    return tuple(event_of(item, delivery_id) for item, delivery_id in zip(appointments, ids, strict=True))


def _resources(body: Fields) -> tuple[Fields, ...]:
    if body.text("resourceType") != "Bundle":
        return (body,)
    return tuple(entry.child("resource") for entry in body.children("entry"))


def _thin(raw: RawDelivery) -> BookingEvent:
    """Medplum names a deleted resource in a header that nobody signed: look, never cancel on its word."""
    named = _APPOINTMENT.fullmatch(raw.header(_DELETED_HEADER))
    return BookingEvent(
        source="fhir",
        delivery_id=thin_delivery_id(raw),
        booking_ref=named[1] if named else "",
        sequence=milliseconds(raw.received_at),
        kind=BookingKind.UNKNOWN,
        hydrated=False,
    )
