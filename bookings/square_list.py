"""Listing Square bookings (`GET /v2/bookings`: at most 31 days in one question, then page by page with a cursor)."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from bookings.fields import Fields
from bookings.pages import get_page, iso, pages, read_item
from bookings.square import BASE_URL, KINDS, event_of
from bookings.vendor_api import ApiAccess
from domain.booking import BookingEvent, BookingKind
from domain.reconciliation import Window

LIMIT = 100
LONGEST_SPAN = timedelta(days=30)


async def between(window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """Every booking of the seller that starts in the window; its customers are fetched when one is applied."""
    url = f"{access.base_url(BASE_URL)}/v2/bookings"
    events: dict[str, BookingEvent] = {}
    for span in _spans(window):
        asked = {"start_at_min": iso(span.since), "start_at_max": iso(span.until)}
        asked["limit"] = access.options.get("page_size", str(LIMIT))
        async for page in pages(access, url, _headers(access), asked, _following):
            for booking in page.children("bookings"):
                event = read_item(_event, booking)
                events[event.booking_ref] = event
    return tuple(event for event in events.values() if window.holds(event.starts_at))


async def one(ref: str, access: ApiAccess) -> BookingEvent:
    """The booking of that id. NotFoundError where it is not known."""
    url = f"{access.base_url(BASE_URL)}/v2/bookings/{quote(ref, safe='')}"
    booking = (await get_page(access, url, _headers(access))).child("booking")
    return read_item(_event, booking)


def _spans(window: Window) -> Iterator[Window]:
    since = window.since
    while since < window.until:
        until = min(since + LONGEST_SPAN, window.until)
        yield Window(since=since, until=until)
        since = until


def _event(booking: Fields) -> BookingEvent:
    kind = KINDS.get(booking.text("status") or "", BookingKind.UNKNOWN)
    return event_of(booking, kind, f"list:{booking.ref('id')}"[:255], booking.time("updated_at"))


def _following(page: Fields) -> dict[str, str]:
    cursor = page.token("cursor")
    return {"cursor": cursor} if cursor else {}


def _headers(access: ApiAccess) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.token}"}
