"""Asking a booking system's own API: one request with a time-out; errors say whether asking again can help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import httpx

from bookings.decode import decode_json, decode_json_list
from bookings.fields import Fields
from domain.errors import BadInputError, HealgateError, NotFoundError

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds. The relay holds one row per booking while it waits, so slow is better tried again later."""

_REFUSALS = range(400, 500)
_TRY_AGAIN = frozenset({408, 409, 423, 425, 429})


class VendorUnavailableError(HealgateError):
    """The booking system did not answer usefully; asking again later can help."""

    retryable = True

    def __init__(self, code: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"the booking system's API did not answer ({code})")
        self.retry_after = retry_after


class VendorRefusedError(HealgateError):
    """The booking system refuses us (credentials, permissions, request): the clinic's admin must mend the source."""


@dataclass(frozen=True, kw_only=True)
class ApiAccess:
    """How to reach one source's API, and the moment of asking."""

    client: httpx.AsyncClient
    token: str
    """The clinic's API credential for this source."""
    now: datetime
    options: Mapping[str, str] = field(default_factory=dict)
    """The source's options; `api_base_url` replaces the vendor's address."""
    zone: tzinfo = UTC

    def base_url(self, default: str) -> str:
        return self.options.get("api_base_url", default).rstrip("/")

    def option(self, name: str) -> str:
        """An option that this vendor's API cannot do without; VendorRefusedError names it."""
        value = self.options.get(name, "").strip()
        if not value:
            raise VendorRefusedError(
                f"the source's option '{name}' is missing: add it to the source in the clinic file"
            )
        return value


async def get_json(
    access: ApiAccess, url: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None
) -> Fields:
    """The JSON object at `url`. Raises NotFoundError, VendorUnavailableError or VendorRefusedError."""
    return await _ask(access, "GET", url, decode_json, headers=dict(headers), params=params)


async def get_list(
    access: ApiAccess, url: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None
) -> Fields:
    """The JSON list at `url`, as the field `items`; with the errors of `get_json`."""
    return await _ask(access, "GET", url, decode_json_list, headers=dict(headers), params=params)


async def post_json(access: ApiAccess, url: str, headers: Mapping[str, str], body: Any) -> Fields:
    """The answer to a query by POST, with the errors of `get_json`."""
    return await _ask(access, "POST", url, decode_json, headers=dict(headers), json=body)


async def _ask(
    access: ApiAccess, method: str, url: str, decode: Callable[[bytes], dict[str, Any]], **request: Any
) -> Fields:
    try:
        response = await access.client.request(method, url, timeout=TIMEOUT, **request)
    except httpx.TransportError as error:
        raise VendorUnavailableError(type(error).__name__) from None
    except (httpx.InvalidURL, httpx.DecodingError, UnicodeError):
        raise VendorRefusedError("the request could not be made: check 'api_base_url' and the API credential") from None
    _raise_for(response)
    try:
        return Fields(decode(response.content))
    except BadInputError:
        # Typically a proxy's or maintenance page with status 200.
        raise VendorUnavailableError("unreadable answer") from None


def _raise_for(response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    if status in (404, 410):
        raise NotFoundError("the booking system does not know this any more")
    if status in _REFUSALS and status not in _TRY_AGAIN:
        raise VendorRefusedError(
            f"the booking system's API refused us ({status}): check the API credential and its rights"
        )
    raise VendorUnavailableError(str(status), retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> timedelta | None:
    seconds = response.headers.get("retry-after", "")
    return timedelta(seconds=min(int(seconds), 3600)) if seconds.isascii() and seconds[:6].isdigit() else None
