"""The running system as an operator has it: `python -m worker demo` on one state folder, and what is said to it."""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from store import Database, Store
from tests.outward import SECRETS
from worker.sample import BOOKING_SECRET, SAMPLE_CLINIC, SAMPLE_SOURCE

ROOT = Path(__file__).parents[2]
BOOKINGS = f"/webhooks/bookings/{SAMPLE_CLINIC}/{SAMPLE_SOURCE}"
WITHIN = 90.0
"""Seconds that anything may take on a busy machine."""
T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, within: float = WITHIN) -> T:
    """What `look` answers once it answers anything; a system that is just starting again may fail to answer."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        try:
            if found := await look():
                return found
        except (RPCError, WorkflowQueryFailedError, httpx.HTTPError):
            pass
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited {within:.0f} s for {what}")


def clean_environment(**more: str) -> dict[str, str]:
    """Our environment without any setting of Healgate's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HEALGATE_")} | more


async def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run `healgate` to its end: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "worker",
        *arguments,
        env=clean_environment(**environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


class System:
    """Start, stop and kill it; `api`, `sandbox`, `client` and `store` reach its parts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder.with_suffix(".out")
        self._process: Process | None = None

    async def start(self) -> None:
        """Start everything, and wait until it says that it is up."""
        with self.output.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "worker",
                "demo",
                env=clean_environment(HEALGATE_STATE_DIR=str(self.folder), **SECRETS),
                stdout=out,
                stderr=out,
                cwd=ROOT,
            )
        try:
            await eventually(self._is_up, "the system to come up")
        except BaseException:  # a time-out or Ctrl-C, too: a fixture that fails is not torn down
            self._process.terminate()
            await self._process.wait()
            raise
        self.environment: dict[str, str] = json.loads((self.folder / "embedded.json").read_text())
        self.api = httpx.AsyncClient(base_url=self.environment["HEALGATE_PUBLIC_BASE_URL"], timeout=20, trust_env=False)
        self.sandbox = httpx.AsyncClient(
            base_url=f"{self.environment['HEALGATE_TWILIO_BASE_URL']}/_sandbox", timeout=20, trust_env=False
        )
        keys = KeyRing.from_file(self.folder / "payload-keys")
        self.client = await Client.connect(
            self.environment["HEALGATE_TEMPORAL_ADDRESS"], namespace="healgate", data_converter=data_converter(keys)
        )
        self._database = Database(self.environment["HEALGATE_DATABASE_URL"])
        self.store = Store(self._database)

    async def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does; it must end by itself, without an error."""
        assert self._process is not None
        await self.api.aclose()
        await self.sandbox.aclose()
        await self._database.close()
        self._process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self._process.wait(), 60) == 0, self.output.read_text()

    async def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.output.read_text()
        return "State and logs" in self.output.read_text()

    # Its processes

    def pid(self, part: str) -> int | None:
        """The process id of `worker`, `api`, `sandbox` or `temporal`, while it runs."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        marks = {"sandbox": "sandbox", "temporal": "start-dev", "worker": "worker\0worker", "api": "worker\0api"}
        return next((int(child) for child in children if marks[part] in _command_line(child)), None)

    def kill(self, part: str, signum: signal.Signals = signal.SIGKILL) -> int:
        """Signal a part; its process id."""
        pid = self.pid(part)
        assert pid is not None
        os.kill(pid, signum)
        return pid

    async def started_again(self, part: str, old: int) -> None:
        """Wait until the supervisor has started the part again."""

        async def another() -> bool:
            return self.pid(part) not in {None, old}

        await eventually(another, f"{part} to be started again")

    # What is said to it

    async def staff(self, method: str, path: str, body: Any = None) -> Any:
        """The staff API, by a clinician; its JSON."""
        headers = {
            "Authorization": f"Bearer {self.environment['HEALGATE_STAFF_KEY']}",
            "X-Healgate-Actor": "Dr. Rivera",
            "X-Healgate-Role": "clinician",
        }
        answer = await self.api.request(method, f"/api/v1/clinics/{SAMPLE_CLINIC}/{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def post_booking(self, raw: bytes, **signature: Any) -> httpx.Response:
        """A delivery of the booking system; `signature` as for `signed`."""
        headers = {"X-Healgate-Signature": self.signed(raw, **signature), "Content-Type": "application/json"}
        return await self.api.post(BOOKINGS, content=raw, headers=headers)

    def signed(self, raw: bytes, *, secret: str | None = None, age: int = 0) -> str:
        """The booking webhook's signature, made `age` seconds ago."""
        seconds = str(int(time.time()) - age)
        key = (secret or self.environment[BOOKING_SECRET]).encode()
        return f"t={seconds},v1={hmac.new(key, f'{seconds}.'.encode() + raw, hashlib.sha256).hexdigest()}"

    async def fault(self, **rule: object) -> None:
        """Let the sandbox misbehave."""
        (await self.sandbox.post("/faults", json=rule)).raise_for_status()

    async def sent_to(self, address: str) -> list[dict[str, Any]]:
        """What the providers accepted for that number or address."""
        ledger = (await self.sandbox.get("/ledger")).raise_for_status().json()["messages"]
        return [one for one in ledger if one["to"] == address]


def _command_line(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
