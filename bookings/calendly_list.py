"""Listing Calendly appointments (API v2: `GET /scheduled_events` of the organization, and the invitees of each)."""

import re
from urllib.parse import quote

from bookings.calendly import BASE_URL, patient_of, services_of
from bookings.delivery import milliseconds
from bookings.fields import Fields
from bookings.pages import get_page, iso, pages, read_item, required_list
from bookings.vendor_api import ApiAccess
from domain.booking import RESCHEDULED, BookingEvent, BookingKind
from domain.errors import NotFoundError
from domain.reconciliation import Window

COUNT = 100
LONGEST_CHAIN = 10
"""Reschedules of one visit that are followed from invitee to invitee."""

_INVITEE = re.compile(r"/scheduled_events/([A-Za-z0-9-]{1,64})/invitees/([A-Za-z0-9-]{1,64})$")
_EVENT = re.compile(r"/scheduled_events/([A-Za-z0-9-]{1,64})$")


async def between(window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Every appointment of the organization that starts in the window, one event per invitee."""
    asked = {
        "organization": access.option("api_organization"),
        "min_start_time": iso(window.since),
        "max_start_time": iso(window.until),
        "count": access.options.get("page_size", str(COUNT)),
    }
    events: list[BookingEvent] = []
    url = f"{access.base_url(BASE_URL)}/scheduled_events"
    async for page in pages(access, url, _headers(access), asked, _following):
        for appointment in required_list(page, "collection"):
            events += await _of_appointment(appointment, access)
    return tuple(event for event in events if window.holds(event.starts_at))


async def one(ref: str, access: ApiAccess) -> BookingEvent:
    """The invitee of that address, or whom it was rescheduled to. NotFoundError where it is not known."""
    invitee = await _invitee(ref, access)
    for _ in range(LONGEST_CHAIN):
        later = invitee.maybe_ref("new_invitee")
        if later is None:
            break
        invitee = await _invitee(later, access)
    event_id = _EVENT.search(invitee.ref("event"))
    if event_id is None:
        raise NotFoundError("the booking system does not know this any more")
    url = f"{access.base_url(BASE_URL)}/scheduled_events/{event_id[1]}"
    appointment = (await get_page(access, url, _headers(access))).child("resource")
    event = read_item(event_of, invitee, appointment, access)
    return event if event.booking_ref == ref else event.model_copy(update={"previous_booking_ref": ref})


async def _invitee(ref: str, access: ApiAccess) -> Fields:
    """By the ids in its address: requests go to the configured API, never where an answer points."""
    found = _INVITEE.search(ref)
    if found is None:
        raise NotFoundError("this is no invitee's address")
    url = f"{access.base_url(BASE_URL)}/scheduled_events/{found[1]}/invitees/{found[2]}"
    return (await get_page(access, url, _headers(access))).child("resource")


async def _of_appointment(appointment: Fields, access: ApiAccess) -> list[BookingEvent]:
    event_id = appointment.ref("uri").rpartition("/")[2]
    url = f"{access.base_url(BASE_URL)}/scheduled_events/{quote(event_id, safe='')}/invitees"
    events: list[BookingEvent] = []
    async for page in pages(access, url, _headers(access), {"count": str(COUNT)}, _following):
        invitees = required_list(page, "collection")
        events += [read_item(event_of, invitee, appointment, access) for invitee in invitees]
    return events


def _following(page: Fields) -> dict[str, str]:
    token = page.child("pagination").token("next_page_token")
    return {"page_token": token} if token else {}


def event_of(invitee: Fields, appointment: Fields, access: ApiAccess) -> BookingEvent:
    """A listed invitee with its appointment."""
    ref = invitee.ref("uri")
    changed_at = invitee.time("updated_at")
    cancellation = invitee.child("cancellation")
    return BookingEvent(
        source="calendly",
        delivery_id=f"list:{ref}"[:255],
        booking_ref=ref,
        previous_booking_ref=invitee.maybe_ref("old_invitee"),
        sequence=milliseconds(changed_at or access.now),
        kind=_kind(invitee, appointment),
        starts_at=appointment.time("start_time"),
        ends_at=appointment.time("end_time"),
        services=services_of(appointment),
        location=appointment.child("location").text("location"),
        patient=patient_of(invitee),
        actor=cancellation.text("canceler_type"),
        reason=RESCHEDULED if invitee.flag("rescheduled") else cancellation.text("reason"),
        occurred_at=changed_at,
    )


def _kind(invitee: Fields, appointment: Fields) -> BookingKind:
    if "canceled" in (invitee.text("status"), appointment.text("status")):
        return BookingKind.CANCELLED
    return BookingKind.NO_SHOW if "no_show" in invitee else BookingKind.BOOKED


def _headers(access: ApiAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}
