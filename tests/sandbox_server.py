"""Starts the sandbox inside the test process, on a free port, for every test that needs a provider."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from sandbox.box import Sandbox
from sandbox.config import SandboxConfig
from sandbox.serve import SandboxServer


class _QuietServer(SandboxServer):
    def __init__(self, box: Sandbox, port: int) -> None:
        super().__init__(box, port)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        """Stop at once instead of at uvicorn's next tick."""
        await self.on_tick(0)
        await self.stop.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the test runner's signal handlers alone."""
        yield


@dataclass
class RunningSandbox:
    """A sandbox that answers at `base_url`; `box` is its inside."""

    base_url: str
    box: Sandbox
    http: httpx.AsyncClient = field(repr=False)

    async def get(self, path: str) -> Any:
        """JSON of `/_sandbox/<path>`."""
        return (await self.http.get(f"/_sandbox/{path}")).raise_for_status().json()

    async def post(self, path: str, body: object) -> Any:
        """Post JSON to `/_sandbox/<path>`, answer its JSON."""
        return (await self.http.post(f"/_sandbox/{path}", json=body)).raise_for_status().json()

    async def ledger(self, message_id: str) -> list[dict[str, Any]]:
        """What was accepted for one ledger row."""
        found = await self.get(f"ledger?message_id={message_id}")
        return cast("list[dict[str, Any]]", found["messages"])

    async def fault(self, **rule: object) -> None:
        """Add a fault rule."""
        await self.post("faults", rule)

    async def clear(self) -> None:
        """Take all faults back."""
        (await self.http.delete("/_sandbox/faults")).raise_for_status()


@asynccontextmanager
async def sandbox_server(config: SandboxConfig | None = None, port: int = 0) -> AsyncIterator[RunningSandbox]:
    """Run a sandbox for the time of the block. Without `config`, callbacks and retries come at once."""
    box = Sandbox(config or SandboxConfig(step_seconds=0, time_scale=20))
    server = _QuietServer(box, port)
    task = asyncio.create_task(server.serve())
    await asyncio.wait([task, asyncio.create_task(server.ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        async with httpx.AsyncClient(base_url=server.base_url, trust_env=False) as http:
            yield RunningSandbox(server.base_url, box, http)
    finally:
        server.stop.set()
        await task
