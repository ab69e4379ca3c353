"""Whole lists of booking systems, from the sandbox's stand-ins over real HTTP: all pages or nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from bookings.listing import LISTERS, list_between, list_changed, look_up
from bookings.vendor_api import ApiAccess, VendorRefusedError, VendorUnavailableError
from domain.booking import RESCHEDULED, BookingEvent, BookingKind
from domain.reconciliation import Window
from sandbox.config import SandboxConfig
from tests.bookings.deliveries import NOW
from tests.bookings.lists import LISTED, acuity, calcom, calendly_ref, fault, listed, ref_of
from tests.bookings.test_hydrate import OPTIONS
from tests.sandbox_server import RunningSandbox, sandbox_server

pytestmark = pytest.mark.slow

WINDOW = Window(since=NOW - timedelta(days=7), until=NOW + timedelta(weeks=8))
BEFORE = NOW - timedelta(days=1)
every_system = pytest.mark.parametrize("system", LISTED)


@pytest.fixture
async def vendors() -> AsyncIterator[RunningSandbox]:
    async with sandbox_server(SandboxConfig()) as running:
        yield running


def access(vendors: RunningSandbox, system: str, **options: str) -> ApiAccess:
    chosen = {"api_base_url": f"{vendors.base_url}/booking-apis/{system}", "page_size": "2"} | options
    organization = {"api_organization": "https://api.calendly.com/organizations/O1"}
    return ApiAccess(client=vendors.http, token="dG9rZW4=", now=NOW, options=OPTIONS | organization | chosen)


async def listing(vendors: RunningSandbox, system: str) -> dict[str, BookingEvent]:
    found = await list_between(system, WINDOW, access(vendors, system))
    assert all(event.source == system for event in found)
    return {event.booking_ref: event for event in found}


async def looked_up(vendors: RunningSandbox, system: str, ref: str) -> BookingEvent | None:
    return await look_up(system, ref, access(vendors, system))


@every_system
async def test_three_pages_are_one_list(vendors: RunningSandbox, system: str) -> None:
    """Five bookings on three pages come back complete, cancelled ones among them, and none from outside the window."""
    for number in range(5):
        start = NOW + timedelta(days=3 + 10 * number)
        await listed(vendors, system, f"{number}", start, BEFORE, live=number != 3)
    await listed(vendors, system, "8", NOW + timedelta(weeks=9), BEFORE)
    await listed(vendors, system, "9", NOW - timedelta(days=9), BEFORE)
    found = await listing(vendors, system)
    assert set(found) == {ref_of(system, f"{number}") for number in range(5)}
    kinds = [found[ref_of(system, f"{number}")].kind for number in range(5)]
    assert kinds == [BookingKind.BOOKED] * 3 + [BookingKind.CANCELLED] + [BookingKind.BOOKED]
    first = found[ref_of(system, "0")]
    assert first.starts_at == NOW + timedelta(days=3)
    assert first.sequence > 0


@every_system
async def test_a_broken_page_is_no_list(vendors: RunningSandbox, system: str) -> None:
    """Where a later page fails the whole list is an error that says to ask again."""
    for number in range(5):
        await listed(vendors, system, f"{number}", NOW + timedelta(days=3 + number), BEFORE)
    await fault(vendors, status=503, after=1, times=100)
    with pytest.raises(VendorUnavailableError) as caught:
        await listing(vendors, system)
    assert caught.value.retryable


@every_system
async def test_the_system_is_waited_for(vendors: RunningSandbox, system: str) -> None:
    """A 429 that names a short pause is waited out inside the list."""
    await listed(vendors, system, "1", NOW + timedelta(days=3), BEFORE)
    await fault(vendors, status=429, retry_after_seconds=1)
    assert len(await listing(vendors, system)) == 1


@every_system
async def test_a_long_pause_is_for_later(vendors: RunningSandbox, system: str) -> None:
    """A longer one is handed on, with its length."""
    await fault(vendors, status=429, retry_after_seconds=600)
    with pytest.raises(VendorUnavailableError) as caught:
        await listing(vendors, system)
    assert caught.value.retry_after == timedelta(minutes=10)


@every_system
async def test_one_booking_is_looked_up(vendors: RunningSandbox, system: str) -> None:
    """By its ref, wherever it starts; None where the system does not know it."""
    await listed(vendors, system, "1", NOW + timedelta(weeks=20), BEFORE)
    found = await looked_up(vendors, system, ref_of(system, "1"))
    assert found is not None
    assert (found.booking_ref, found.starts_at) == (ref_of(system, "1"), NOW + timedelta(weeks=20))
    assert await looked_up(vendors, system, ref_of(system, "2")) is None


@every_system
async def test_a_refused_token_is_not_asked_again(vendors: RunningSandbox, system: str) -> None:
    """401 and a missing list are the admin's."""
    for status in (401, 404):
        await fault(vendors, status=status)
        with pytest.raises(VendorRefusedError):
            await listing(vendors, system)


async def test_a_reschedule_is_followed_to_its_new_uid(vendors: RunningSandbox) -> None:
    """Cal.com's old uid leads to the newest one, which names the old; in the list the old half says `rescheduled`."""
    far = NOW + timedelta(weeks=12)
    await listed(vendors, "calcom", "1", NOW + timedelta(days=3), BEFORE, live=False, rescheduledToUid="2")
    await listed(vendors, "calcom", "2", NOW, BEFORE, live=False, rescheduledFromUid="1", rescheduledToUid="3")
    await listed(vendors, "calcom", "3", far, BEFORE, rescheduledFromUid="2")
    found = await looked_up(vendors, "calcom", "1")
    assert found is not None
    assert (found.booking_ref, found.previous_booking_ref, found.starts_at) == ("3", "1", far)
    assert {event.reason for event in (await listing(vendors, "calcom")).values()} == {RESCHEDULED}


async def test_a_new_invitee_is_followed(vendors: RunningSandbox) -> None:
    """So is Calendly's invitee."""
    old, new = calendly_ref("1"), calendly_ref("2")
    await listed(vendors, "calendly", "1", NOW, BEFORE, live=False, rescheduled=True, new_invitee=new)
    await listed(vendors, "calendly", "2", NOW + timedelta(weeks=12), BEFORE, old_invitee=old)
    found = await looked_up(vendors, "calendly", old)
    assert found is not None
    assert (found.booking_ref, found.previous_booking_ref, found.kind) == (new, old, BookingKind.BOOKED)


NO_SHOWS: dict[str, dict[str, Any]] = {
    "acuity": {"live": False, "noShow": True},
    "calcom": {"attendees": [{"name": "Ana", "email": "ana@example.com", "absent": True}]},
    "calendly": {"no_show": {"uri": "https://api.calendly.com/invitee_no_shows/N1"}},
    "fhir": {"status": "noshow"},
    "square": {"status": "NO_SHOW"},
}


@every_system
async def test_no_shows_are_listed(vendors: RunningSandbox, system: str) -> None:
    """Each in its own words."""
    await listed(vendors, system, "1", BEFORE, BEFORE, **NO_SHOWS[system])
    assert [event.kind for event in (await listing(vendors, system)).values()] == [BookingKind.NO_SHOW]


async def test_completed_only_if_the_system_says_so(vendors: RunningSandbox) -> None:
    """A past booking is booked, not completed; FHIR's `fulfilled` alone says that the treatment was done."""
    for system in LISTED:
        await listed(vendors, system, "1", BEFORE, BEFORE)
        assert [event.kind for event in (await listing(vendors, system)).values()] == [BookingKind.BOOKED]
    await listed(vendors, "fhir", "1", BEFORE, BEFORE, status="fulfilled")
    assert [event.kind for event in (await listing(vendors, "fhir")).values()] == [BookingKind.COMPLETED]


async def test_a_day_that_does_not_fit_is_no_list(vendors: RunningSandbox) -> None:
    """Acuity's list has no second page: more on one day than it shows cannot be compared."""
    for number in range(3):
        await listed(vendors, "acuity", f"{number}", NOW + timedelta(hours=number), BEFORE)
    with pytest.raises(VendorUnavailableError, match="one day"):
        await listing(vendors, "acuity")


BROKEN: dict[str, Any] = {
    "acuity": [acuity("1", NOW, BEFORE)[0][2] | {"datetime": None}],
    "calcom": {"data": [calcom("1", NOW, BEFORE)[0][2] | {"start": "soon"}], "pagination": {}},
    "calendly": {"status": "success"},
    "fhir": {"resourceType": "OperationOutcome"},
}


@pytest.mark.parametrize("system", BROKEN)
async def test_an_unreadable_answer_is_no_list(system: str) -> None:
    """A booking without its start, or an answer without the list, is never taken for all that there is."""
    answer = httpx.Response(200, json=BROKEN[system])
    options = OPTIONS | {"api_base_url": "http://vendor", "api_organization": "O1"}
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as client:
        with pytest.raises(VendorUnavailableError):
            await list_between(system, WINDOW, ApiAccess(client=client, token="t", now=NOW, options=options))


async def test_a_local_time_without_offset_is_the_clinics(vendors: RunningSandbox) -> None:
    """After the clocks have changed, nine in the morning in New York is 13:00 UTC."""
    await listed(vendors, "acuity", "1", NOW, BEFORE, datetime="2027-03-15T09:00:00")
    asked = access(vendors, "acuity")
    there = ApiAccess(
        client=asked.client, token=asked.token, now=NOW, options=asked.options, zone=ZoneInfo("America/New_York")
    )
    (event,) = await list_between("acuity", WINDOW, there)
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2027-03-15T13:00:00+00:00"


async def test_only_fhir_can_be_polled(vendors: RunningSandbox) -> None:
    """By the time of the last change, which the server's clock sets; other systems say what to mend."""
    await listed(vendors, "fhir", "1", NOW + timedelta(weeks=30), BEFORE)
    await listed(vendors, "fhir", "2", NOW + timedelta(days=3), BEFORE - timedelta(hours=1))
    found = await list_changed("fhir", BEFORE, access(vendors, "fhir"))
    assert [event.booking_ref for event in found] == ["1"]
    for system in sorted(set(LISTERS) - {"fhir"}):
        with pytest.raises(VendorRefusedError, match="poll"):
            await list_changed(system, BEFORE, access(vendors, system))
