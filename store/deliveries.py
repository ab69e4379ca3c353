"""Delivery tracking: what a provider's callbacks, in any order and number, say about a ledger row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import RANK, DeliveryState, DeliveryUpdate, FailureClass
from domain.records import CallbackEffect, MessageRow, MessageState
from store.message_rows import accept, change, locked, select_rows
from store.sql import insert_ignoring, many, one, select_as
from store.tables import delivery_events, messages

FINAL_RANK = RANK[DeliveryState.DELIVERED]

_WORST_LAST = (
    DeliveryState.DELIVERED,
    DeliveryState.CANCELED,
    DeliveryState.UNDELIVERED,
    DeliveryState.FAILED,
)
"""Of different final states the worst counts, whichever came first: mail that bounces after 'delivered' has failed."""
FAILED = frozenset({DeliveryState.CANCELED, DeliveryState.UNDELIVERED, DeliveryState.FAILED})


async def apply_update(connection: AsyncConnection, update: DeliveryUpdate, now: datetime) -> CallbackEffect:
    """Store the event and move the row, as far as the event tells anything new."""
    row = await _row_of(connection, update)
    if row is None:
        return CallbackEffect(row=None)
    settled = await _settled(connection, row, update, now)
    if settled is None:
        return CallbackEffect(row=row, duplicate_provider_id=True)
    if not await insert_ignoring(connection, delivery_events, _event_values(settled, update, now)):
        return CallbackEffect(row=settled, changed=settled != row)
    moved = await _moved(connection, settled)
    newly_failed = moved.delivery in FAILED and row.delivery not in FAILED
    return CallbackEffect(row=moved, changed=moved != row, newly_failed=newly_failed)


async def _row_of(connection: AsyncConnection, update: DeliveryUpdate) -> MessageRow | None:
    if update.message_id is not None and (row := await locked(connection, update.message_id)) is not None:
        return row
    query = select_rows().where(messages.c.provider_id == update.provider_id).with_for_update()
    return await one(connection, MessageRow, query)


async def _settled(
    connection: AsyncConnection, row: MessageRow, update: DeliveryUpdate, now: datetime
) -> MessageRow | None:
    """The row bound to this provider id: a callback proves acceptance, whatever we knew; None for a second copy."""
    if row.provider_id is not None and row.provider_id != update.provider_id:
        return None
    if row.state is MessageState.ACCEPTED:
        return row
    return await accept(connection, row, update.provider_id, "callback", row.claimed_at or now)


async def _moved(connection: AsyncConnection, row: MessageRow) -> MessageRow:
    query = select_as(DeliveryUpdate, delivery_events, leave_out={"attempt", "revokes_consent"})
    events = await many(connection, DeliveryUpdate, query.where(delivery_events.c.message_id == row.id))
    values = _fold(events)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    return await change(connection, row, values)


def _fold(events: Sequence[DeliveryUpdate]) -> dict[str, Any]:
    """What all events together say: the same for every order in which they may come."""
    last = max(sorted(events, key=lambda event: (event.at, event.event_id)), key=_weight)
    failed = last.state in FAILED
    return {
        "delivery": last.state,
        "delivery_at": last.at,
        "failure": last.failure if failed else FailureClass.NONE,
        "reason": last.code or None if failed else None,
        "conflicting": len({event.state for event in events if RANK[event.state] == FINAL_RANK}) > 1,
    }


def _weight(event: DeliveryUpdate) -> tuple[int, int, str, str]:
    worse = _WORST_LAST.index(event.state) if event.state in _WORST_LAST else 0
    return RANK[event.state], worse, event.failure, event.code


def _event_values(row: MessageRow, update: DeliveryUpdate, now: datetime) -> dict[str, Any]:
    return {
        "message_id": row.id,
        "event_id": update.event_id,
        "clinic_id": row.clinic_id,
        "provider_id": update.provider_id,
        "state": update.state,
        "failure": update.failure,
        "code": update.code,
        "at": update.at or now,
    }
