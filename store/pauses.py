"""Channels of clinics that rest (activities/breaker.py)."""

from datetime import datetime

from sqlalchemy import Delete, delete

from domain.messages import Channel
from domain.records import Pause
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import channel_pauses


class Pauses:
    """At most one per clinic and channel; an ended one stays, so that the next can be longer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, clinic_id: str, channel: Channel) -> Pause | None:
        """The pause that was put last, ended or not."""
        mine = (channel_pauses.c.clinic_id == clinic_id) & (channel_pauses.c.channel == channel)
        async with self._database.read() as connection:
            return await one(connection, Pause, select_as(Pause, channel_pauses).where(mine))

    async def put(self, pause: Pause) -> None:
        """In the place of an older one."""
        async with self._database.write() as connection:
            await connection.execute(_delete(pause.clinic_id, pause.channel))
            await insert_ignoring(connection, channel_pauses, values_of(pause))

    async def end(self, clinic_id: str, channel: Channel) -> bool:
        """Send again at once; False when there was no pause."""
        async with self._database.write() as connection:
            return (await connection.execute(_delete(clinic_id, channel))).rowcount > 0

    async def active(self, now: datetime, clinic_id: str | None = None) -> list[Pause]:
        """The pauses that have not ended."""
        query = select_as(Pause, channel_pauses).where(channel_pauses.c.until > now)
        if clinic_id is not None:
            query = query.where(channel_pauses.c.clinic_id == clinic_id)
        async with self._database.read() as connection:
            return await many(connection, Pause, query)


def _delete(clinic_id: str, channel: Channel) -> Delete:
    return delete(channel_pauses).where(channel_pauses.c.clinic_id == clinic_id, channel_pauses.c.channel == channel)
