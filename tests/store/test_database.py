"""The connection: transactions, outages, and values that databases do not like."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text

from domain.errors import BadInputError, StoreUnavailableError
from store import Database, Store
from store.tables import metadata
from tests.databases import PostgresServer
from tests.store.rows import CLINIC, NOW, a_clinic, a_delivery, a_message, a_patient, a_task


async def test_ping_answers(database: Database) -> None:
    """A database that is up says so."""
    await database.ping()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://x:y@127.0.0.1:1/x"])
async def test_a_database_that_is_down_is_worth_a_retry(url: str) -> None:
    """Callers see one retryable error, whatever the driver raised, and no address in it."""
    database = Database(url)
    with pytest.raises(StoreUnavailableError) as caught:
        await database.ping()
    await database.close()
    assert caught.value.retryable
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.slow
async def test_a_database_that_does_not_exist_is_worth_a_retry(postgres_server: PostgresServer) -> None:
    """PostgreSQL's own refusal to connect is an outage too."""
    database = Database(postgres_server.url("not_there"))
    with pytest.raises(StoreUnavailableError):
        await database.ping()
    await database.close()


@pytest.mark.slow
async def test_a_server_that_hangs_up_is_worth_a_retry(postgres_url: str, postgres_server: PostgresServer) -> None:
    """A connection that dies inside a transaction is an outage, and the next transaction gets a new one."""
    database = Database(postgres_url)
    name = postgres_url.split("/")[3].split("?")[0]
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    async def lose_the_connection() -> None:
        async with database.write() as connection:
            await postgres_server.run(kill)
            await connection.execute(text("SELECT 1"))

    with pytest.raises(StoreUnavailableError):
        await lose_the_connection()
    await database.ping()
    await database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_wrong_url_says_how_to_mend_it(url: str) -> None:
    """A URL that cannot work is refused at once, with the two that can."""
    with pytest.raises(BadInputError, match="sqlite"):
        Database(url)


def test_a_url_is_not_shown_when_it_is_wrong() -> None:
    """The message never repeats a password."""
    with pytest.raises(BadInputError) as caught:
        Database("oracle://user:hunter2@db/x")
    assert "hunter2" not in str(caught.value)


@pytest.mark.slow
async def test_hosted_connection_strings_work_as_they_are(postgres_url: str) -> None:
    """`sslmode`, as hosted PostgreSQL writes it, reaches the driver under the driver's own name."""
    database = Database(f"{postgres_url}&sslmode=disable")
    await database.ping()
    await database.close()


async def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    """Nothing of a transaction that failed stays."""

    async def write_and_fail() -> None:
        async with store.database.write() as connection:
            await connection.execute(metadata.tables["clinics"].insert().values(clinic_id="x", document={}))
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    assert await store.clinics.all() == []


async def test_a_cancelled_writer_leaves_the_database_free(store: Store) -> None:
    """A task that is cancelled inside a transaction keeps no lock, and nothing of what it wrote."""
    inside = asyncio.Event()

    async def writer() -> None:
        async with store.database.write() as connection:
            await connection.execute(metadata.tables["clinics"].insert().values(clinic_id="x", document={}))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(writer())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.clinics.apply(a_clinic())
    assert [clinic.id for clinic in await store.clinics.all()] == [CLINIC]


async def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    """While a transaction writes, others read what was there before."""
    await store.clinics.apply(a_clinic())
    async with store.database.write() as connection:
        await connection.execute(metadata.tables["clinics"].delete())
        assert len(await store.clinics.all()) == 1
    assert await store.clinics.all() == []


async def test_two_writers_of_one_sqlite_file_both_succeed(sqlite_url: str) -> None:
    """Writers over two connection pools wait for each other instead of failing."""
    databases = [Database(sqlite_url), Database(sqlite_url)]
    stores = [Store(database) for database in databases]
    await asyncio.gather(*(stores[n % 2].ledger.open(a_message(key=f"k{n}")) for n in range(40)))
    async with databases[0].read() as connection:
        count = await connection.scalar(select(func.count()).select_from(metadata.tables["messages"]))
    for database in databases:
        await database.close()
    assert count == 40


async def test_a_lock_that_lasts_is_worth_a_retry(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process keeps SQLite's writing lock for too long, the caller may try later."""
    monkeypatch.setattr("store.database.BUSY_SECONDS", 0.05)
    holder, waiter = Database(sqlite_url), Database(sqlite_url)
    async with holder.write():
        with pytest.raises(StoreUnavailableError):
            await Store(waiter).clinics.apply(a_clinic())
    await Store(waiter).clinics.apply(a_clinic())
    await holder.close()
    await waiter.close()


async def test_sqlite_survives_crashes_and_checks_references(sqlite_url: str) -> None:
    """Every connection uses the write-ahead log, full syncs and foreign keys."""
    database = Database(sqlite_url)
    async with database.read() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys")
        values = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]
    await database.close()
    assert values == ["wal", 2, 1]


async def test_times_come_back_aware_and_in_utc(store: Store) -> None:
    """An instant from any zone comes back as the same instant, to the microsecond."""
    in_india = datetime(2027, 3, 1, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    row = await store.ledger.open(a_message(due_at=in_india))
    stored = await store.ledger.get(row.id)
    assert stored.due_at == in_india
    assert stored.due_at.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    """Nobody could say later which instant it was."""
    with pytest.raises(Exception, match="aware datetime"):
        await store.ledger.open(a_message(due_at=datetime(2027, 3, 1)))  # noqa: DTZ001


async def test_texts_that_databases_refuse_are_made_storable(store: Store) -> None:
    """NUL, lone surrogates and NaN from a webhook end neither in an error nor in a row that cannot be read."""
    await store.clinics.apply(a_clinic())
    await store.patients.add(a_patient(first_name="A\x00na", last_name="\ud800"))
    patient = await store.patients.get(CLINIC, "p1")
    assert (patient.first_name, patient.last_name) == ("Ana", "?")
    detail = {"text": "a\x00b", "k\x00": ["\ud800", float("nan")], "at": NOW}
    await store.tasks.open(a_task(detail=detail))
    stored = await store.tasks.get("t1")
    assert stored.detail == {"text": "ab", "k": ["?", None], "at": "2027-03-01T14:00:00Z"}
    await store.inbox.put(a_delivery(1, body=b"\x00\xff"))
    assert [row.body for row in await store.inbox.next_batch(NOW + timedelta(hours=1), 1)] == [b"\x00\xff"]


def test_every_table_carries_the_clinic() -> None:
    """No row is without its clinic."""
    assert [name for name, table in metadata.tables.items() if "clinic_id" not in table.c] == []
