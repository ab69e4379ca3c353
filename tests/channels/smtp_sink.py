"""A mail server of a few lines that can be told to misbehave at any step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class SmtpSink:
    """`answers` maps a step (greeting, EHLO, MAIL, RCPT, DATA, content) to another answer, or to `drop`."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            if await self._answer(writer, "greeting", "220 sink"):
                await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            going_on = await self._answer(writer, verb, {"DATA": "354 go on"}.get(verb, "250 ok"))
            if going_on and verb == "DATA" and "DATA" not in self.answers:
                going_on = await self._content(reader, writer)
            if not going_on:
                return

    async def _content(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
        return await self._answer(writer, "content", "250 taken")

    async def _answer(self, writer: asyncio.StreamWriter, step: str, usual: str) -> bool:
        answer = self.answers.get(step, usual)
        if answer == "drop":
            return False
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def smtp_sink() -> AsyncIterator[SmtpSink]:
    """Run a mail server on a free loopback port for the time of the block."""
    sink = SmtpSink()
    server = await asyncio.start_server(sink.handle, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()
