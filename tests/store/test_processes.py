"""Several processes on one database, and processes that die."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import timedelta
from pathlib import Path

import pytest

from store import Spool, Store
from tests.store.rows import NOW, a_delivery, a_message

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


async def started(job: str, place: str) -> Process:
    """A process that does this job of tests/store/processes.py."""
    command = (sys.executable, "-m", "tests.store.processes", job, place)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=ROOT)


async def test_a_row_is_claimed_by_one_process(store: Store, database_url: str) -> None:
    """Two processes that claim the same thirty rows win each row once between them."""
    rows = [await store.ledger.open(a_message(key=f"k{number}")) for number in range(30)]
    workers = [await started("claim", database_url) for _ in range(2)]
    outputs = [(await worker.communicate())[0].decode().split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sorted(outputs[0] + outputs[1]) == sorted(row.id for row in rows)


async def test_what_was_spooled_survives_kill_9(store: Store, tmp_path: Path) -> None:
    """Every delivery that was acknowledged before the process was killed reaches the inbox, in order."""
    writer = await started("spool", str(tmp_path / "spool"))
    assert writer.stdout is not None
    safe = [(await writer.stdout.readline()).decode().strip() for _ in range(20)]
    writer.kill()
    rest, _ = await writer.communicate()
    safe += rest.decode().split()
    moved = await Spool(tmp_path / "spool").drain(store.inbox)
    rows = [store.inbox.next_batch(NOW + timedelta(hours=1), 1) for _ in range(moved)]
    found = []
    for batch in rows:
        (row,) = await batch
        await store.inbox.done(row.id, NOW)
        found.append(row.id)
    assert found[: len(safe)] == safe
    assert moved - len(safe) in {0, 1}


async def test_the_spool_keeps_rows_as_they_are(store: Store, tmp_path: Path) -> None:
    """A spooled delivery is the same afterwards, to the byte, and its file is gone and was nobody else's to read."""
    spool = Spool(tmp_path / "spool")
    row = a_delivery(1, body=b"\x00\xff{", headers={"X-Sign": "s"})
    await spool.put(row)
    (file,) = (tmp_path / "spool").iterdir()
    assert (file.stat().st_mode & 0o777, (tmp_path / "spool").stat().st_mode & 0o777) == (0o600, 0o700)
    assert await spool.waiting() == 1
    assert await spool.drain(store.inbox) == 1
    assert (await store.inbox.next_batch(NOW + timedelta(hours=1), 1)) == [row]
    assert await spool.waiting() == 0


async def test_a_drain_may_be_repeated(store: Store, tmp_path: Path) -> None:
    """A row that was moved but not yet deleted when its process died is in the inbox once."""
    spool = Spool(tmp_path / "spool")
    await spool.put(a_delivery(1))
    await store.inbox.put(a_delivery(1))
    assert await spool.drain(store.inbox) == 1
    assert (await store.inbox.backlog(NOW)).count == 1


async def test_a_corrupt_file_stops_nothing(store: Store, tmp_path: Path) -> None:
    """What cannot be read is set aside for a person, and the rows after it are moved."""
    spool = Spool(tmp_path / "spool")
    await spool.put(a_delivery(1))
    await spool.put(a_delivery(2))
    first, second = sorted((tmp_path / "spool").iterdir())
    first.write_bytes(second.read_bytes()[:40])
    assert await spool.drain(store.inbox) == 1
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".corrupt"]


async def test_an_empty_spool_is_no_error(store: Store, tmp_path: Path) -> None:
    """Before the first outage there is not even a folder."""
    assert await Spool(tmp_path / "spool").drain(store.inbox) == 0
