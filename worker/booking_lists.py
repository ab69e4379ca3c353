"""Asks the clinics' booking systems for what they know, with the tokens that the clinic files name."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ssl import SSLContext
from zoneinfo import ZoneInfo

import httpx

from bookings.hydrate import ONE_SECRET
from bookings.listing import LISTERS, list_between, list_changed, look_up
from bookings.vendor_api import ApiAccess, VendorRefusedError
from domain.booking import BookingEvent
from domain.clinic import BookingSource, Cadence, Clinic
from domain.errors import BadInputError
from domain.reconciliation import Window

Secret = Callable[[str], str | None]
TOKEN = "api_token_name"  # noqa: S105 - the name of an option
"""Names the variable that holds the API credential; a source without it is not asked."""


@cache
def _trusted() -> SSLContext:
    """Read once: it takes long enough to hold up everything else in the process."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def vendor_access(clinic: Clinic, source: str, secret: Secret) -> AsyncIterator[ApiAccess]:
    """The API of one source, at this moment. VendorRefusedError where there is no credential."""
    settings = clinic.sources[source]
    token = api_token(settings, secret)
    async with httpx.AsyncClient(verify=_trusted()) as http:
        yield ApiAccess(
            client=http,
            token=token,
            now=datetime.now(UTC),
            options=settings.options,
            zone=ZoneInfo(clinic.timezone),
        )


def api_token(source: BookingSource, secret: Secret) -> str:
    """The credential of a source's API: the variable that `api_token_name` names, or the one that also signs."""
    found = (secret(name) for name in _token_names(source))
    if token := next((token.strip() for token in found if token and token.strip()), None):
        return token
    raise VendorRefusedError(f"there is no API credential: name its variable in the source's option '{TOKEN}'")


def _token_names(source: BookingSource) -> Sequence[str]:
    if name := source.options.get(TOKEN):
        return (name,)
    return source.secret_names if source.system in ONE_SECRET else ()


def refuse_unpollable(clinic: Clinic) -> None:
    """BadInputError for a source that asks for polling and whose system cannot be polled."""
    for name, source in clinic.sources.items():
        lister = LISTERS.get(source.system)
        if source.poll and (lister is None or lister.changed is None):
            able = ", ".join(system for system, one in LISTERS.items() if one.changed)
            raise BadInputError(f"sources.{name}.poll: {source.system} cannot be polled (only {able}); take it out")


@dataclass(frozen=True)
class VendorLists:
    """Fills `domain.ports.BookingLists`."""

    secret: Secret
    """The credential behind a name, or None."""

    def can_list(self, clinic: Clinic, source: str) -> bool:
        """Whether the system has a list that we read, and the clinic file names a token for it."""
        settings = clinic.sources[source]
        return settings.system in LISTERS and bool(_token_names(settings))

    def standing(self, clinic: Clinic, source: str) -> tuple[str, bool]:
        """How the source is compared, in words, and whether something must be mended."""
        settings = clinic.sources[source]
        if settings.reconcile is Cadence.OFF or not self.can_list(clinic, source):
            return "not reconciled", False
        names = _token_names(settings)
        if not any(self.secret(name) for name in names):
            return f"not reconciled, since {' or '.join(names)} is not set", True
        return f"reconciled {settings.reconcile}", False

    def why_not(self, clinic: Clinic, source: str) -> str:
        """What keeps a source from being listed."""
        settings = clinic.sources[source]
        if settings.system not in LISTERS:
            return f"{settings.system} has no list that we read (docs/booking-systems)"
        return f"its options name no '{TOKEN}', the variable that holds the API credential"

    async def between(self, clinic: Clinic, source: str, window: Window) -> Sequence[BookingEvent]:
        async with vendor_access(clinic, source, self.secret) as access:
            return await list_between(clinic.sources[source].system, window, access)

    async def changed_since(self, clinic: Clinic, source: str, since: datetime) -> Sequence[BookingEvent]:
        async with vendor_access(clinic, source, self.secret) as access:
            return await list_changed(clinic.sources[source].system, since, access)

    async def one(self, clinic: Clinic, source: str, ref: str) -> BookingEvent | None:
        async with vendor_access(clinic, source, self.secret) as access:
            return await look_up(clinic.sources[source].system, ref, access)
