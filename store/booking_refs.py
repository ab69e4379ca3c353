"""Refs of bookings: which one an appointment goes by, since a reschedule may give it another one.

What comes under a ref that was followed by another is stale, however new it is: a late delivery never brings the old
appointment back. Only a ref that was followed by guess (a cancellation and a booking soon after) may come alive again.
"""

from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.records import PART, Booking, BookingStatus
from store.sql import insert_ignoring, many, one, select_as
from store.tables import booking_refs, bookings

_LONGEST_CHAIN = 50
_GONE = (BookingStatus.CANCELLED, BookingStatus.NO_SHOW)


def parts(clinic_id: str, source: str, ref: str) -> Select[Any]:
    """The appointment's bookings, the one under the ref itself first."""
    column = bookings.c.ref
    named = (column == ref) | column.startswith(ref + PART, autoescape=True)
    mine = (bookings.c.clinic_id == clinic_id) & (bookings.c.source == source) & named
    return select_as(Booking, bookings).where(mine).order_by(column)


async def is_followed(connection: AsyncConnection, booking: Booking) -> bool:
    """Whether the appointment goes by another ref."""
    ref = booking.visit_ref
    now = await current(connection, booking.clinic_id, booking.source, ref, booking.sequence, booking.status)
    return now != ref


async def current(
    connection: AsyncConnection, clinic_id: str, source: str, ref: str, sequence: int, status: BookingStatus | None
) -> str:
    """The end of the chain that begins with `ref`."""
    found, now = await _follower(connection, clinic_id, source, ref), ref
    if found is None or _comes_alive(found.guessed_at, sequence, status):
        return ref
    for _ in range(_LONGEST_CHAIN):
        if found is None:
            break
        now = found.followed_by
        found = await _follower(connection, clinic_id, source, now)
    return now


async def follow(
    connection: AsyncConnection, clinic_id: str, source: str, old: str, new: str, sequence: int, *, guessed: bool
) -> None:
    """Note that `new` follows `old`, and move what is known; `sequence` is the vendor's, of the news under `new`."""
    goal = await current(connection, clinic_id, source, new, 0, None)
    if goal == old:
        # Back to a ref that it had before.
        await connection.execute(delete(booking_refs).where(_key(clinic_id, source, new)))
        goal = new
    known = await many(connection, Booking, parts(clinic_id, source, old).with_for_update())
    guessed_at = max((booking.vendor_sequence for booking in known), default=0) if guessed else None
    key = {"clinic_id": clinic_id, "source": source, "ref": old}
    if await insert_ignoring(connection, booking_refs, {**key, "followed_by": new, "guessed_at": guessed_at}):
        for booking in known:
            await _move(connection, booking, goal + booking.ref.removeprefix(old), sequence)


async def _move(connection: AsyncConnection, old: Booking, ref: str, sequence: int) -> None:
    key = (bookings.c.clinic_id == old.clinic_id) & (bookings.c.source == old.source) & (bookings.c.ref == ref)
    new = await one(connection, Booking, select_as(Booking, bookings).where(key).with_for_update())
    if new is None:
        await _set(connection, old, {"ref": ref, "sequence_base": max(0, old.sequence + 1 - sequence)})
    elif old.journey_id or not new.journey_id:
        await _change_places(connection, old, new)
    else:
        await _set(connection, old, {"status": BookingStatus.CANCELLED})


async def _change_places(connection: AsyncConnection, old: Booking, new: Booking) -> None:
    """Both are known: the old row, which the journey knows, takes over; the new one stays behind as cancelled."""
    own = new.sequence - new.sequence_base
    base = max(new.sequence_base, old.sequence + 1 - own)
    news = {name: getattr(new, name) for name in ("ref", "status", "treatment", "starts_at", "ends_at", "location")}
    await _set(connection, new, {"ref": f"{new.ref}{PART}{PART}", "status": BookingStatus.CANCELLED})
    counted = {"sequence": own + base, "sequence_base": base, "cancelled_at": new.cancelled_at}
    known = {"patient_id": old.patient_id or new.patient_id, "journey_id": old.journey_id or new.journey_id}
    await _set(connection, old, news | counted | known)
    await _set(connection, new, {"ref": old.ref})


async def _set(connection: AsyncConnection, booking: Booking, values: dict[str, Any]) -> None:
    await connection.execute(update(bookings).where(bookings.c.id == booking.id).values(**values))


async def _follower(connection: AsyncConnection, clinic_id: str, source: str, ref: str) -> Any:
    query = select(booking_refs.c.followed_by, booking_refs.c.guessed_at).where(_key(clinic_id, source, ref))
    return (await connection.execute(query)).first()


def _comes_alive(guessed_at: int | None, sequence: int, status: BookingStatus | None) -> bool:
    return guessed_at is not None and sequence > guessed_at and status is not None and status not in _GONE


def _key(clinic_id: str, source: str, ref: str) -> Any:
    columns = booking_refs.c
    return (columns.clinic_id == clinic_id) & (columns.source == source) & (columns.ref == ref)
