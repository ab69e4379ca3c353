"""Booking systems that can be asked for a whole list, by name: what reconciliation compares the store with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bookings import acuity_list, calcom_list, calendly_list, fhir_api, square_list
from bookings.vendor_api import ApiAccess, VendorRefusedError, VendorUnavailableError
from domain.booking import BookingEvent
from domain.errors import BadInputError, NotFoundError
from domain.reconciliation import Window


class ListBetween(Protocol):
    """Every booking that starts in the window, from every page, or an error."""

    async def __call__(self, window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]: ...


class LookUp(Protocol):
    """One booking by its ref as it stands now, followed to its newest ref. NotFoundError where it is not known."""

    async def __call__(self, ref: str, access: ApiAccess) -> BookingEvent: ...


class ListChanged(Protocol):
    """What has changed since then, by the system's own clock."""

    async def __call__(self, since: datetime, access: ApiAccess) -> tuple[BookingEvent, ...]: ...


@dataclass(frozen=True)
class Lister:
    """How one system is asked. All of it raises VendorUnavailableError (retryable) or VendorRefusedError."""

    between: ListBetween
    one: LookUp
    changed: ListChanged | None = None
    """Where the system can be polled."""


LISTERS: Mapping[str, Lister] = {
    "calcom": Lister(calcom_list.between, calcom_list.one),
    "calendly": Lister(calendly_list.between, calendly_list.one),
    "acuity": Lister(acuity_list.between, acuity_list.one),
    "square": Lister(square_list.between, square_list.one),
    "fhir": Lister(fhir_api.between, fhir_api.one, fhir_api.polled_since),
}
"""Systems that are missing here (generic, Boulevard, Zenoti, Mindbody) cannot be reconciled."""


async def list_between(system: str, window: Window, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """The whole list; no error of it says that there are no bookings."""
    try:
        return await LISTERS[system].between(window, access)
    except NotFoundError:
        raise VendorRefusedError("the booking system's API has no such list: check 'api_base_url'") from None
    except BadInputError as error:
        raise VendorUnavailableError(f"unexpected answer: {error}") from None


async def list_changed(system: str, since: datetime, access: ApiAccess) -> tuple[BookingEvent, ...]:
    """What has changed; VendorRefusedError for a system that cannot be polled."""
    lister = LISTERS.get(system)
    if lister is None or lister.changed is None:
        raise VendorRefusedError(f"{system} cannot be polled: take 'poll' out of the source")
    try:
        return await lister.changed(since, access)
    except NotFoundError:
        raise VendorRefusedError("the booking system's API has no such list: check 'api_base_url'") from None
    except BadInputError as error:
        raise VendorUnavailableError(f"unexpected answer: {error}") from None


async def look_up(system: str, ref: str, access: ApiAccess) -> BookingEvent | None:
    """The booking as it stands now; None when the system does not know it any more."""
    try:
        return await LISTERS[system].one(ref, access)
    except NotFoundError:
        return None
    except BadInputError as error:
        raise VendorUnavailableError(f"unexpected answer: {error}") from None
