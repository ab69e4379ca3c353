"""A question put while no worker runs: its answer must not carry the journey on with the time of an older task."""

import asyncio

import pytest
from temporalio.worker import Replayer

from runtime.timeskip import fast_forward
from tests.workflows.world import World, at_rest
from workflows.hosting import WORKFLOWS, workflow_runner
from workflows.journey import JourneyWorkflow

pytestmark = pytest.mark.slow


async def test_a_question_before_the_timer_and_a_worker_after_it(world: World) -> None:
    """What falls due while a question waits for a worker is sent by that worker, and the history replays."""
    handle = world.journeys.handle(world.start.journey_id)
    async with world.worker():
        await world.booked()
        await at_rest(world)
        pulse = await handle.query(JourneyWorkflow.pulse)
    assert pulse.next_moment is not None
    world.sms.entered.clear()
    # Several, since the worker may take the journey's own task before a question.
    asked = [asyncio.create_task(handle.query(JourneyWorkflow.state)) for _ in range(5)]
    answered, _ = await asyncio.wait(asked, timeout=0.5)
    await fast_forward(world.client, handle, pulse.next_moment - pulse.now)
    assert not answered, "somebody answered without a worker"
    async with world.worker():
        await asyncio.wait_for(world.sms.entered.wait(), 60)
        for question in asked:
            question.cancel()
        history = await handle.fetch_history()
    replayer = Replayer(
        workflows=list(WORKFLOWS), workflow_runner=workflow_runner(), data_converter=world.client.data_converter
    )
    await replayer.replay_workflow(history)
