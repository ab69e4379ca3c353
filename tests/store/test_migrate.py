"""Migrations: the migrated schema is the one in the code, on both databases."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from store import Database, current_revision, migrate
from store.tables import metadata
from tests.databases import PostgresServer

NEWEST = max(path.name[:4] for path in (Path(__file__).parents[2] / "store/migrations/versions").glob("[0-9]*.py"))


def differences(connection: Connection) -> list[object]:
    """What Alembic would still change."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_migrations_and_tables_agree(database: Database) -> None:
    """The schema after all migrations is exactly what store/tables.py describes."""
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    """A second run leaves the newest revision as it is."""
    assert await current_revision(database_url) == NEWEST
    await migrate(database_url)
    assert await current_revision(database_url) == NEWEST


async def migrated_by_many(url: str) -> None:
    """Nothing, then four migrations at the same time."""
    assert await current_revision(url) is None
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert await current_revision(url) == NEWEST


async def test_many_may_migrate_one_new_file(tmp_path: Path) -> None:
    """Processes that start together on a new SQLite file all succeed."""
    await migrated_by_many(f"sqlite:///{tmp_path / 'new.db'}")


@pytest.mark.slow
async def test_many_may_migrate_one_new_database(postgres_server: PostgresServer) -> None:
    """Processes that start together on a new PostgreSQL database all succeed."""
    await migrated_by_many(await postgres_server.new())


async def test_a_failed_migration_leaves_nothing(tmp_path: Path) -> None:
    """Where a table is in the way, none of the others is made."""
    path = tmp_path / "taken.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE messages (x)")
    connection.close()
    with pytest.raises(OperationalError, match="already exists"):
        await migrate(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert names == [("messages",)]
