"""Boulevard webhooks and Admin API, from several public integrations: not tested against real traffic."""

import base64
import hashlib
import hmac
import re

from bookings.decode import decode_json
from bookings.delivery import Parsed, Probe, RawDelivery, body_hash, milliseconds
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, VendorRefusedError, post_json
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import NotFoundError

BASE_URL = "https://dashboard.boulevard.io"

_KINDS = {
    "APPOINTMENTCREATED": BookingKind.BOOKED,
    "APPOINTMENTCONFIRMED": BookingKind.BOOKED,
    "APPOINTMENTUPDATED": BookingKind.BOOKED,
    "APPOINTMENTRESCHEDULED": BookingKind.RESCHEDULED,
    "APPOINTMENTCANCELLED": BookingKind.CANCELLED,
    "APPOINTMENTCANCELED": BookingKind.CANCELLED,
    "APPOINTMENTARRIVED": BookingKind.ARRIVED,
    "APPOINTMENTACTIVE": BookingKind.ARRIVED,
    "APPOINTMENTCOMPLETED": BookingKind.COMPLETED,
}
"""Letters only: sources disagree on case and separators (APPOINTMENT_CREATED, appointment.created)."""

_STATES = {
    "BOOKED": BookingKind.BOOKED,
    "CONFIRMED": BookingKind.BOOKED,
    "ARRIVED": BookingKind.ARRIVED,
    "ACTIVE": BookingKind.ARRIVED,
    "FINAL": BookingKind.COMPLETED,
    "CANCELLED": BookingKind.CANCELLED,
}

_SAY_ENOUGH = frozenset({BookingKind.ARRIVED, BookingKind.COMPLETED})

_QUERY = """
query Appointment($id: ID!) {
  appointment(id: $id) {
    state startAt endAt locationId
    cancellation { reason }
    client { id firstName lastName email mobilePhone dob }
    appointmentServices { serviceId }
  }
}
"""


def parse(raw: RawDelivery) -> Parsed:
    """One event, thin where dates, contacts or the reason of a cancellation are needed; a probe for PING."""
    body = Fields(decode_json(raw.body))
    name = re.sub(r"[^A-Z]", "", (body.text("event") or body.text("eventType") or "").upper())
    if name in ("PING", "WEBHOOKPING"):
        return Probe("PING")
    kind = _KINDS.get(name, BookingKind.UNKNOWN)
    delivery_id = body.maybe_ref("idempotencyKey") or body_hash(raw.body)
    if kind is BookingKind.UNKNOWN:
        return (BookingEvent(source="boulevard", delivery_id=delivery_id, booking_ref="", kind=kind),)
    changed_at = body.time("timestamp", zone=raw.zone)
    event = BookingEvent(
        source="boulevard",
        delivery_id=delivery_id,
        booking_ref=body.child("resource").maybe_ref("id") or body.child("data").child("node").ref("id"),
        sequence=milliseconds(changed_at or raw.received_at),
        kind=kind,
        hydrated=kind in _SAY_ENOUGH,
        occurred_at=changed_at,
    )
    return (event,)


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The appointment with its client, by the Admin API's GraphQL."""
    url = f"{access.base_url(BASE_URL)}/api/2020-01/admin"
    query = {"query": _QUERY, "variables": {"id": event.booking_ref}}
    answer = await post_json(access, url, {"Authorization": f"Basic {_credentials(access)}"}, query)
    appointment = answer.child("data").child("appointment")
    if not appointment and "errors" in answer:
        raise VendorRefusedError("the Admin API refused the query: check the application's rights")
    if not appointment:
        raise NotFoundError("the booking system does not know this any more")
    complete = {
        "kind": _kind(event.kind, appointment),
        "starts_at": appointment.time("startAt", zone=access.zone),
        "ends_at": appointment.time("endAt", zone=access.zone),
        "services": tuple(item.ref("serviceId") for item in appointment.children("appointmentServices")),
        "location": appointment.text("locationId"),
        "patient": _patient(appointment.child("client")),
        "reason": appointment.child("cancellation").text("reason"),
        "hydrated": True,
    }
    return (event.model_copy(update=complete),)


def _kind(announced: BookingKind, appointment: Fields) -> BookingKind:
    kind = _STATES.get(appointment.text("state") or "", announced)
    if kind is BookingKind.CANCELLED and appointment.child("cancellation").text("reason") == "NO_SHOW":
        return BookingKind.NO_SHOW
    return announced if (kind, announced) == (BookingKind.BOOKED, BookingKind.RESCHEDULED) else kind


def _patient(client: Fields) -> BookedPatient:
    names = (client.text("firstName"), client.text("lastName"))
    return BookedPatient(
        vendor_id=client.maybe_ref("id"),
        name=" ".join(name for name in names if name) or None,
        first_name=names[0],
        phone=client.text("mobilePhone"),
        email=client.text("email"),
        birth_date=client.text("dob"),
    )


def _credentials(access: ApiAccess) -> str:
    """Basic credentials with a token signed for this moment (public Admin API clients agree on its form)."""
    payload = f"blvd-admin-v1{access.option('api_business')}{int(access.now.timestamp())}"
    try:
        key = base64.b64decode(access.token, validate=True)
    except ValueError:
        raise VendorRefusedError("the API secret is not base64: copy it again, completely") from None
    signature = base64.b64encode(hmac.new(key, payload.encode(), hashlib.sha256).digest()).decode()
    return base64.b64encode(f"{access.option('api_key')}:{signature}{payload}".encode()).decode()
