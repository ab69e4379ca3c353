"""Outward events: written in the transaction of the audit entry that they tell of, so that none is ever lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clinic import Webhook
from domain.errors import NotFoundError
from domain.outward import OutwardEvent, OutwardOutcome, is_told, outward_event
from domain.records import AuditEntry
from store.database import Database
from store.sql import insert_ignoring, one, select_as, values_of
from store.tables import clinics, outward_events, webhooks_off


class Outbox:
    """One row per endpoint and change; rows stay, and say what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, limit: int) -> list[str]:
        """Ids of events whose delivery was not started yet, oldest first."""
        of_row = outward_events.c
        query = select(of_row.id).where(of_row.started_at.is_(None)).order_by(of_row.entry_id, of_row.endpoint)
        async with self._database.read() as connection:
            return list(await connection.scalars(query.limit(limit)))

    async def started(self, event_id: str, now: datetime) -> None:
        """A workflow has it now."""
        await self._change(outward_events.c.id == event_id, {"started_at": now})

    async def get(self, event_id: str) -> OutwardEvent:
        """The event, or NotFoundError."""
        query = select_as(OutwardEvent, outward_events).where(outward_events.c.id == event_id)
        async with self._database.read() as connection:
            event = await one(connection, OutwardEvent, query)
        if event is None:
            raise NotFoundError("there is no such outward event")
        return event

    async def failed(self, event_id: str, code: str) -> None:
        """A try failed, for this reason; it will be tried again."""
        await self._change(outward_events.c.id == event_id, {"code": code})

    async def settle(self, event_id: str, outcome: OutwardOutcome, now: datetime) -> None:
        """How it ended; the first word counts."""
        open_one = (outward_events.c.id == event_id) & outward_events.c.outcome.is_(None)
        await self._change(open_one, {"outcome": outcome, "settled_at": now})

    async def is_switched_off(self, clinic_id: str, endpoint: str) -> bool:
        """Whether the endpoint said that it wants no more events, and nobody has applied the clinic file since."""
        async with self._database.read() as connection:
            return endpoint in await _switched_off(connection, clinic_id)

    async def switch_off(self, clinic_id: str, endpoint: str, now: datetime) -> None:
        """Store nothing more for this endpoint until the clinic file is applied again."""
        async with self._database.write() as connection:
            values = {"clinic_id": clinic_id, "endpoint": endpoint, "since": now}
            await insert_ignoring(connection, webhooks_off, values)

    async def _change(self, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(outward_events).where(which).values(**values))


async def queue(connection: AsyncConnection, entry: AuditEntry, entry_id: int) -> None:
    """Store the entry's events for the clinic's endpoints, in the caller's transaction."""
    for webhook in await _webhooks(connection, entry):
        event = outward_event(entry, entry_id, webhook.name)
        if event is not None and event.kind in webhook.events:
            await insert_ignoring(connection, outward_events, values_of(event))


async def switch_on(connection: AsyncConnection, clinic_id: str) -> None:
    """Every endpoint of the clinic takes events again, from now on."""
    await connection.execute(delete(webhooks_off).where(webhooks_off.c.clinic_id == clinic_id))


async def _webhooks(connection: AsyncConnection, entry: AuditEntry) -> list[Webhook]:
    """The clinic's endpoints that are on."""
    if not is_told(entry):
        return []
    query = select(clinics.c.document).where(clinics.c.clinic_id == entry.clinic_id)
    document = (await connection.execute(query)).scalar_one_or_none() or {}
    found = [Webhook.model_validate(webhook) for webhook in document.get("webhooks", ())]
    off = await _switched_off(connection, entry.clinic_id) if found else set()
    return [webhook for webhook in found if webhook.name not in off]


async def _switched_off(connection: AsyncConnection, clinic_id: str) -> set[str]:
    query = select(webhooks_off.c.endpoint).where(webhooks_off.c.clinic_id == clinic_id)
    return set(await connection.scalars(query))
