"""Listing Acuity appointments (`GET /api/v1/appointments`, by days; the vendor's reference).

The list has a largest size and no second page: a full answer is asked for again in halves, down to one day.
"""

from datetime import date
from urllib.parse import quote

from bookings.acuity import BASE_URL, as_it_stands, headers
from bookings.fields import Fields
from bookings.pages import IncompleteListError, get_page, read_item, required_list
from bookings.vendor_api import ApiAccess, get_list
from domain.booking import BookingEvent, BookingKind
from domain.calendar import DAY
from domain.reconciliation import Window

MAX = 100
"""The API's own default."""


async def between(window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Every appointment that starts in the window, cancelled ones and no-shows too."""
    # Days are the account's, whose zone may differ from ours.
    first, last = window.since.date() - DAY, window.until.date() + DAY
    events = [read_item(event_of, item, access) for item in await _days(first, last, access)]
    return tuple(event for event in events if window.holds(event.starts_at))


async def one(ref: str, access: ApiAccess) -> BookingEvent:
    """The appointment of that id. NotFoundError where it is not known."""
    url = f"{access.base_url(BASE_URL)}/api/v1/appointments/{quote(ref, safe='')}"
    appointment = await get_page(access, url, headers(access))
    return read_item(event_of, appointment, access)


def event_of(appointment: Fields, access: ApiAccess) -> BookingEvent:
    """A listed appointment; it carries no version, so the moment of asking orders it."""
    ref = appointment.ref("id")
    event = BookingEvent(source="acuity", delivery_id=f"list:{ref}", booking_ref=ref, kind=BookingKind.BOOKED)
    return as_it_stands(event, appointment, access)


async def _days(first: date, last: date, access: ApiAccess) -> tuple[Fields, ...]:
    size = int(access.options.get("page_size", MAX))
    asked = {
        "minDate": first.isoformat(),
        "maxDate": last.isoformat(),
        "max": str(size),
        "showall": "true",
        "excludeForms": "true",
    }
    url = f"{access.base_url(BASE_URL)}/api/v1/appointments"
    found = required_list(await get_page(access, url, headers(access), asked, get_list), "items")
    if len(found) < size:
        return found
    if first == last:
        raise IncompleteListError("more appointments on one day than the list shows")
    middle = first + (last - first) // 2
    return (*await _days(first, middle, access), *await _days(middle + DAY, last, access))
