"""Schedules of booking systems on the real server: they follow the clinic files, and a triggered one runs once."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow

from domain.booking import BookingEvent, BookingKind
from domain.clinic import BookingSource, Cadence, Clinic
from domain.errors import HealgateError
from domain.reconciliation import Window
from runtime.metrics import Metrics
from tests.store.rows import CLINIC, a_clinic
from tests.workflows.world import World
from worker.source_keeper import SourceKeeper
from workflows.clinic_schedules import POLL_PREFIX, RECONCILE_PREFIX, follow_clinics, schedules_of

pytestmark = pytest.mark.slow


class DownError(HealgateError):
    """Not now."""

    retryable = True


@dataclass
class OneBooking:
    """A booking system that knows one booking; at first it is down for a while."""

    down: int = 0
    asked: list[Window] = field(default_factory=list)

    def can_list(self, clinic: Clinic, source: str) -> bool:
        return source != "front-desk"

    async def between(self, clinic: Clinic, source: str, window: Window) -> tuple[BookingEvent, ...]:
        self.asked.append(window)
        if len(self.asked) <= self.down:
            raise DownError("down")
        start = datetime.now(UTC) + timedelta(days=3)
        known: dict[str, Any] = {"source": "fhir", "delivery_id": "d", "booking_ref": "a1", "starts_at": start}
        return (BookingEvent(kind=BookingKind.BOOKED, services=("microneedling",), **known),)

    async def changed_since(self, clinic: Clinic, source: str, since: datetime) -> tuple[BookingEvent, ...]:
        return ()

    async def one(self, clinic: Clinic, source: str, ref: str) -> BookingEvent | None:
        return None


def clinic(**sources: BookingSource) -> Clinic:
    return a_clinic(sources=sources)


def source(**more: Any) -> BookingSource:
    return BookingSource.model_validate({"system": "fhir", "secret_names": ()} | more)


async def listed(client: Client) -> set[str]:
    """Ids of the clinics' schedules, asked of each by name: the server's list lags a little."""
    found = {one.id async for one in await client.list_schedules()}
    return {one for one in found if one.startswith((RECONCILE_PREFIX, POLL_PREFIX))}


def test_the_clinic_file_says_when() -> None:
    """Hourly unless it says nightly or off; polling comes beside."""
    found = {
        regular.id: regular.spec
        for regular in schedules_of(
            clinic(a=source(), b=source(reconcile=Cadence.NIGHTLY, poll=True), c=source(reconcile=Cadence.OFF))
        )
    }
    assert set(found) == {f"{RECONCILE_PREFIX}{CLINIC}:a", f"{RECONCILE_PREFIX}{CLINIC}:b", f"{POLL_PREFIX}{CLINIC}:b"}
    nightly = found[f"{RECONCILE_PREFIX}{CLINIC}:b"]
    assert (nightly.time_zone_name, list(nightly.cron_expressions)) == ("America/New_York", ["10 5 * * *"])
    assert found[f"{RECONCILE_PREFIX}{CLINIC}:a"].intervals[0].every == timedelta(hours=1)


async def test_schedules_follow_the_clinic_files(world: World) -> None:
    """A new source gets its schedule, a changed one is changed, and a removed one's goes, with what was remembered."""
    keeper = SourceKeeper(world.client, world.store, OneBooking(), world.queue, Metrics(), lambda: datetime.now(UTC))
    await world.store.clinics.apply(clinic(ehr=source(), old=source()))
    await world.store.reconciliations.get(CLINIC, "old", datetime.now(UTC))
    await keeper.follow()
    for name in ("ehr", "old"):
        await world.client.get_schedule_handle(f"{RECONCILE_PREFIX}{CLINIC}:{name}").describe()
    await world.store.clinics.apply(clinic(ehr=source(reconcile=Cadence.NIGHTLY, poll=True)))
    while await listed(world.client) != {f"{RECONCILE_PREFIX}{CLINIC}:ehr", f"{POLL_PREFIX}{CLINIC}:ehr"}:
        keeper._followed = None
        await keeper.follow()
    described = await world.client.get_schedule_handle(f"{RECONCILE_PREFIX}{CLINIC}:ehr").describe()
    assert described.schedule.spec.time_zone_name == "America/New_York"
    assert await world.store.reconciliations.all() == []
    await follow_clinics(world.client, [], world.queue)


async def test_a_triggered_run_compares_once(world: World) -> None:
    """The system is down at first: the run tries again, and stores the one difference once."""
    lists = OneBooking(down=1)
    await world.store.clinics.apply(clinic(ehr=source()))
    await follow_clinics(world.client, [await world.store.clinics.get(CLINIC)], world.queue)
    handle = world.client.get_schedule_handle(f"{RECONCILE_PREFIX}{CLINIC}:ehr")
    async with world.worker(lists):
        await handle.trigger()
        while not (recent := (await handle.describe()).info.recent_actions):  # noqa: ASYNC110 - the server's own list
            await asyncio.sleep(0.05)
        action = recent[0].action
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)
        run = world.client.get_workflow_handle(action.workflow_id)
        result = await run.result()
    assert (result["applied"], len(lists.asked)) == (1, 2)
    assert (await world.store.inbox.backlog(datetime.now(UTC))).count == 1
    await follow_clinics(world.client, [], world.queue)


async def test_what_stands_still_is_counted(world: World) -> None:
    """The gauges: silent sources, and the age of the oldest comparison of those that are compared."""
    metrics, now = Metrics(), datetime.now(UTC)
    keeper = SourceKeeper(world.client, world.store, OneBooking(), world.queue, metrics, lambda: now)
    off = source(reconcile=Cadence.OFF)
    await world.store.clinics.apply(clinic(**{"ehr": source(), "off": off, "front-desk": source()}))
    for name, hours in (("ehr", 2), ("off", 90), ("front-desk", 90), ("removed", 90)):
        await world.store.reconciliations.get(CLINIC, name, now)
        await world.store.reconciliations.note(CLINIC, name, completed_at=now - timedelta(hours=hours))
    await world.store.reconciliations.note(CLINIC, "front-desk", silent_since=now)
    await keeper.count(now)
    shown = metrics.render().decode()
    assert "healgate_booking_sources_silent 1.0" in shown
    assert "healgate_reconciliation_oldest_age_seconds 7200.0" in shown
