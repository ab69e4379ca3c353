"""The spool: where webhook deliveries wait on disk while the database is down."""

import asyncio
import base64
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from domain.records import InboxRow
from store.inbox import Inbox

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Spool:
    """One file per delivery; what `put` returned from survives a killed process and a power cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    async def put(self, row: InboxRow) -> None:
        """Write the row for good before returning. OSError when the disk refuses."""
        self._count += 1
        micros = (row.received_at - _EPOCH) // timedelta(microseconds=1)
        name = f"{micros:020d}-{self._count:06d}-{row.id}.json"
        await asyncio.to_thread(_write, self._folder, name, _encoded(row))

    async def drain(self, inbox: Inbox) -> int:
        """Move all rows into the inbox, oldest first; how many were moved.

        A row is deleted only after the inbox has it, and the inbox knows copies, so this may be cut off anywhere and
        run in several processes. An unreadable file is set aside as `*.corrupt`. Raises `StoreUnavailableError`.
        """
        moved = 0
        for path in await asyncio.to_thread(_waiting, self._folder):
            row = await asyncio.to_thread(_read, path)
            if row is not None:
                await inbox.put(row)
                await asyncio.to_thread(path.unlink, missing_ok=True)
                moved += 1
        return moved

    async def waiting(self) -> int:
        """How many rows wait."""
        return len(await asyncio.to_thread(_waiting, self._folder))


def _encoded(row: InboxRow) -> bytes:
    return to_json(row.model_dump(exclude={"body"}) | {"body": base64.b64encode(row.body).decode()})


def _decoded(content: bytes) -> InboxRow:
    fields = from_json(content)
    return InboxRow.model_validate({**fields, "body": base64.b64decode(fields["body"], validate=True)})


def _write(folder: Path, name: str, content: bytes) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)
    unfinished = folder / f".{name}.part"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / name)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable: without it a power cut may forget the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _waiting(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.json"))


def _read(path: Path) -> InboxRow | None:
    try:
        return _decoded(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, ValueError, KeyError, TypeError):
        path.rename(path.with_suffix(".corrupt"))
        return None
