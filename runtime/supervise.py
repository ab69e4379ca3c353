"""Keeps named child processes alive, and leaves none behind."""

import asyncio
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from runtime.lifecycle import GracefulStop
from runtime.orphans import die_with_parent, signal_group

FIRST_DELAY = timedelta(seconds=0.2)
LONGEST_DELAY = timedelta(seconds=10)
STEADY = timedelta(seconds=10)
"""A child that lived this long had a good start: its next restart begins with the shortest delay again."""


@dataclass(frozen=True)
class Child:
    """A program to keep running. `env` None inherits ours; output goes to `log`, or where ours goes."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    log: Path | None = None


class Change(StrEnum):
    STARTED = "started"
    EXITED = "exited"
    STOPPED = "stopped"
    """Ended because we asked."""


@dataclass(frozen=True)
class ChildChange:
    """What happened to a child; `code` is its exit code (negative: the signal), `delay` the wait before the restart."""

    name: str
    change: Change
    pid: int
    code: int | None = None
    delay: timedelta | None = None


class Supervisor:
    """Starts the children in order, restarts each one that ends, and stops them in reverse order.

    Each child leads a process group that is killed as a whole. Children also die when the supervisor is killed (Linux).
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        on_change: Callable[[ChildChange], None],
        grace: timedelta = timedelta(seconds=30),
        first_delay: timedelta = FIRST_DELAY,
    ) -> None:
        self._children = children
        self._on_change = on_change
        self._grace = grace
        self._first_delay = first_delay
        self._running: dict[str, Process] = {}

    def pid(self, name: str) -> int | None:
        """The child's process id while it runs."""
        process = self._running.get(name)
        return process.pid if process is not None and process.returncode is None else None

    async def run(self, stop: GracefulStop) -> None:
        """Keep all children running until `stop` is asked for; on return none is left."""
        keepers: list[asyncio.Task[None]] = []
        try:
            for child in self._children:
                process = await self._start(child)
                keepers.append(asyncio.create_task(self._keep(child, process)))
            await _until_stop(stop, keepers)
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            await self._stop_all()

    async def _keep(self, child: Child, process: Process) -> None:
        delay = self._first_delay
        while True:
            began = time.monotonic()
            code = await process.wait()
            self._forget(child.name)
            if time.monotonic() - began >= STEADY.total_seconds():
                delay = self._first_delay
            self._on_change(ChildChange(child.name, Change.EXITED, process.pid, code, delay))
            await asyncio.sleep(delay.total_seconds())
            process = await self._start(child)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _start(self, child: Child) -> Process:
        log = child.log.open("ab") if child.log else None
        try:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                env=child.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A terminal's Ctrl-C reaches the supervisor alone, which then stops the children in order.
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        finally:
            if log:
                log.close()
        self._running[child.name] = process
        self._on_change(ChildChange(child.name, Change.STARTED, process.pid))
        return process

    async def _stop_all(self) -> None:
        try:
            for name in reversed(list(self._running)):
                await self._stop(name)
        finally:
            # Reached with children left only when we were cancelled while one of them was draining.
            for name in list(self._running):
                self._forget(name)

    async def _stop(self, name: str) -> None:
        process = self._running[name]
        signal_group(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self._grace.total_seconds())
        self._forget(name)
        code = await process.wait()
        self._on_change(ChildChange(name, Change.STOPPED, process.pid, code))

    def _forget(self, name: str) -> None:
        """Kill what is left of the child's process group."""
        signal_group(self._running.pop(name).pid, signal.SIGKILL)


async def _until_stop(stop: GracefulStop, keepers: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the stop; an error of a keeper (such as a program that is not there any more) is raised."""
    asked = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([asked, *keepers], return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
    for task in done:
        task.result()
