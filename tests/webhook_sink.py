"""A small HTTP server that keeps what is posted to it: the place where the sandbox's and our webhooks land in tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SILENT = 0
"""As an answer: none, until the other side hangs up."""


@dataclass(frozen=True)
class Hit:
    """One request as it arrived, byte for byte."""

    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebhookSink:
    """`answers` are the statuses to give, in order; then 204 for ever. `location` goes with each as a header."""

    base_url: str = ""
    hits: list[Hit] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait(self, enough: Callable[[list[Hit]], bool], seconds: float = 5.0) -> list[Hit]:
        """Answer the hits once there are enough of them. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: enough(self.hits))
            return list(self.hits)

    async def wait_count(self, count: int) -> list[Hit]:
        """Answer the hits once there are `count`."""
        return await self.wait(lambda hits: len(hits) >= count)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, one request."""
        target, headers = _head(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path, _, query = target.partition("?")
        status = self.answers.pop(0) if self.answers else 204
        # Kept before it is answered: who reads no more than the status may hang up at once.
        async with self._arrived:
            self.hits.append(Hit(path, query, headers, body))
            self._arrived.notify_all()
        if status == SILENT:
            await reader.read()
        else:
            location = f"Location: {self.location}\r\n" if self.location else ""
            head = f"HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
        writer.close()


@asynccontextmanager
async def webhook_sink() -> AsyncIterator[WebhookSink]:
    """Run a sink on a free loopback port for the time of the block."""
    sink = WebhookSink()
    server = await asyncio.start_server(sink.handle, "127.0.0.1", 0)
    sink.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()


def _head(raw: bytes) -> tuple[str, dict[str, str]]:
    request, *lines = raw.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return request.split(" ")[1], headers
