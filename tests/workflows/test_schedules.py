"""Temporal Schedules on the real server."""

import pytest
from temporalio.client import Client, ScheduleActionStartWorkflow

from workflows.schedules import SCAN, ensure_schedule

pytestmark = pytest.mark.slow


async def test_a_worker_that_starts_again_changes_nothing(client: Client) -> None:
    """The schedule is there once, and one that an operator has paused stays paused."""
    await ensure_schedule(client, SCAN, "first")
    handle = client.get_schedule_handle(SCAN.id)
    await handle.pause(note="by hand")
    await ensure_schedule(client, SCAN, "second")
    found = (await handle.describe()).schedule
    assert found.state.paused
    assert isinstance(found.action, ScheduleActionStartWorkflow)
    assert found.action.task_queue == "second"
