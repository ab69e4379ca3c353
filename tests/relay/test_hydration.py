"""Thin deliveries all the way: stored, completed through the vendor's API over real HTTP, told to the journey."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bookings.registry import ADAPTERS
from domain.clinic import BookingSource
from domain.journey.events import BookingChange
from domain.records import InboxRow, TaskCause
from protocols.load import load_protocol
from relay.booking_intake import BookingIntake
from relay.matching import Matching
from relay.relay import Relay
from relay.starting import Starter
from sandbox.config import SandboxConfig
from tests.bookings import samples
from tests.bookings.test_hydrate import ACUITY, BOULEVARD, OPTIONS
from tests.bookings.test_robustness import encode
from tests.relay.conftest import Desk
from tests.sandbox_server import RunningSandbox, sandbox_server
from tests.store.rows import CLINIC, a_clinic
from worker.assemble import hydrated

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.

SERVICES = {"55": "microneedling", "urn:blvd:Service:9": "microneedling", "RU3P": "microneedling", "XX9Q": "ignore"}
ROUTES: dict[str, tuple[Any, str, str, dict[str, Any]]] = {
    "acuity": (samples.acuity("scheduled"), "appointment", "8800", ACUITY),
    "square": (samples.square(), "customer", "7AX4", {"given_name": "Ana", "phone_number": "+15005550006"}),
    "boulevard": (samples.boulevard("APPOINTMENT_CREATED"), "appointment", "urn:blvd:Appointment:77", BOULEVARD),
}
"""System -> the thin delivery, and the record that its API knows."""


@pytest.fixture
async def vendors() -> AsyncIterator[RunningSandbox]:
    async with sandbox_server(SandboxConfig()) as running:
        yield running


@pytest.fixture
async def relay(desk: Desk, vendors: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Relay:
    """The clinic's sources point to the stand-ins, with a token from the environment."""
    monkeypatch.setenv("HEALGATE_TEST_API_TOKEN", "dG9rZW4=")
    sources = {
        system: BookingSource(
            system=system,
            secret_names=(),
            options={
                **OPTIONS,
                "api_token_name": "HEALGATE_TEST_API_TOKEN",
                "api_base_url": f"{vendors.base_url}/booking-apis/{system}",
            },
        )
        for system in ROUTES
    }
    await desk.store.clinics.apply(a_clinic(sources=sources, services=SERVICES, live_from="2027-01-01"))
    starter = Starter(desk.store, desk.journeys, load_protocol, allow_unapproved=True)
    intake = BookingIntake(desk.store, desk.journeys, starter, Matching(desk.store), ADAPTERS, hydrated)
    return Relay(desk.store, {"booking": intake.take}, lambda: desk.now)


async def arrives(desk: Desk, system: str, value: Any) -> None:
    await desk.store.inbox.put(
        InboxRow(
            id=f"row-{system}",
            clinic_id=CLINIC,
            source=f"booking:{system}",
            delivery_id="d1",
            key=f"booking:{system}:b1",
            body=encode(system, value),
            received_at=desk.now,
            next_try_at=desk.now,
        )
    )


async def arrives_at_a_faulty_vendor(desk: Desk, vendors: RunningSandbox, *, status: int, times: int) -> None:
    """A thin delivery whose system answers so many questions with that status before it tells the rest."""
    value, kind, record_id, record = ROUTES["acuity"]
    await arrives(desk, "acuity", value)
    await vendors.http.put(f"/_sandbox/booking-apis/acuity/{kind}/{record_id}", json=record)
    await vendors.http.post("/_sandbox/booking-apis/faults", json={"status": status, "times": times})


@pytest.mark.parametrize("system", sorted(ROUTES))
async def test_what_the_webhook_leaves_out_is_fetched(
    desk: Desk, relay: Relay, vendors: RunningSandbox, system: str
) -> None:
    """The journey begins for the patient whom only the vendor's API names."""
    value, kind, record_id, record = ROUTES[system]
    await arrives(desk, system, value)
    path = f"/_sandbox/booking-apis/{system}/{kind}/{record_id}"
    (await vendors.http.put(path, json=record)).raise_for_status()
    await relay.once()
    assert len(desk.told(BookingChange)) == 1
    (patient,) = await desk.store.patients.by_phone(CLINIC, "+15005550006")
    assert patient.first_name == "Ana"


async def test_a_vendor_that_is_down_delays_and_loses_nothing(
    desk: Desk, relay: Relay, vendors: RunningSandbox
) -> None:
    """The delivery waits in the inbox until the API answers again, and then begins the journey."""
    await arrives_at_a_faulty_vendor(desk, vendors, status=503, times=3)
    await relay.once()
    assert (desk.told(BookingChange), (await desk.store.inbox.backlog(desk.now)).count) == ([], 1)
    for _ in range(6):
        desk.later(timedelta(minutes=1))
        await relay.once()
    assert len(desk.told(BookingChange)) == 1


async def test_a_refused_credential_is_one_task_and_loses_nothing(
    desk: Desk, relay: Relay, vendors: RunningSandbox
) -> None:
    """The admin is told what to mend, once; the delivery waits, and with the credential mended the task is closed."""
    await arrives_at_a_faulty_vendor(desk, vendors, status=401, times=2)
    for _ in range(2):
        await relay.once()
        desk.later(timedelta(minutes=10))
    (task,) = await desk.store.tasks.open_below(CLINIC, "source:acuity")
    assert (task.cause, "check the API credential" in str(task.detail["why"])) == (TaskCause.INCIDENT, True)
    assert desk.told(BookingChange) == []
    await relay.once()
    assert len(desk.told(BookingChange)) == 1
    assert await desk.store.tasks.open_below(CLINIC, "source:acuity") == []
