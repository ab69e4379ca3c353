"""Deliveries of booking systems."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.parts import ApiParts, Parts
from api.webhooks.clinics import WebhookClinic
from api.webhooks.storing import inbox_row, keep, public_url, refusals_counted
from bookings import cloud_events
from bookings.delivery import Probe, RawDelivery
from bookings.registry import BookingAdapter
from bookings.signatures import Verified, verify
from domain.booking import BookingEvent
from domain.clinic import BookingSource, Clinic
from domain.errors import NotFoundError
from domain.records import InboxRow

KEPT_HEADERS = ("content-type", "x-medplum-deleted-resource", *cloud_events.HEADERS)
"""What adapters read beside the body; signatures and cookies are not kept."""

DELIVERY_HEADER = "X-Healgate-Delivery"
"""Our id of a stored delivery, to ask later what became of it."""

router = APIRouter(prefix="/webhooks/bookings")


# FHIR R4's rest-hook with payload is a PUT by the standard.
@router.api_route("/{clinic}/{source}", methods=["POST", "PUT", "HEAD"])
async def receive(clinic: WebhookClinic, source: str, request: Request, parts: Parts) -> Response:
    """Store one delivery; 202 says it is safe here."""
    settings, adapter = _settings(clinic, source), _adapter(parts, clinic, source)
    raw = await _raw(clinic, request, parts)
    with refusals_counted(parts, adapter.name):
        verified = _verified(adapter, settings, raw, parts)
    if verified.probe:
        return Response(status_code=200)
    parsed = adapter.parse(raw)
    if isinstance(parsed, Probe) or not parsed:
        return JSONResponse({"stored": False})
    row = _row(parts, clinic, source, raw, parsed[0])
    stored = await keep(parts, row, counted_as=adapter.name)
    headers = {} if stored == "duplicate" else {DELIVERY_HEADER: row.id}
    return JSONResponse({"stored": stored != "duplicate"}, status_code=202, headers=headers)


def _settings(clinic: Clinic, source: str) -> BookingSource:
    if source not in clinic.sources:
        raise NotFoundError("this clinic has no booking system of this name")
    return clinic.sources[source]


def _adapter(parts: ApiParts, clinic: Clinic, source: str) -> BookingAdapter:
    system = clinic.sources[source].system
    if system not in parts.adapters:
        raise NotFoundError("this booking system has no adapter here: choose another `system` for the source")
    return parts.adapters[system]


async def _raw(clinic: Clinic, request: Request, parts: ApiParts) -> RawDelivery:
    return RawDelivery(
        body=await request.body(),
        headers=dict(request.headers),
        method=request.method,
        url=public_url(parts, request),
        zone=ZoneInfo(clinic.timezone),
        received_at=parts.clock(),
    )


def _verified(adapter: BookingAdapter, settings: BookingSource, raw: RawDelivery, parts: ApiParts) -> Verified:
    secrets = [secret for name in settings.secret_names if (secret := parts.secret(name))]
    return verify(adapter.scheme(settings.options), raw, secrets, parts.clock())


def _row(parts: ApiParts, clinic: Clinic, source: str, raw: RawDelivery, first: BookingEvent) -> InboxRow:
    return inbox_row(
        parts,
        clinic_id=clinic.id,
        source=f"booking:{source}",
        delivery_id=first.delivery_id,
        key=f"booking:{source}:{first.booking_ref}",
        body=raw.body,
        headers={name: value for name in KEPT_HEADERS if (value := raw.header(name))},
    )
