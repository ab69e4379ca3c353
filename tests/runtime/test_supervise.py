"""The supervisor with real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.lifecycle import GracefulStop
from runtime.supervise import LONGEST_DELAY, Change, Child, ChildChange, Supervisor

QUICK = timedelta(milliseconds=10)
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
)
PARENT = (
    sys.executable,
    "-c",
    "import subprocess, sys, time; "
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)",
)
SUPERVISOR = """
import asyncio, sys
from runtime.lifecycle import GracefulStop
from runtime.supervise import Child, Supervisor

child = Child("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"))
report = lambda change: print(change.pid, flush=True)
asyncio.run(Supervisor([child], on_change=report).run(GracefulStop()))
"""


class Watch:
    """Collects what the supervisor tells."""

    def __init__(self) -> None:
        self.changes: list[ChildChange] = []
        self._queue: asyncio.Queue[ChildChange] = asyncio.Queue()

    def __call__(self, change: ChildChange) -> None:
        """Take one change."""
        self.changes.append(change)
        self._queue.put_nowait(change)

    async def next(self, change: Change) -> ChildChange:
        """The next change of this kind; others before it are passed over."""
        while True:
            seen = await asyncio.wait_for(self._queue.get(), 10)
            if seen.change is change:
                return seen


@asynccontextmanager
async def supervised(*children: Child, grace: timedelta = timedelta(seconds=5)) -> AsyncIterator[Watch]:
    """A running supervisor, stopped at the end."""
    watch, stop = Watch(), GracefulStop()
    supervisor = Supervisor(children, on_change=watch, grace=grace, first_delay=QUICK)
    task = asyncio.create_task(supervisor.run(stop))
    yield watch
    stop.ask()
    await task


def state(pid: int) -> str | None:
    """The process's state letter, None when it is gone (a zombie is gone, too)."""
    try:
        letter = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if letter == "Z" else letter


async def gone(pid: int) -> bool:
    """Whether the process ends within five seconds."""
    for _ in range(250):
        if state(pid) is None:
            return True
        await asyncio.sleep(0.02)
    return False


async def line_of(log: Path) -> str:
    """The first whole line that a child wrote to its log."""
    while True:
        text = await asyncio.to_thread(_text, log)
        if "\n" in text:
            return text.splitlines()[0]
        await asyncio.sleep(0.02)


def _text(log: Path) -> str:
    return log.read_text() if log.exists() else ""


async def test_a_killed_child_is_started_again() -> None:
    """After kill -9 the child runs under a new process id."""
    async with supervised(Child("worker", SLEEPER)) as watch:
        first = await watch.next(Change.STARTED)
        os.kill(first.pid, signal.SIGKILL)
        died = await watch.next(Change.EXITED)
        second = await watch.next(Change.STARTED)
        assert (died.pid, died.code) == (first.pid, -signal.SIGKILL)
        assert state(second.pid) is not None
    assert second.pid != first.pid
    assert await gone(second.pid)


async def test_a_child_that_keeps_dying_is_started_ever_more_slowly() -> None:
    """Each quick death doubles the wait before the next start, up to the longest one."""
    async with supervised(Child("broken", (sys.executable, "-c", "raise SystemExit(3)"))) as watch:
        deaths = [await watch.next(Change.EXITED) for _ in range(4)]
    assert [death.code for death in deaths] == [3, 3, 3, 3]
    assert [death.delay for death in deaths] == [QUICK, QUICK * 2, QUICK * 4, QUICK * 8]
    assert QUICK * 8 < LONGEST_DELAY


async def test_children_stop_in_reverse_order() -> None:
    """What was started first, such as Temporal, is stopped last."""
    children = [Child(name, SLEEPER) for name in ("temporal", "api", "worker")]
    async with supervised(*children) as watch:
        for _ in children:
            await watch.next(Change.STARTED)
    stopped = [change.name for change in watch.changes if change.change is Change.STOPPED]
    assert stopped == ["worker", "api", "temporal"]


async def test_a_deaf_child_is_killed_after_its_grace(tmp_path: Path) -> None:
    """A child that ignores SIGTERM does not keep the stop waiting for ever."""
    child = Child("deaf", DEAF, log=tmp_path / "log")
    async with supervised(child, grace=timedelta(milliseconds=100)) as watch:
        await line_of(tmp_path / "log")
    assert watch.changes[-1].change is Change.STOPPED
    assert watch.changes[-1].code == -signal.SIGKILL


async def test_grandchildren_go_with_their_parent(tmp_path: Path) -> None:
    """When a child is killed, what it had started is killed before the child is started again."""
    async with supervised(Child("api", PARENT, log=tmp_path / "log")) as watch:
        first = await watch.next(Change.STARTED)
        grandchild = int(await line_of(tmp_path / "log"))
        assert state(grandchild) is not None
        os.kill(first.pid, signal.SIGKILL)
        await watch.next(Change.EXITED)
        assert await gone(grandchild)


async def test_a_cancelled_supervisor_leaves_nobody(tmp_path: Path) -> None:
    """Cut off while a child still drains, the supervisor kills all of them."""
    watch, stop = Watch(), GracefulStop()
    children = [Child("sleeper", SLEEPER), Child("deaf", DEAF, log=tmp_path / "log")]
    task = asyncio.create_task(Supervisor(children, on_change=watch).run(stop))
    await line_of(tmp_path / "log")
    stop.ask()
    await asyncio.wait([task], timeout=0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [await gone(change.pid) for change in watch.changes if change.change is Change.STARTED] == [True, True]


async def test_children_die_with_a_killed_supervisor() -> None:
    """Killed with -9, the supervisor leaves no orphan."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, stdout=asyncio.subprocess.PIPE, cwd=Path.cwd()
    )
    assert process.stdout is not None
    child = int(await process.stdout.readline())
    assert state(child) is not None
    process.kill()
    await process.wait()
    assert await gone(child)


async def test_a_missing_program_ends_the_supervisor() -> None:
    """A program that is not there is an error, not a thing to try for ever, and started children are stopped."""
    watch = Watch()
    children = [Child("sleeper", SLEEPER), Child("ghost", ("/nonexistent/healgate",))]
    with pytest.raises(FileNotFoundError):
        await Supervisor(children, on_change=watch).run(GracefulStop())
    assert [change.change for change in watch.changes] == [Change.STARTED, Change.STOPPED]
