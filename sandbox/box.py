"""One sandbox: its settings, memory, fault plan and the tasks that run beside the requests."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, cast

from fastapi import Depends, Request

from sandbox.config import SandboxConfig
from sandbox.faults import FaultPlan
from sandbox.signing import EventKey
from sandbox.state import State
from sandbox.webhooks import WebhookPoster


class Sandbox:
    """What every route needs. `close()` it inside the event loop that it served."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.state = State(config.state_file)
        self.faults = FaultPlan(config.seed)
        self.key = _event_key(self.state)
        self.webhooks = WebhookPoster(config, self.key)
        self.shut_door: Callable[[float], None] | None = None
        """Refuses connections for some seconds; set by the server that can."""
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the request."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Return when all callbacks so far have been delivered or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def start_afresh(self) -> None:
        """Forget all messages, opt-outs and faults."""
        await self._stop_tasks()
        self.faults.clear()
        self.state.forget()

    async def close(self) -> None:
        """Stop what still runs; callbacks not yet sent are lost, as a vendor's would not be."""
        await self._stop_tasks()
        await self.webhooks.close()
        self.state.close()

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def box_of(request: Request) -> Sandbox:
    """The sandbox that a request belongs to."""
    return cast("Sandbox", request.app.state.box)


Box = Annotated[Sandbox, Depends(box_of)]


def _event_key(state: State) -> EventKey:
    key = EventKey(state.secret("event_key"))
    state.keep_secret("event_key", key.pem)
    return key
