"""The inbox: webhook deliveries as they came, stored before they are acknowledged, relayed one per key at a time."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError
from domain.records import Backlog, InboxRow, InboxState
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import inbox

RELAY_LEASE = timedelta(seconds=60)
"""A row that its relay did not settle in this time is taken again; the relay's own call must end sooner."""


class Inbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: InboxRow) -> bool:
        """Store a delivery; False when this clinic has this source's delivery id already (nothing is stored)."""
        async with self._database.write() as connection:
            return await insert_ignoring(connection, inbox, values_of(row))

    async def get(self, row_id: str) -> InboxRow:
        """The delivery, or NotFoundError."""
        async with self._database.read() as connection:
            row = await one(connection, InboxRow, select_as(InboxRow, inbox).where(inbox.c.id == row_id))
        if row is None:
            raise NotFoundError("there is no such delivery")
        return row

    async def next_batch(self, now: datetime, limit: int, *, lease: timedelta = RELAY_LEASE) -> list[InboxRow]:
        """Take due rows, oldest first: at most the oldest pending one of each key, none of a key in flight.

        Taken rows are in flight until `now + lease`, so two relays never hold the same row or key.
        """
        async with self._database.write() as connection:
            taken = await _due(connection, now, limit)
            flight = {"in_flight_until": now + lease}
            await connection.execute(update(inbox).where(inbox.c.id.in_([row.id for row in taken])).values(**flight))
        return taken

    async def done(self, row_id: str, now: datetime) -> None:
        """The delivery had its effect."""
        await self._settle(row_id, {"state": InboxState.DONE, "settled_at": now, "error": None})

    async def retry(self, row_id: str, error_code: str, next_try_at: datetime) -> None:
        """Try again at that time; until then only this row's key waits."""
        again = {"attempts": inbox.c.attempts + 1, "error": error_code, "next_try_at": next_try_at}
        await self._settle(row_id, again)

    async def poison(self, row_id: str, error_code: str, now: datetime) -> None:
        """Set the row aside for a person; its key goes on without it."""
        await self._settle(row_id, {"state": InboxState.POISON, "settled_at": now, "error": error_code})

    async def backlog(self, now: datetime) -> Backlog:
        """How many deliveries wait, and for how long the oldest has."""
        query = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == InboxState.PENDING)
        async with self._database.read() as connection:
            count, oldest = (await connection.execute(query)).one()
        return Backlog(count=count, oldest_age=max(now - oldest, timedelta(0)) if oldest else timedelta(0))

    async def is_waiting(self, clinic_id: str, key: str) -> bool:
        """Whether a delivery of this key has arrived and is not applied yet."""
        mine = (inbox.c.clinic_id == clinic_id) & (inbox.c.key == key) & (inbox.c.state == InboxState.PENDING)
        async with self._database.read() as connection:
            return bool((await connection.execute(select(exists().where(mine)))).scalar_one())

    async def last_arrival(self, clinic_id: str, source: str) -> datetime | None:
        """When the source delivered last."""
        async with self._database.read() as connection:
            return next(iter(await connection.scalars(_of_source(clinic_id, source).limit(1))), None)

    async def arrivals(self, clinic_id: str, source: str, since: datetime) -> list[datetime]:
        """When the source delivered since then, newest first."""
        query = _of_source(clinic_id, source).where(inbox.c.received_at >= since)
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def _settle(self, row_id: str, values: dict[str, Any]) -> None:
        pending = (inbox.c.id == row_id) & (inbox.c.state == InboxState.PENDING)
        async with self._database.write() as connection:
            await connection.execute(update(inbox).where(pending).values(**values, in_flight_until=None))


def _of_source(clinic_id: str, source: str) -> Select[Any]:
    mine = (inbox.c.clinic_id == clinic_id) & (inbox.c.source == source)
    return select(inbox.c.received_at).where(mine).order_by(inbox.c.received_at.desc())


async def _due(connection: AsyncConnection, now: datetime, limit: int) -> list[InboxRow]:
    # _held_up says so too, but PostgreSQL looks again only at the row itself when another relay was quicker.
    free = or_(inbox.c.in_flight_until.is_(None), inbox.c.in_flight_until <= now)
    query = (
        select_as(InboxRow, inbox)
        .where(inbox.c.state == InboxState.PENDING, inbox.c.next_try_at <= now, free, ~_held_up(now))
        .order_by(inbox.c.received_at, inbox.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await many(connection, InboxRow, query)


def _held_up(now: datetime) -> ColumnElement[bool]:
    """An older pending row of the key comes first, and so does one that is in flight (a spooled one may be older)."""
    other = inbox.alias()
    same_key = (other.c.clinic_id == inbox.c.clinic_id) & (other.c.key == inbox.c.key)
    older = tuple_(other.c.received_at, other.c.seq) < tuple_(inbox.c.received_at, inbox.c.seq)
    in_flight = other.c.in_flight_until > now
    return exists().where(same_key, other.c.state == InboxState.PENDING, or_(older, in_flight))
