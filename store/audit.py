"""The audit: append-only lines of what happened, who or what did it, and when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.records import AuditEntry
from store import outward
from store.database import Database
from store.sql import inserted_key, many, select_as, values_of
from store.tables import audit


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Write the entries, all or none; their ids are given by the database.

        An entry whose `dedupe` its clinic has already is left out.
        """
        async with self._database.write() as connection:
            await append(connection, entries)

    async def of_journey(self, journey_id: str) -> list[AuditEntry]:
        """The journey's entries in the order in which they were written."""
        query = select_as(AuditEntry, audit).where(audit.c.journey_id == journey_id).order_by(audit.c.id)
        async with self._database.read() as connection:
            return await many(connection, AuditEntry, query)

    async def of_delivery(self, clinic_id: str, row_id: str) -> list[AuditEntry]:
        """What the bookings in a stored delivery came to."""
        mine = (audit.c.clinic_id == clinic_id) & audit.c.dedupe.startswith(f"booking:{row_id}-", autoescape=True)
        async with self._database.read() as connection:
            return await many(connection, AuditEntry, select_as(AuditEntry, audit).where(mine).order_by(audit.c.id))

    async def of_kind(self, clinic_id: str, kind: str, since: datetime) -> list[AuditEntry]:
        """The clinic's entries of one kind since then, in the order in which they were written."""
        mine = (audit.c.clinic_id == clinic_id) & (audit.c.kind == kind) & (audit.c.at >= since)
        async with self._database.read() as connection:
            return await many(connection, AuditEntry, select_as(AuditEntry, audit).where(mine).order_by(audit.c.id))

    async def since(self, entry_id: int, clinic_id: str | None = None, *, limit: int = 500) -> list[AuditEntry]:
        """Entries with a greater id, in order.

        On PostgreSQL a transaction that began earlier may commit a smaller id later: who must see every entry reads
        again from a little before.
        """
        query = select_as(AuditEntry, audit).where(audit.c.id > entry_id)
        if clinic_id is not None:
            query = query.where(audit.c.clinic_id == clinic_id)
        async with self._database.read() as connection:
            return await many(connection, AuditEntry, query.order_by(audit.c.id).limit(limit))


async def append(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> None:
    """Write the entries in the caller's transaction, and with each what the clinic's own systems are told of it."""
    for entry in entries:
        values = values_of(entry)
        del values["id"]
        if key := await inserted_key(connection, audit, values):
            await outward.queue(connection, entry, key.id)
