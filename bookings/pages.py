"""Reading whole lists from a booking system's API: page by page, waiting where it asks us to, all or an error."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import ParamSpec

from bookings.delivery import lacks_start
from bookings.fields import Fields
from bookings.vendor_api import ApiAccess, VendorRefusedError, VendorUnavailableError, get_json
from domain.booking import BookingEvent
from domain.errors import BadInputError

P = ParamSpec("P")
LONGEST_WAIT = timedelta(seconds=60)
"""A longer Retry-After is left to whoever asked for the list."""
WAITS = 5
"""In a row, for one page."""
MAX_PAGES = 200
"""Some ten thousand bookings: more is a server that pages in circles."""


class IncompleteListError(VendorUnavailableError):
    """A part of the list could not be read, so nothing may be concluded from what it does not name."""


async def get_page(
    access: ApiAccess,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    ask: Callable[..., Awaitable[Fields]] = get_json,
) -> Fields:
    """What `ask` gets, waiting for as long as the API says (429 with Retry-After), within limits."""
    for _ in range(WAITS):
        try:
            return await ask(access, url, headers, params)
        except VendorUnavailableError as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            await asyncio.sleep(error.retry_after.total_seconds())
    return await ask(access, url, headers, params)


async def pages(
    access: ApiAccess,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    following: Callable[[Fields], Mapping[str, str]],
) -> AsyncIterator[Fields]:
    """Every page; `following` gives the parameters that the next one needs more, none where there is none."""
    more: Mapping[str, str] = {}
    for _ in range(MAX_PAGES):
        page = await get_page(access, url, headers, {**params, **more})
        yield page
        more = following(page)
        if not more:
            return
    raise VendorRefusedError(f"the booking system gave more than {MAX_PAGES} pages: choose fewer 'reconcile_weeks'")


def read_item(read: Callable[P, BookingEvent], *args: P.args, **kwargs: P.kwargs) -> BookingEvent:
    """One booking of a list; an unreadable one makes the whole list unusable for a comparison."""
    try:
        event = read(*args, **kwargs)
    except BadInputError as error:
        raise IncompleteListError(f"unexpected booking in the list: {error}") from None
    if lacks_start(event):
        raise IncompleteListError("a booking in the list has no start")
    return event


def required_list(page: Fields, name: str) -> tuple[Fields, ...]:
    """The list of that name; an answer without it is no empty list."""
    if name not in page:
        raise IncompleteListError(f"the answer has no '{name}'")
    return page.children(name)


def iso(moment: datetime) -> str:
    """As every API takes it: UTC with Z, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
