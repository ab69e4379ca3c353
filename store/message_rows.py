"""Statements on single ledger rows that the ledger and its delivery tracking share."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import DeliveryState
from domain.records import AuditEntry, MessageRow, MessageState
from store import audit
from store.sql import one, select_as
from store.tables import messages


def select_rows() -> Select[Any]:
    return select_as(MessageRow, messages)


async def locked(connection: AsyncConnection, message_id: str) -> MessageRow | None:
    """The row, with nobody else able to change it until the transaction ends."""
    return await one(connection, MessageRow, select_rows().where(messages.c.id == message_id).with_for_update())


async def change(connection: AsyncConnection, row: MessageRow, values: dict[str, Any]) -> MessageRow:
    """Write the values; the row as it is then."""
    await connection.execute(update(messages).where(messages.c.id == row.id).values(**values))
    return row.model_copy(update=values)


async def accept(
    connection: AsyncConnection, row: MessageRow, provider_id: str, evidence: str, sent_at: datetime, **more: Any
) -> MessageRow | None:
    """Bind the provider's id to the row, with the audit entry `message.sent`; None when another row has that id."""
    values = {
        "state": MessageState.ACCEPTED,
        "provider_id": provider_id,
        "evidence": evidence,
        "sent_at": sent_at,
        "delivery": DeliveryState.ACCEPTED,
        "delivery_at": sent_at,
        "lease_until": None,
        "reason": None,
    }
    try:
        async with connection.begin_nested():
            accepted = await change(connection, row, values | more)
    except IntegrityError:
        return None
    await note(connection, accepted, "message.sent", sent_at)
    return accepted


async def note(
    connection: AsyncConnection, row: MessageRow, kind: str, at: datetime, *, actor: str = "system", **more: Any
) -> None:
    """One audit entry per row and kind; it names the row, never the person or the text."""
    data: dict[str, Any] = {
        "message_id": row.id,
        "key": row.key,
        "touchpoint": row.touchpoint,
        "step": row.step,
        "occurrence": row.occurrence,
        "channel": row.channel,
    }
    if row.reason:
        data["reason"] = row.reason
    if row.replaced_by:
        data["replaced_by"] = row.replaced_by
    data |= more
    entry = AuditEntry(
        clinic_id=row.clinic_id,
        journey_id=row.journey_id,
        at=at,
        kind=kind,
        actor=actor,
        data=data,
        dedupe=f"{kind}:{row.id}",
    )
    await audit.append(connection, [entry])
