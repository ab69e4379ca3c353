"""The generic booking webhook: one signed JSON shape for systems without an adapter.

The shape, with an example, is in docs/booking-systems/generic.md.
"""

from datetime import date

from bookings.cloud_events import is_cloud_event, unwrapped
from bookings.decode import decode_json
from bookings.delivery import Parsed, RawDelivery, lacks_start, milliseconds
from bookings.fields import Fields
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import BadInputError

_KINDS = {f"booking.{kind.value}": kind for kind in BookingKind if kind is not BookingKind.UNKNOWN} | {
    "booking.canceled": BookingKind.CANCELLED
}

_NEEDS_PATIENT = frozenset({BookingKind.REQUESTED, BookingKind.BOOKED})


def parse(raw: RawDelivery) -> Parsed:
    """One event; BadInputError names the field and the mend. A type we do not know becomes an `unknown` event."""
    body = Fields(unwrapped(raw) if is_cloud_event(raw) else decode_json(raw.body), lenient=False)
    kind = _kind(body)
    if kind is BookingKind.UNKNOWN:
        ref = body.child("booking").maybe_ref("ref") or ""
        return (BookingEvent(source="generic", delivery_id=body.ref("id"), booking_ref=ref, kind=kind),)
    event = _event(body, kind)
    _complain_if_incomplete(event)
    return (event,)


def _kind(body: Fields) -> BookingKind:
    name = body.text("type")
    if name is None:
        raise BadInputError(f"'type' is missing: give one of {', '.join(sorted(_KINDS))}")
    return _KINDS.get(name.lower(), BookingKind.UNKNOWN)


def _event(body: Fields, kind: BookingKind) -> BookingEvent:
    booking = body.child("booking")
    occurred_at = body.time("occurred_at")
    sequence = booking.whole("sequence")
    if occurred_at is None and sequence is None:
        raise BadInputError("'occurred_at' is missing: give the time of the change with offset, or booking.sequence")
    return BookingEvent(
        source="generic",
        delivery_id=body.ref("id"),
        booking_ref=booking.ref("ref"),
        previous_booking_ref=booking.maybe_ref("previous_ref"),
        group_ref=booking.maybe_ref("group"),
        sequence=milliseconds(occurred_at) if sequence is None else sequence,
        kind=kind,
        starts_at=booking.time("starts_at"),
        ends_at=booking.time("ends_at"),
        services=booking.refs("services") or booking.refs("service"),
        location=booking.text("location"),
        patient=_patient(body.child("patient")),
        reason=booking.text("reason"),
        occurred_at=occurred_at,
    )


def _patient(patient: Fields) -> BookedPatient:
    names = (patient.text("first_name"), patient.text("last_name"))
    return BookedPatient(
        vendor_id=patient.maybe_ref("id"),
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        phone=patient.text("phone"),
        email=patient.text("email"),
        timezone=patient.text("timezone"),
        region=patient.text("region"),
        locale=patient.text("locale"),
        birth_date=_birth_date(patient),
        consents=patient.refs("consents"),
        consent_wording=patient.text("consent_wording") or "",
    )


def _birth_date(patient: Fields) -> str | None:
    text = patient.text("birth_date")
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInputError("'patient.birth_date' must be an ISO date, such as 1990-01-31") from None


def _complain_if_incomplete(event: BookingEvent) -> None:
    if lacks_start(event):
        raise BadInputError("'booking.starts_at' is missing: give the start with offset")
    if event.ends_at and event.starts_at and event.ends_at < event.starts_at:
        raise BadInputError("'booking.ends_at' is before 'booking.starts_at': swap or mend them")
    if event.kind not in _NEEDS_PATIENT:
        return
    if not event.services:
        raise BadInputError("'booking.service' is missing: give a treatment or your own name of the service")
    if not (event.patient.vendor_id or event.patient.phone or event.patient.email):
        raise BadInputError("'patient' is missing: give its id, phone or email, so that the patient can be found")
