"""Temporal Schedules: created or brought up to date by every worker that starts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from activities.requests import ScanRequest
from workflows.upkeep import ScanMessagesWorkflow

CATCH_UP = timedelta(days=1)
"""A run that was missed while Temporal was away is made up for within this time."""


@dataclass(frozen=True)
class Regular:
    """One workflow that runs by the calendar."""

    id: str
    """Of the schedule; its workflows' ids begin with it."""
    workflow: Any
    argument: Any
    spec: ScheduleSpec
    catch_up: timedelta = CATCH_UP


SCAN = Regular(
    id="healgate-scan-messages",
    workflow=ScanMessagesWorkflow.run,
    argument=ScanRequest(),
    spec=ScheduleSpec(cron_expressions=["20 5 * * *"], jitter=timedelta(minutes=20)),
)


async def ensure_schedule(client: Client, regular: Regular, task_queue: str) -> None:
    """Create it, or bring it up to date; doing it again changes nothing, and a pause by hand stays."""
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(regular.workflow, regular.argument, id=regular.id, task_queue=task_queue),
        spec=regular.spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=regular.catch_up),
    )
    try:
        await client.create_schedule(regular.id, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(regular.id).update(lambda found: _updated(found, wanted))


def _updated(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(schedule=wanted)
