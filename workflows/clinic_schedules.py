"""The Schedules of the clinics' booking systems: one per clinic and source, following the clinic files."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from temporalio.client import Client, ScheduleIntervalSpec, ScheduleSpec
from temporalio.service import RPCError, RPCStatusCode

from activities.requests import ReconcileRequest
from domain.clinic import BookingSource, Cadence, Clinic
from workflows.schedules import Regular, ensure_schedule
from workflows.upkeep import PollWorkflow, ReconcileWorkflow

RECONCILE_PREFIX = "healgate-reconcile:"
POLL_PREFIX = "healgate-poll:"
HOUR = timedelta(hours=1)
POLL_EVERY = timedelta(minutes=5)
JITTER = timedelta(minutes=10)
"""Clinics of one vendor are not to ask it all at once."""

NIGHTLY = "10 5 * * *"
"""On the clinic's clock, after the hour at which any zone changes its clocks, and before the first visit."""


def schedules_of(clinic: Clinic) -> Iterator[Regular]:
    """What the clinic file asks for."""
    for name, source in clinic.sources.items():
        request = ReconcileRequest(clinic_id=clinic.id, source=name)
        if spec := _spec(source, clinic.timezone):
            yield Regular(f"{RECONCILE_PREFIX}{clinic.id}:{name}", ReconcileWorkflow.run, request, spec)
        if source.poll:
            every = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=POLL_EVERY)], jitter=timedelta(seconds=30))
            poll_id = f"{POLL_PREFIX}{clinic.id}:{name}"
            # A missed round has nothing to make up for: the next one fetches from the same cursor.
            yield Regular(poll_id, PollWorkflow.run, request, every, catch_up=POLL_EVERY)


def _spec(source: BookingSource, zone: str) -> ScheduleSpec | None:
    if source.reconcile is Cadence.OFF:
        return None
    if source.reconcile is Cadence.NIGHTLY:
        return ScheduleSpec(cron_expressions=[NIGHTLY], time_zone_name=zone, jitter=JITTER)
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=HOUR)], jitter=JITTER)


async def follow_clinics(client: Client, clinics: Iterable[Clinic], task_queue: str) -> None:
    """Create or bring up to date what the clinic files ask for, and remove the rest; again it changes nothing."""
    wanted = [regular for clinic in clinics for regular in schedules_of(clinic)]
    for regular in wanted:
        await ensure_schedule(client, regular, task_queue)
    await _remove_others(client, {regular.id for regular in wanted})


async def _remove_others(client: Client, wanted: set[str]) -> None:
    async for listed in await client.list_schedules():
        if listed.id.startswith((RECONCILE_PREFIX, POLL_PREFIX)) and listed.id not in wanted:
            try:
                await client.get_schedule_handle(listed.id).delete()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
