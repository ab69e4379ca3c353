"""What is remembered of the comparisons with booking systems: one row per clinic and source."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, update

from domain.reconciliation import Reconciliation
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import reconciliations


class Reconciliations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, clinic_id: str, source: str, now: datetime) -> Reconciliation:
        """The row; a new one from now on where there is none."""
        new = Reconciliation(clinic_id=clinic_id, source=source, first_at=now)
        async with self._database.write() as connection:
            await insert_ignoring(connection, reconciliations, values_of(new))
            query = select_as(Reconciliation, reconciliations).where(_of(clinic_id, source))
            return await one(connection, Reconciliation, query) or new

    async def note(self, clinic_id: str, source: str, **changes: datetime | None) -> None:
        """Change these fields of the row and leave the others, which another run may be changing."""
        async with self._database.write() as connection:
            await connection.execute(update(reconciliations).where(_of(clinic_id, source)).values(**changes))

    async def all(self) -> list[Reconciliation]:
        """Every source that was ever looked at."""
        async with self._database.read() as connection:
            return await many(connection, Reconciliation, select_as(Reconciliation, reconciliations))

    async def forget(self, clinic_id: str, source: str) -> None:
        """The source is no more."""
        async with self._database.write() as connection:
            await connection.execute(delete(reconciliations).where(_of(clinic_id, source)))


def _of(clinic_id: str, source: str) -> ColumnElement[bool]:
    return (reconciliations.c.clinic_id == clinic_id) & (reconciliations.c.source == source)
