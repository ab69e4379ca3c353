"""Virtual time of single running workflows: the one place that knows the SDK's experimental time skipping.

For the demo and for tests, on a server started with `EmbeddedTemporal(virtual_time=True)`; never in production.
"""

from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper

from domain.errors import BadInputError


async def fast_forward(client: Client, handle: WorkflowHandle[Any, Any], span: timedelta) -> bool:
    """Move the workflow's clock by `span`; its due timers fire on the way. False if it ended before that.

    Returns BEFORE the workflow has handled the last due timer: wait for what you expect of it. Other workflows' clocks,
    activities and HTTP stay on wall time.
    """
    if span <= timedelta(0):
        raise BadInputError("a workflow's clock only goes forward: give a span above zero")
    return await TimeSkipper(client).fast_forward(handle, span)


async def virtual_now(client: Client, handle: WorkflowHandle[Any, Any]) -> datetime:
    """The workflow's own time, aware (UTC); wall time for one whose clock was never moved."""
    return await TimeSkipper(client).get_current_time(handle)
