"""The connection to the database: reading and writing transactions, and what an outage looks like to callers."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy import exc as sql_errors
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.errors import BadInputError, StoreUnavailableError

BUSY_SECONDS = 15
"""How long a SQLite writer waits for the writers of other processes."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_OUTAGE_SQLSTATES = ("08", "28", "3D", "40", "53", "55", "57", "58")
"""Classes of connection, login, database name, rollback (deadlock), resource, lock, operator and system errors.

PostgreSQL's manual, appendix A. A wrong login counts: whoever waits for the database can only wait.
"""
_OUTAGE_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_NO_CONNECTION = (OSError, TimeoutError, sql_errors.TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_BEGIN = "healgate_begin"


class Database:
    """One database, shared by any number of tasks of one event loop and by any number of processes.

    Transactions never nest: inside `write()` pass the connection on, do not open another one. No network call
    belongs inside one. Raises `StoreUnavailableError` where the database did not answer.
    """

    def __init__(self, url: str) -> None:
        self._url = _async_url(url)
        self._engine = create_async_engine(self._url, **_engine_options(self._url))
        self._reader = self._engine.execution_options(**{_BEGIN: "BEGIN"})
        self._writer = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        # SQLite has one writer at a time; waiting here is fairer and quicker than polling its lock.
        self._turn: AbstractAsyncContextManager[Any] = nullcontext()
        if self._url.get_backend_name() == "sqlite":
            self._turn = asyncio.Lock()
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction."""
        async with _transaction(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction: committed when the block ends, rolled back when it raises."""
        async with self._turn, _transaction(self._writer) as connection:
            yield connection

    async def ping(self) -> None:
        """Ask the database for anything; raises `StoreUnavailableError` when it does not answer."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        async with engine.begin() as connection:
            yield connection
    except sql_errors.DBAPIError as error:
        if _is_outage(error):
            raise StoreUnavailableError(f"the database did not answer: {type(error.orig).__name__}") from error
        raise
    except _NO_CONNECTION as error:
        raise StoreUnavailableError(f"the database did not answer: {type(error).__name__}") from error


def _is_outage(error: sql_errors.DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate:
        return str(sqlstate)[:2] in _OUTAGE_SQLSTATES
    code = getattr(error.orig, "sqlite_errorcode", None)
    # The extended code's low byte is the primary one (sqlite.org/rescode.html).
    return code is not None and code & 0xFF in _OUTAGE_SQLITE


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except sql_errors.ArgumentError as error:
        raise BadInputError(
            "the database URL cannot be read; use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise BadInputError(f"unknown database {parsed.get_backend_name()!r}; use sqlite or postgresql")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise BadInputError("SQLite needs a file that processes can share: sqlite:///FILE")
    return _with_asyncpg_names(parsed.set(drivername=driver))


def _with_asyncpg_names(url: URL) -> URL:
    """Connection strings of hosted PostgreSQL say `sslmode`; asyncpg calls it `ssl`."""
    if "sslmode" not in url.query:
        return url
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # With isolation_level None the driver begins nothing by itself, so that _begin_sqlite decides.
        return {"connect_args": {"isolation_level": None, "timeout": BUSY_SECONDS}}
    timeouts = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
    return {"connect_args": timeouts, "pool_pre_ping": True, "pool_size": 10}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # FULL: a claim or a stored webhook that was committed must survive a power cut, not only a crash.
    cursor.execute("PRAGMA synchronous = FULL")
    _switch_to_wal(cursor)
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone()[0] == "wal":
        return
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        # The switch does not wait for the busy timeout: another process is switching at this moment.
        cursor.execute("PRAGMA journal_mode")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()[_BEGIN])
