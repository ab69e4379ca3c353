"""Completing thin events through the vendor's API."""

from collections.abc import Mapping
from typing import Protocol

from bookings import acuity, boulevard, calendly, fhir_api, square, zenoti
from bookings.delivery import lacks_start
from bookings.vendor_api import ApiAccess, VendorUnavailableError
from domain.booking import BookingEvent
from domain.errors import BadInputError


class Hydrator(Protocol):
    """Fetches what a thin event names; no event comes back when there is nothing to know.

    Raises NotFoundError, VendorUnavailableError (retryable) or VendorRefusedError.
    """

    async def __call__(self, event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]: ...


HYDRATORS: Mapping[str, Hydrator] = {
    "calendly": calendly.hydrate,
    "acuity": acuity.hydrate,
    "square": square.hydrate,
    "fhir": fhir_api.hydrate,
    "boulevard": boulevard.hydrate,
    "zenoti": zenoti.hydrate,
}
"""Systems that are missing here never send thin events."""

ONE_SECRET = frozenset({"acuity", "boulevard"})
"""Systems that sign with the credential of their API."""


async def hydrate(event: BookingEvent, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The event made complete: itself when it is already, several when it stood for a search."""
    if event.hydrated:
        return (event,)
    try:
        found = await HYDRATORS[event.source](event, access)
    except BadInputError as error:
        raise VendorUnavailableError(f"unexpected answer: {error}") from None
    if any(lacks_start(complete) for complete in found):
        raise VendorUnavailableError("the appointment has no start")
    return found
