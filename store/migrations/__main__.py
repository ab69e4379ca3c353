"""`python -m store.migrations TEXT` writes a new revision: what store/tables.py has and the newest one has not."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from store.database import Database
from store.migrate import config, migrate


def _write_revision(connection: Connection, message: str) -> None:
    known = len(list((Path(__file__).parent / "versions").glob("*.py")))
    command.revision(config(connection), message, autogenerate=True, rev_id=f"{known + 1:04d}")


async def _main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        await migrate(url)
        database = Database(url)
        async with database.write() as connection:
            await connection.run_sync(_write_revision, message)
        await database.close()


if __name__ == "__main__":
    asyncio.run(_main(" ".join(sys.argv[1:]) or sys.exit("say what changes: python -m store.migrations TEXT")))
