"""Square Appointments webhooks (developer.squareup.com: Bookings webhooks, BookingStatus).

Square says what an appointment is now, not what changed: every change of a live one is `booked`, and a new start is a
reschedule. It has no status for a completed treatment.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from bookings.decode import decode_json
from bookings.delivery import Parsed, RawDelivery, body_hash
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, get_json
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import NotFoundError

BASE_URL = "https://connect.squareup.com"

KINDS = {
    "PENDING": BookingKind.REQUESTED,
    "ACCEPTED": BookingKind.BOOKED,
    "DECLINED": BookingKind.CANCELLED,
    "CANCELLED_BY_CUSTOMER": BookingKind.CANCELLED,
    "CANCELLED_BY_SELLER": BookingKind.CANCELLED,
    "NO_SHOW": BookingKind.NO_SHOW,
}
_ACTORS = {"CANCELLED_BY_CUSTOMER": "customer", "CANCELLED_BY_SELLER": "seller", "DECLINED": "seller"}
_LIVE = frozenset({BookingKind.REQUESTED, BookingKind.BOOKED})


def parse(raw: RawDelivery) -> Parsed:
    """One event with the whole booking, but only the id of the customer."""
    body = Fields(decode_json(raw.body))
    delivery_id = body.maybe_ref("event_id") or body_hash(raw.body)
    booking = body.child("data").child("object").child("booking")
    kind = KINDS.get(booking.text("status") or "", BookingKind.UNKNOWN)
    if body.text("type") not in ("booking.created", "booking.updated") or kind is BookingKind.UNKNOWN:
        ref = booking.maybe_ref("id") or ""
        return (BookingEvent(source="square", delivery_id=delivery_id, booking_ref=ref, kind=BookingKind.UNKNOWN),)
    return (event_of(booking, kind, delivery_id, body.time("created_at")),)


def event_of(booking: Fields, kind: BookingKind, delivery_id: str, occurred_at: datetime | None) -> BookingEvent:
    """The whole booking; thin while the customer is only an id."""
    starts_at = booking.time("start_at")
    segments = booking.children("appointment_segments")
    customer = booking.maybe_ref("customer_id")
    services = (segment.maybe_ref("service_variation_id") for segment in segments)
    return BookingEvent(
        source="square",
        delivery_id=delivery_id,
        booking_ref=booking.ref("id"),
        sequence=booking.whole("version") or 0,
        kind=kind,
        starts_at=starts_at,
        ends_at=_ends_at(starts_at, segments),
        services=tuple(service for service in services if service),
        location=booking.text("location_id"),
        patient=BookedPatient(vendor_id=customer),
        actor=_ACTORS.get(booking.text("status") or ""),
        hydrated=kind not in _LIVE or customer is None,
        occurred_at=occurred_at,
    )


def _ends_at(starts_at: datetime | None, segments: tuple[Fields, ...]) -> datetime | None:
    minutes = sum(segment.whole("duration_minutes") or 0 for segment in segments)
    if starts_at is None or not 0 < minutes < 24 * 60:
        return None
    return starts_at + timedelta(minutes=minutes)


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The customer's name and contacts; a customer who was deleted leaves the booking without them."""
    url = f"{access.base_url(BASE_URL)}/v2/customers/{quote(event.patient.vendor_id or '', safe='')}"
    try:
        answer = await get_json(access, url, {"Authorization": f"Bearer {access.token}"})
    except NotFoundError:
        return (event.model_copy(update={"hydrated": True}),)
    patient = _patient(event.patient.vendor_id, answer.child("customer"))
    return (event.model_copy(update={"patient": patient, "hydrated": True}),)


def _patient(vendor_id: str | None, customer: Fields) -> BookedPatient:
    names = (customer.text("given_name"), customer.text("family_name"))
    birthday = customer.text("birthday")
    return BookedPatient(
        vendor_id=vendor_id,
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        phone=customer.text("phone_number"),
        email=customer.text("email_address"),
        # Square writes 0000 for a year that was not given.
        birth_date=None if birthday and birthday.startswith("0000") else birthday,
    )
