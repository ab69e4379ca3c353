"""Bookings: the newest truth about each appointment, in whatever order its events arrive."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError
from domain.records import Applied, Booking, BookingStatus
from store import booking_refs
from store.database import Database
from store.sql import insert_ignoring, many, one, one_at_a_time, select_as, values_of
from store.tables import bookings

_KEPT_WHEN_MISSING = ("patient_id", "journey_id", "treated_at")
"""What we know ourselves: an event that does not say it does not take it away."""


_AT_ONCE = 500
"""Refs in one statement; the databases take some thousand variables."""


class Bookings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, booking: Booking) -> Applied:
        """Insert, or update unless it is older than what is known; the first id, patient and journey stay.

        Its `sequence` is the vendor's own. What comes under a ref that the appointment no longer has is stale.
        """
        async with self._database.write() as connection:
            await one_at_a_time(connection, f"bookings:{booking.clinic_id}:{booking.source}")
            if await booking_refs.is_followed(connection, booking):
                return Applied(previous=None, current=booking, stale=True)
            if await insert_ignoring(connection, bookings, values_of(booking)):
                return Applied(previous=None, current=booking)
            stored = await _locked(connection, booking.clinic_id, booking.source, booking.ref)
            if stored is None:
                raise NotFoundError("another booking has this id")
            return await _merge(connection, stored, booking)

    async def get(self, clinic_id: str, source: str, ref: str) -> Booking | None:
        async with self._database.read() as connection:
            return await one(connection, Booking, _by_ref(clinic_id, source, ref))

    async def by_id(self, booking_id: str) -> Booking:
        """The booking, or NotFoundError."""
        async with self._database.read() as connection:
            found = await one(connection, Booking, select_as(Booking, bookings).where(bookings.c.id == booking_id))
        if found is None:
            raise NotFoundError("there is no such booking")
        return found

    async def of_patient(self, clinic_id: str, patient_id: str) -> list[Booking]:
        """All bookings of the patient, by start."""
        return await self._listed(bookings.c.clinic_id == clinic_id, bookings.c.patient_id == patient_id)

    async def of_journey(self, journey_id: str) -> list[Booking]:
        """All bookings of the journey, by start."""
        return await self._listed(bookings.c.journey_id == journey_id)

    async def between(self, clinic_id: str, source: str, since: datetime, until: datetime) -> list[Booking]:
        """The source's bookings that start from `since` on and before `until`."""
        starts = (bookings.c.starts_at >= since) & (bookings.c.starts_at < until)
        return await self._listed(bookings.c.clinic_id == clinic_id, bookings.c.source == source, starts)

    async def by_refs(self, clinic_id: str, source: str, refs: Collection[str]) -> list[Booking]:
        """The source's bookings of these refs, whenever they start."""
        mine = (bookings.c.clinic_id == clinic_id) & (bookings.c.source == source)
        parts = (sorted(refs)[first : first + _AT_ONCE] for first in range(0, len(refs), _AT_ONCE))
        return [found for part in parts for found in await self._listed(mine, bookings.c.ref.in_(part))]

    async def link(self, booking_id: str, journey_id: str | None) -> None:
        """Say which journey the booking belongs to (None: to none)."""
        async with self._database.write() as connection:
            await _set(connection, booking_id, {"journey_id": journey_id})

    async def record_treated(self, booking_id: str, treated_at: datetime | None) -> None:
        """When the treatment was done, as staff recorded it (None: that was taken back)."""
        async with self._database.write() as connection:
            await _set(connection, booking_id, {"treated_at": treated_at})

    async def visit(self, clinic_id: str, source: str, ref: str) -> list[Booking]:
        """Every booking of the appointment: one for each treatment in it, the first one under the ref itself."""
        async with self._database.read() as connection:
            return await many(connection, Booking, booking_refs.parts(clinic_id, source, ref))

    async def current_ref(
        self, clinic_id: str, source: str, ref: str, *, sequence: int = 0, status: BookingStatus | None = None
    ) -> str:
        """The ref that the appointment goes by now, for news of that sequence and status under `ref`."""
        async with self._database.read() as connection:
            return await booking_refs.current(connection, clinic_id, source, ref, sequence, status)

    async def follow(
        self, clinic_id: str, source: str, old_ref: str, new_ref: str, *, sequence: int = 0, guessed: bool = False
    ) -> None:
        """From now on the appointment goes by `new_ref`; what comes under the old one is stale (`booking_refs`)."""
        if old_ref == new_ref:
            return
        async with self._database.write() as connection:
            await one_at_a_time(connection, f"bookings:{clinic_id}:{source}")
            await booking_refs.follow(connection, clinic_id, source, old_ref, new_ref, sequence, guessed=guessed)

    async def _listed(self, *conditions: ColumnElement[bool]) -> list[Booking]:
        query = select_as(Booking, bookings).where(*conditions).order_by(bookings.c.starts_at, bookings.c.id)
        async with self._database.read() as connection:
            return await many(connection, Booking, query)


def _known(booking: Booking) -> dict[str, Any]:
    known = {name: getattr(booking, name) for name in _KEPT_WHEN_MISSING}
    return {name: value for name, value in known.items() if value is not None}


async def _merge(connection: AsyncConnection, stored: Booking, event: Booking) -> Applied:
    sequence = event.sequence + stored.sequence_base
    if sequence < stored.sequence:
        return Applied(previous=stored, current=stored, stale=True)
    ours = {"id": stored.id, "sequence": sequence, "sequence_base": stored.sequence_base, "made_at": stored.made_at}
    current = stored.model_copy(update=values_of(event) | ours | _missing_of(stored, event))
    if current != stored:
        await _set(connection, stored.id, values_of(current))
    return Applied(previous=stored, current=current)


def _missing_of(stored: Booking, event: Booking) -> dict[str, Any]:
    return {name: value for name, value in _known(stored).items() if getattr(event, name) is None}


def _by_ref(clinic_id: str, source: str, ref: str) -> Select[Any]:
    key = (bookings.c.clinic_id == clinic_id) & (bookings.c.source == source) & (bookings.c.ref == ref)
    return select_as(Booking, bookings).where(key)


async def _locked(connection: AsyncConnection, clinic_id: str, source: str, ref: str) -> Booking | None:
    return await one(connection, Booking, _by_ref(clinic_id, source, ref).with_for_update())


async def _set(connection: AsyncConnection, booking_id: str, values: dict[str, Any]) -> None:
    await connection.execute(update(bookings).where(bookings.c.id == booking_id).values(**values))
