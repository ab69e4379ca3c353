"""The sandbox's own server: uvicorn that can also cut connections and refuse new ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.app import application
from sandbox.box import Sandbox
from sandbox.config import SandboxConfig
from sandbox.gate import DROP_EXTENSION

LOOPBACK = "127.0.0.1"


async def serve(config: SandboxConfig, port: int, host: str = LOOPBACK) -> None:
    """Serve until the process is told to stop. Raises `SystemExit` when the port is taken.

    Another `host` than loopback is for containers alone: whoever reaches it reads all messages.
    """
    await SandboxServer(Sandbox(config), port, host).serve()


class SandboxServer(uvicorn.Server):
    """`port` 0 takes a free one; `base_url` tells it after the start."""

    def __init__(self, box: Sandbox, port: int = 0, host: str = LOOPBACK) -> None:
        super().__init__(
            uvicorn.Config(
                application(box),
                host=host,
                port=port,
                http=DroppableProtocol,
                ws="none",
                log_config=None,
                log_level="warning",  # an access log would show numbers in paths
                timeout_graceful_shutdown=1,
            )
        )
        self.box = box
        self.ready = asyncio.Event()
        box.shut_door = self.shut_door
        self._door: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://{self.config.host}:{self.config.port}"

    async def startup(self, sockets: Any = None) -> None:
        """Start, and learn the port."""
        await super().startup(sockets)
        self.config.port = self.servers[0].sockets[0].getsockname()[1]
        self.ready.set()

    async def shutdown(self, sockets: Any = None) -> None:
        """Stop; a door that is shut stays shut."""
        if self._door:
            self._door.cancel()
        await super().shutdown(sockets)

    def shut_door(self, seconds: float) -> None:
        """Refuse connections for so long, beginning once the request that asks for it is answered."""
        self._door = asyncio.get_running_loop().create_task(self._shut_and_open(seconds))

    async def _shut_and_open(self, seconds: float) -> None:
        await asyncio.sleep(0.01)  # lets the answer to the request that asked for it leave
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(seconds)
        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(self._protocol, self.config.host, self.config.port)]

    def _protocol(self) -> asyncio.Protocol:
        return DroppableProtocol(self.config, self.server_state, self.lifespan.state)


class DroppableProtocol(H11Protocol):
    """Tells the application how to cut the connection that a request came by."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.app = self._with_drop(self.app)

    def _with_drop(self, app: Any) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[DROP_EXTENSION] = self._cut
            await app(scope, receive, send)

        return droppable

    def _cut(self) -> None:
        self.transport.abort()
