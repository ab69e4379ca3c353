"""Silence of a booking system: told once, ended by the next delivery."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.requests import ReconcileRequest
from activities.silence import Silence
from domain.clinic import BookingSource
from domain.records import TaskCause
from store import Store
from tests.builders import at
from tests.store.rows import CLINIC, a_clinic, a_delivery

SOURCE = "front-desk"
MONDAY = at("2027-03-01", "10:00")
DAY = timedelta(days=1)


@dataclass
class Rig:
    """A clinic that is open Monday to Friday from nine to five, and hears from its booking system."""

    store: Store
    now: datetime = MONDAY
    _count: int = field(default=0)

    async def hears(self, at_times: list[datetime]) -> None:
        for moment in at_times:
            self._count += 1
            row = a_delivery(self._count, source=f"booking:{SOURCE}", key=f"booking:{SOURCE}:b{self._count}")
            await self.store.inbox.put(row.model_copy(update={"received_at": moment, "next_try_at": moment}))

    async def silent(self, moment: datetime) -> bool:
        """What a run at that time says."""
        environment = ActivityEnvironment()
        silence = Silence(self.store.clinics, self.store.inbox, self.store.tasks, self.store.reconciliations)
        skew = moment - environment.info.started_time
        return await environment.run(silence.note_silence, ReconcileRequest(clinic_id=CLINIC, source=SOURCE, skew=skew))

    async def open_tasks(self) -> list[str]:
        return [task.scope for task in await self.store.tasks.listing(CLINIC)]


@pytest.fixture
async def rig(store: Store) -> Rig:
    await store.clinics.apply(a_clinic(sources={SOURCE: BookingSource(system="generic", secret_names=())}))
    return Rig(store)


def daily(count: int) -> list[datetime]:
    """A delivery at ten on each of so many weekdays from Monday on."""
    days = (MONDAY + number * DAY for number in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


async def test_longer_than_usual_is_told_once_and_ends(rig: Rig) -> None:
    """Twice the usual pause: one task, no second one by the next run, and none any more after the next delivery."""
    await rig.hears(daily(10))
    last = daily(10)[-1]
    assert not await rig.silent(last + 3 * DAY)
    assert await rig.silent(last + 5 * DAY)
    assert await rig.silent(last + 6 * DAY)
    assert await rig.open_tasks() == [f"booking-silence:{SOURCE}"]
    await rig.hears([last + 6 * DAY])
    assert not await rig.silent(last + 6 * DAY + timedelta(hours=1))
    assert await rig.open_tasks() == []


async def test_a_task_closed_by_hand_stays_closed(rig: Rig) -> None:
    """Somebody looked: the same silence is not told again, the next one is."""
    await rig.hears(daily(10))
    last = daily(10)[-1]
    await rig.silent(last + 5 * DAY)
    scope = f"booking-silence:{SOURCE}"
    await rig.store.tasks.close(CLINIC, scope, TaskCause.INCIDENT, outcome="holiday", by="staff:Kim", now=last)
    assert await rig.silent(last + 7 * DAY)
    assert await rig.open_tasks() == []
    await rig.hears([last + 8 * DAY])
    assert not await rig.silent(last + 8 * DAY)
    assert await rig.silent(last + 30 * DAY)
    assert await rig.open_tasks() == [scope]


async def test_months_of_silence_are_still_silence(rig: Rig) -> None:
    """What is usual is read from the weeks before it."""
    await rig.hears(daily(10))
    assert await rig.silent(daily(10)[-1] + 90 * DAY)


async def test_nights_and_weekends_are_no_silence(rig: Rig) -> None:
    """From Friday to Monday nothing is expected."""
    await rig.hears(daily(10))
    assert not await rig.silent(daily(10)[-1] + 3 * DAY)


async def test_who_never_delivered_is_not_called_silent(rig: Rig) -> None:
    """A source that was just set up, or that delivers seldom, has no usual."""
    assert not await rig.silent(MONDAY)
    assert not await rig.silent(MONDAY + 30 * DAY)
    assert await rig.open_tasks() == []


async def test_lost_changes_are_evidence(rig: Rig) -> None:
    """Reconciliation found what no webhook had brought: then a working day without any is enough."""
    assert not await rig.silent(MONDAY)
    await rig.store.reconciliations.note(CLINIC, SOURCE, lost_at=MONDAY + timedelta(hours=2))
    assert not await rig.silent(MONDAY + timedelta(hours=3))
    assert await rig.silent(MONDAY + DAY + timedelta(hours=1))
    (task,) = await rig.store.tasks.listing(CLINIC)
    assert (task.cause, task.detail["reconciliation_found_changes"]) == (TaskCause.INCIDENT, True)


async def test_a_polled_system_has_no_webhooks(rig: Rig) -> None:
    """Nothing is expected of it, and nothing of a source that is no more."""
    await rig.hears(daily(10))
    await rig.store.clinics.apply(a_clinic(sources={SOURCE: BookingSource(system="fhir", secret_names=(), poll=True)}))
    assert not await rig.silent(MONDAY + 60 * DAY)
    await rig.store.clinics.apply(a_clinic())
    assert not await rig.silent(MONDAY + 60 * DAY)
