"""Many bookings at once while Temporal dies and comes back: each begins one journey, none is lost, none twice."""

import asyncio
import json
import os
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from store.tables import bookings, journeys
from tests.e2e.patient import working_day
from tests.e2e.system import System, eventually
from workflows.ids import journey_workflow_id

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BOOKINGS = int(os.environ.get("HEALGATE_RUSH_BOOKINGS", "40"))
WITHIN = 60.0 + BOOKINGS / 2
"""Seconds until all journeys have begun; Temporal itself takes some ten to be back."""


def delivery(number: int) -> bytes:
    starts_at = working_day(datetime.now(UTC), 4 + number % 20).isoformat()
    body = {
        "id": f"evt-rush-{number}",
        "type": "booking.booked",
        "occurred_at": datetime.now(UTC).isoformat(),
        "booking": {"ref": f"rush-{number}", "service": "microneedling", "starts_at": starts_at},
        "patient": {"first_name": f"Rush{number}", "phone": f"+1202556{number:04d}"},
    }
    return json.dumps(body).encode()


async def journeys_begun(system: System) -> dict[str, str]:
    """Booking ref -> journey, of those that have begun."""
    query = select(bookings.c.ref, bookings.c.journey_id).where(bookings.c.ref.like("rush-%"))
    async with system.store.database.read() as connection:
        return {ref: journey for ref, journey in await connection.execute(query) if journey}


async def test_each_booking_of_a_rush_begins_one_journey(system: System) -> None:
    """Every third delivery comes twice, and the Temporal server is killed in the middle."""
    order = [number for number in range(BOOKINGS) for _ in range(2 if number % 3 == 0 else 1)]
    turns = asyncio.Semaphore(20)

    async def post(number: int) -> int:
        async with turns:
            return (await system.post_booking(delivery(number))).status_code

    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    answers = await asyncio.gather(*(post(number) for number in first))
    old = system.kill("temporal")
    answers += await asyncio.gather(*(post(number) for number in second))
    assert set(answers) == {202}
    await system.started_again("temporal", old)

    async def all_begun() -> dict[str, str] | None:
        begun = await journeys_begun(system)
        return begun if len(begun) == BOOKINGS else None

    begun = await eventually(all_begun, "all journeys to begin", WITHIN)
    assert set(Counter(begun.values()).values()) == {1}, "two bookings share a journey"
    for journey in begun.values():
        await system.client.get_workflow_handle(journey_workflow_id(journey)).describe()
    async with system.store.database.read() as connection:
        query = select(func.count()).select_from(journeys).where(journeys.c.starting_ref.like("%:rush-%"))
        assert await connection.scalar(query) == BOOKINGS, "a booking has begun two journeys"
