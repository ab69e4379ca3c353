"""Stored outward events get their workflows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from store import Store
from workflows.client import start_outward

AT_ONCE = 100


@dataclass(frozen=True)
class OutwardPost:
    """Runs in every worker; an event that two of them see gets one workflow."""

    store: Store
    client: Client
    task_queue: str
    clock: Callable[[], datetime]

    async def start(self) -> None:
        """Start what waits, oldest first; what a crash leaves between start and mark is found started already."""
        while waiting := await self.store.outbox.waiting(AT_ONCE):
            for event_id in waiting:
                await start_outward(self.client, event_id, self.task_queue)
                await self.store.outbox.started(event_id, self.clock())
