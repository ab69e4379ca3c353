"""Fetching and polling FHIR R4 Appointments."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from bookings.delivery import milliseconds
from bookings.fhir_resources import event_of, patient_of
from bookings.fields import Fields
from bookings.pages import IncompleteListError, get_page, read_item
from bookings.vendor_api import ApiAccess, VendorRefusedError, get_json
from domain.booking import BookingEvent, BookingKind
from domain.errors import BadInputError, NotFoundError
from domain.reconciliation import Window

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
    """Appointments with `_lastUpdated` since then, patients included."""
    return tuple([await _with_patient(event, access) for event in await polled_since(since, access)])


async def polled_since(since: datetime, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The same without their patients: the way to poll a server without push."""
    found = [_polled(resource) async for resource in _search(f"_lastUpdated=ge{_instant(since)}", access)]
    return tuple(event for event in found if event)


async def between(window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Every appointment that starts in the window; patients are fetched when one is applied."""
    query = f"date=ge{_instant(window.since)}&date=lt{_instant(window.until)}"
    events = [read_item(_listed, item) async for item in _search(query, access)]
    return tuple(event for event in events if window.holds(event.starts_at))


async def one(ref: str, access: ApiAccess) -> BookingEvent:
    """The appointment of that id. NotFoundError where it is not known."""
    url = f"{_base(access)}/Appointment/{quote(ref, safe='')}"
    resource = await get_page(access, url, _headers(access))
    return read_item(_listed, resource)


async def _search(query: str, access: ApiAccess) -> AsyncIterator[Fields]:
    """The appointments of every page."""
    url = f"{_base(access)}/Appointment?{query}&_count={access.options.get('page_size', '100')}"
    for _ in range(MAX_PAGES):
        page = await get_page(access, url, _headers(access))
        if page.text("resourceType") != "Bundle":
            raise IncompleteListError("the answer is no Bundle")
        for entry in page.children("entry"):
            if entry.child("resource").text("resourceType") == "Appointment":
                yield entry.child("resource")
        following = _next(page, access)
        if following is None:
            return
        url = following
    raise VendorRefusedError(f"the FHIR server gave more than {MAX_PAGES} pages: ask for a shorter span")


def _instant(moment: datetime) -> str:
    return quote(moment.isoformat())


def _listed(resource: Fields) -> BookingEvent:
    return event_of(resource, f"list:{resource.maybe_ref('id')}"[:255])


def _polled(resource: Fields) -> BookingEvent | None:
    meta = resource.child("meta")
    delivery_id = f"poll:{resource.maybe_ref('id')}:{meta.text('versionId') or meta.text('lastUpdated')}"
    try:
        return event_of(resource, delivery_id[:255])
    except BadInputError:
        # One unreadable appointment must not hide the others of its page.
        return None


def _next(page: Fields, access: ApiAccess) -> str | None:
    """The next page, only where it is on the configured server: the credential goes nowhere else."""
    links = (link.token("url") for link in page.children("link") if link.text("relation") == "next")
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
