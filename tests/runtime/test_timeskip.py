"""Moving one workflow's clock on the real server."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from domain.errors import BadInputError
from runtime.timeskip import fast_forward, virtual_now

pytestmark = pytest.mark.slow

HEALING = timedelta(days=28)


@workflow.defn
class Heal:
    @workflow.run
    async def run(self) -> datetime:
        """Wait the healing weeks; returns the workflow's time then."""
        await workflow.sleep(HEALING)
        return workflow.now()


async def test_healing_weeks_pass_in_no_time(client: Client) -> None:
    """A running workflow's four weeks pass when its clock is moved, and its clock says so."""
    queue = uuid.uuid4().hex
    async with Worker(client, task_queue=queue, workflows=[Heal]):
        began = datetime.now(UTC)
        handle = await client.start_workflow(Heal.run, id=uuid.uuid4().hex, task_queue=queue)
        await fast_forward(client, handle, timedelta(days=10))
        half_way = await virtual_now(client, handle)
        await fast_forward(client, handle, timedelta(days=19))
        healed_at = await handle.result()
    assert began + timedelta(days=10) <= half_way < began + timedelta(days=11)
    assert began + HEALING <= healed_at < began + HEALING + timedelta(hours=1)


async def test_a_clock_never_goes_back(client: Client) -> None:
    """A span of zero or less is refused before the server sees it."""
    with pytest.raises(BadInputError, match="above zero"):
        await fast_forward(client, client.get_workflow_handle("any"), timedelta(0))
