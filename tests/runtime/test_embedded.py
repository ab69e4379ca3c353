"""The embedded server over restarts, crashes and taken ports."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.errors import BadInputError
from runtime import embedded
from runtime.embedded import EmbeddedStartError, EmbeddedTemporal
from runtime.lock import FolderLock
from runtime.ports import LOOPBACK, PortBook, free_port, is_free
from runtime.state import StateDir

pytestmark = pytest.mark.slow

STARTER = """
import asyncio, sys
from pathlib import Path
from runtime.embedded import EmbeddedTemporal
from runtime.state import StateDir

async def main():
    async with EmbeddedTemporal(StateDir(Path(sys.argv[1]))) as temporal:
        print(temporal.address, flush=True)
        await temporal.wait()

asyncio.run(main())
"""


async def test_journeys_and_ports_survive_a_restart(state_path: Path) -> None:
    """Started again on its folder, the server has the same addresses and the same running workflow."""
    async with EmbeddedTemporal(StateDir(state_path)) as first:
        client = await Client.connect(first.address, namespace="healgate")
        await client.start_workflow("Journey", id="j1", task_queue="nobody")
    async with EmbeddedTemporal(StateDir(state_path)) as second:
        again = await Client.connect(second.address, namespace="healgate")
        description = await again.get_workflow_handle("j1").describe()
    assert (second.address, second.ui_url) == (first.address, first.ui_url)
    assert description.status is not None
    assert description.status.name == "RUNNING"
    assert second.pid is None


async def test_the_server_dies_with_a_killed_parent(state_path: Path) -> None:
    """After kill -9 of the process that started it no server is left, and the folder can be used at once."""
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER, str(state_path), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout is not None
    address = (await starter.stdout.readline()).decode().strip()
    starter.kill()
    await starter.wait()
    async with EmbeddedTemporal(StateDir(state_path)) as temporal:
        assert temporal.address == address, "the old server still has its port"


async def test_a_killed_server_is_noticed_and_started_again(state_path: Path) -> None:
    """`wait` returns when the server was killed, and the folder is fit for the next start."""
    async with EmbeddedTemporal(StateDir(state_path)) as temporal:
        assert temporal.pid is not None
        os.kill(temporal.pid, signal.SIGKILL)
        assert await temporal.wait() == -signal.SIGKILL
    async with EmbeddedTemporal(StateDir(state_path)) as temporal:
        assert temporal.pid is not None


async def test_a_taken_port_is_replaced(state_path: Path) -> None:
    """When somebody listens on the remembered port, the server takes another and remembers that."""
    state = StateDir(state_path)
    remembered = state.ports.take("temporal")
    with socket.create_server((LOOPBACK, remembered)):
        async with EmbeddedTemporal(state) as temporal:
            address = temporal.address
    assert address != f"{LOOPBACK}:{remembered}"
    assert state.ports.known("temporal") == int(address.rpartition(":")[2])


async def test_two_servers_never_share_a_folder(state_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start on a folder in use is refused and told who has it."""
    state = StateDir(state_path)
    lock = FolderLock.acquire(state.lock, embedded._LOCK)
    monkeypatch.setattr(embedded, "_LOCK", embedded._LOCK * 0)
    with pytest.raises(BadInputError, match=rf"process {os.getpid()}\) uses"):
        await EmbeddedTemporal(state).__aenter__()
    lock.release()


async def test_a_server_that_cannot_start_says_why(state_path: Path) -> None:
    """The error ends with the server's own last words, and the folder is unlocked again."""
    state = StateDir(state_path)
    state.temporal_db.mkdir()
    with pytest.raises(EmbeddedStartError, match="unable to open database file"):
        await EmbeddedTemporal(state).__aenter__()
    FolderLock.acquire(state.lock, embedded._LOCK * 0).release()


def test_a_broken_port_book_is_started_anew(tmp_path: Path) -> None:
    """A damaged book is no reason not to start."""
    path = tmp_path / "ports.json"
    path.write_text("{oops")
    book = PortBook(path)
    port = book.take("api")
    assert is_free(port)
    assert (book.take("api"), book.known("api")) == (port, port)


def test_free_ports_are_free() -> None:
    """A listener makes its port taken; without it the port is free again."""
    port = free_port()
    with socket.create_server((LOOPBACK, port)):
        assert not is_free(port)
    assert is_free(port)
