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


async def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    """Before the first migration there is nothing to name."""
    assert await current_revision(f"sqlite:///{tmp_path / 'new.db'}") is None


async def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    """Several migrations of one new file at the same time all succeed."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert await current_revision(url) == NEWEST


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
