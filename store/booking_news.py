"""News of bookings that are not known yet, such as a cancellation that overtook its booking: kept until that comes."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.booking import BookedPatient, BookingEvent
from store.database import Database
from store.sql import one_at_a_time
from store.tables import booking_news

_KEY = ("clinic_id", "source", "ref")
_FILLED = ("starts_at", "ends_at", "services", "location", "group_ref")


class BookingNews:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, clinic_id: str, source: str, ref: str) -> BookingEvent | None:
        """What is kept for this ref."""
        async with self._database.read() as connection:
            return await _get(connection, clinic_id, source, ref)

    async def keep(self, clinic_id: str, source: str, event: BookingEvent) -> None:
        """Keep the event together with what is kept already; whom it is about is left out."""
        key = {"clinic_id": clinic_id, "source": source, "ref": event.booking_ref}
        async with self._database.write() as connection:
            await one_at_a_time(connection, f"bookings:{clinic_id}:{source}")
            known = await _get(connection, **key)
            kept = (joined(known, event) if known else event).model_copy(update={"patient": BookedPatient()})
            values = {"event": kept.model_dump(mode="json")}
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(booking_news).values(**key, **values)
            await connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=values))

    async def forget(self, clinic_id: str, source: str, ref: str) -> None:
        """The booking has come, and has taken the news in."""
        async with self._database.write() as connection:
            await connection.execute(delete(booking_news).where(_key(clinic_id, source, ref)))


async def _get(connection: AsyncConnection, clinic_id: str, source: str, ref: str) -> BookingEvent | None:
    row = (await connection.execute(select(booking_news.c.event).where(_key(clinic_id, source, ref)))).first()
    return BookingEvent.model_validate(row.event) if row else None


def joined(known: BookingEvent, event: BookingEvent) -> BookingEvent:
    """The newer of the two, with what only the older one says."""
    older, newer = sorted((known, event), key=lambda one: one.sequence)
    missing = {name: getattr(older, name) for name in _FILLED if not getattr(newer, name)}
    patient = newer.patient if newer.patient != BookedPatient() else older.patient
    return newer.model_copy(update={**missing, "patient": patient})


def _key(clinic_id: str, source: str, ref: str) -> Any:
    columns = booking_news.c
    return (columns.clinic_id == clinic_id) & (columns.source == source) & (columns.ref == ref)
