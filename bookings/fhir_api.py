"""Fetching and polling FHIR R4 Appointments."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from bookings.delivery import milliseconds
from bookings.fhir_resources import event_of, patient_of
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, VendorRefusedError, get_json
from domain.booking import BookingEvent, BookingKind
from domain.errors import BadInputError, NotFoundError

LOOK_BACK = timedelta(minutes=15)
"""A notification without payload means 'something changed': search this far back, generous to slow queues."""

MAX_PAGES = 50


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The appointment (or, when none was named, all that changed lately) with its patient."""
    if not event.booking_ref:
        return await changed_since((event.occurred_at or access.now) - LOOK_BACK, access)
    try:
        appointment = await get_json(
            access, f"{_base(access)}/Appointment/{quote(event.booking_ref, safe='')}", _headers(access)
        )
    except NotFoundError:
        gone = {"kind": BookingKind.CANCELLED, "sequence": milliseconds(access.now), "reason": "deleted"}
        return (event.model_copy(update=gone | {"hydrated": True}),)
    return (await _with_patient(event_of(appointment, event.delivery_id), access),)


async def changed_since(since: datetime, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Appointments with `_lastUpdated` since then, patients included; also the way to poll a server without push."""
    url = f"{_base(access)}/Appointment?_lastUpdated=ge{quote(since.isoformat())}&_count=100"
    events: list[BookingEvent] = []
    for _ in range(MAX_PAGES):
        page = await get_json(access, url, _headers(access))
        for entry in page.children("entry"):
            found = _polled(entry.child("resource"))
            events += [await _with_patient(found, access)] if found else []
        following = _next(page, access)
        if following is None:
            return tuple(events)
        url = following
    raise VendorRefusedError(f"the FHIR server gave more than {MAX_PAGES} pages: poll a shorter span")


def _polled(resource: Fields) -> BookingEvent | None:
    if resource.text("resourceType") != "Appointment":
        return None
    meta = resource.child("meta")
    delivery_id = f"poll:{resource.maybe_ref('id')}:{meta.text('versionId') or meta.text('lastUpdated')}"
    try:
        return event_of(resource, delivery_id[:255])
    except BadInputError:
        # One unreadable appointment must not hide the others of its page.
        return None


def _next(page: Fields, access: ApiAccess) -> str | None:
    """The next page, only where it is on the configured server: the credential goes nowhere else."""
    links = (link.text("url") for link in page.children("link") if link.text("relation") == "next")
    url = next((link for link in links if link), None)
    if url is None:
        return None
    if urlsplit(url)[:2] != urlsplit(_base(access))[:2]:
        raise VendorRefusedError("the FHIR server's next page is on another host: set 'api_base_url' to that address")
    return url


async def _with_patient(event: BookingEvent, access: ApiAccess) -> BookingEvent:
    if event.hydrated:
        return event
    url = f"{_base(access)}/Patient/{quote(event.patient.vendor_id or '', safe='')}"
    try:
        patient = patient_of(await get_json(access, url, _headers(access)))
    except NotFoundError:
        return event.model_copy(update={"hydrated": True})
    known = patient.model_copy(update={"vendor_id": event.patient.vendor_id})
    return event.model_copy(update={"patient": known, "hydrated": True})


def _base(access: ApiAccess) -> str:
    return access.option("api_base_url").rstrip("/")


def _headers(access: ApiAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}", "Accept": "application/fhir+json"}
