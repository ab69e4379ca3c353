"""Bring a database to the newest schema, in this process and without an alembic.ini."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from store.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 4_242_001
"""Any number that nothing else uses: processes that start together migrate one after the other."""


async def migrate(url: str) -> None:
    """Upgrade to the newest revision; nothing happens when the database has it. Raises `StoreUnavailableError`."""
    database = Database(url)
    try:
        async with database.write() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


async def current_revision(url: str) -> str | None:
    """The database's revision; None when it was never migrated. Raises `StoreUnavailableError`."""
    database = Database(url)
    try:
        async with database.read() as connection:
            return await connection.run_sync(_revision)
    finally:
        await database.close()


def config(connection: Connection) -> Config:
    """Alembic's settings for this connection."""
    settings = Config()
    settings.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
