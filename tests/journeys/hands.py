"""Workers that can crash: one in this process, whose cache is lost with it, and one in a process that is killed."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from temporalio.client import Client
from temporalio.worker import Worker

from activities.assembly import Assembly
from runtime.orphans import die_with_parent
from workflows.hosting import Queues, build_workers

STOPS_WITHIN = timedelta(seconds=2)


class Hands(Protocol):
    """Runs the workflow and its activities."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def crash(self) -> None:
        """End, and begin anew with nothing in memory."""
        ...


@dataclass
class InThisProcess:
    """A worker of the production's making."""

    client: Client
    activities: Assembly
    queue: str
    cached: bool = True
    _worker: Worker | None = field(default=None, init=False)

    async def start(self) -> None:
        self._worker = self._build()
        await self._worker.__aenter__()

    async def stop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            await worker.__aexit__(None, None, None)

    async def crash(self) -> None:
        await self.stop()
        await self.start()

    def _build(self) -> Worker:
        queues = Queues(self.queue, self.queue, self.queue)
        cached = 1000 if self.cached else 0
        (worker,) = build_workers(self.client, self.activities, queues, drain=STOPS_WITHIN, cached=cached)
        return worker


@dataclass
class InAnotherProcess:
    """A worker that kill -9 ends in the middle of whatever it does."""

    order: str
    """JSON of `worker_process.Order`."""
    _process: Process | None = field(default=None, init=False)

    async def start(self) -> None:
        command = (sys.executable, "-m", "tests.journeys.worker_process", self.order)
        self._process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, preexec_fn=die_with_parent(signal.SIGKILL)
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"ready\n", "the worker did not start"

    async def stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            await process.communicate()

    async def crash(self) -> None:
        await self.stop()
        await self.start()
