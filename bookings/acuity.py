"""Acuity Scheduling webhooks (developers.acuityscheduling.com): a form with ids only, so each one is fetched."""

import base64
from datetime import datetime, timedelta
from urllib.parse import quote

from bookings.decode import decode_form
from bookings.delivery import Parsed, RawDelivery, milliseconds, thin_delivery_id
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, get_json
from domain.booking import BookedPatient, BookingEvent, BookingKind

BASE_URL = "https://acuityscheduling.com"

_KINDS = {
    "scheduled": BookingKind.BOOKED,
    "rescheduled": BookingKind.RESCHEDULED,
    "canceled": BookingKind.CANCELLED,
}


def parse(raw: RawDelivery) -> Parsed:
    """One thin event; `changed` (which doubles the others) and orders are unknown ones."""
    form = Fields(decode_form(raw.body))
    action = form.ref("action").removeprefix("appointment.")
    appointment = form.maybe_ref("id") if action in (*_KINDS, "changed") else None
    service = form.maybe_ref("appointmentTypeID")
    event = BookingEvent(
        source="acuity",
        delivery_id=thin_delivery_id(raw),
        booking_ref=appointment or "",
        sequence=milliseconds(raw.received_at),
        kind=_KINDS.get(action, BookingKind.UNKNOWN) if appointment else BookingKind.UNKNOWN,
        services=(service,) if service else (),
        hydrated=appointment is None,
    )
    return (event,)


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The appointment as it stands now: deliveries carry no order, so the newest look decides."""
    url = f"{access.base_url(BASE_URL)}/api/v1/appointments/{quote(event.booking_ref, safe='')}"
    return (as_it_stands(event, await get_json(access, url, headers(access)), access),)


def headers(access: ApiAccess) -> dict[str, str]:
    """The account's credentials."""
    credentials = base64.b64encode(f"{access.option('api_user')}:{access.token}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def as_it_stands(event: BookingEvent, appointment: Fields, access: ApiAccess) -> BookingEvent:
    """The event with all that the appointment says at the moment of asking."""
    starts_at = appointment.time("datetime", zone=access.zone)
    service = appointment.maybe_ref("appointmentTypeID")
    complete = {
        "sequence": milliseconds(access.now),
        "kind": _kind(event.kind, appointment),
        "starts_at": starts_at,
        "ends_at": _ends_at(starts_at, appointment),
        "services": (service,) if service else event.services,
        "location": appointment.text("location"),
        "patient": _patient(appointment),
        "hydrated": True,
    }
    return event.model_copy(update=complete)


def _kind(announced: BookingKind, appointment: Fields) -> BookingKind:
    if appointment.flag("noShow"):
        return BookingKind.NO_SHOW
    if appointment.flag("canceled"):
        return BookingKind.CANCELLED
    return announced if announced is BookingKind.RESCHEDULED else BookingKind.BOOKED


def _ends_at(starts_at: datetime | None, appointment: Fields) -> datetime | None:
    minutes = appointment.maybe_ref("duration") or ""
    if starts_at is None or not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5):
        return None
    return starts_at + timedelta(minutes=int(minutes))


def _patient(appointment: Fields) -> BookedPatient:
    names = (appointment.text("firstName"), appointment.text("lastName"))
    return BookedPatient(
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        phone=appointment.text("phone"),
        email=appointment.text("email"),
        timezone=appointment.text("timezone"),
    )
