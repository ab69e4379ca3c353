"""What can be asked of the ledger."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain.errors import NotFoundError
from domain.messages import RANK, Channel
from domain.records import MessageRow, MessageState, SkipReason
from store.database import Database
from store.deliveries import FINAL_RANK
from store.message_rows import select_rows
from store.sql import many
from store.tables import messages

_MAYBE_SENT = (MessageState.SENDING, MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.NEEDS_REVIEW)
_OPEN = (MessageState.SENDING, MessageState.UNKNOWN, MessageState.NEEDS_REVIEW)
_UNDER_WAY = tuple(state for state, rank in RANK.items() if rank < FINAL_RANK)


class LedgerQueries:
    """The reading half of `store.ledger.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, message_id: str) -> MessageRow:
        """The row, or NotFoundError."""
        found = await self._listed(messages.c.id == message_id, limit=1)
        if not found:
            raise NotFoundError("there is no such message")
        return found[0]

    async def by_key(self, key: str) -> MessageRow | None:
        found = await self._listed(messages.c.key == key, limit=1)
        return found[0] if found else None

    async def of_journey(self, journey_id: str) -> list[MessageRow]:
        """All rows of the journey, by the time they were due."""
        return await self._listed(messages.c.journey_id == journey_id)

    async def unresolved(self, now: datetime, settle: timedelta, limit: int) -> list[MessageRow]:
        """Unknown rows whose claim is at least `settle` old, oldest first: look them up at the provider."""
        old = messages.c.claimed_at <= now - settle
        return await self._listed(messages.c.state == MessageState.UNKNOWN, old, by=messages.c.claimed_at, limit=limit)

    async def not_terminal(
        self, before: datetime, *, after: datetime | None = None, limit: int = 200
    ) -> list[MessageRow]:
        """Rows that were accepted before (and after) then, and whose delivery has no end yet: poll them."""
        since = messages.c.sent_at > after if after is not None else messages.c.sent_at.is_not(None)
        under_way = (messages.c.state == MessageState.ACCEPTED) & messages.c.delivery.in_(_UNDER_WAY)
        old = messages.c.sent_at <= before
        return await self._listed(under_way, old, since, by=messages.c.sent_at, limit=limit)

    async def count_sent(self, clinic_id: str, patient_id: str, since: datetime) -> int:
        """Messages to the patient that were, or may have been, sent since then."""
        mine = (messages.c.clinic_id == clinic_id) & (messages.c.patient_id == patient_id)
        sent = messages.c.state.in_(_MAYBE_SENT) & (messages.c.claimed_at >= since)
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(messages).where(mine, sent)) or 0

    async def texted_since(self, clinic_id: str, to: str, touchpoint: str, since: datetime) -> list[str]:
        """Keys of the messages of this touchpoint that the address got, or may have got, since then."""
        mine = (messages.c.clinic_id == clinic_id) & (messages.c.to == to) & (messages.c.touchpoint == touchpoint)
        found = await self._listed(mine, messages.c.state.in_(_MAYBE_SENT), messages.c.claimed_at > since)
        return [row.key for row in found]

    async def oldest_pending_age(self, now: datetime) -> timedelta | None:
        """For how long the oldest due message waits to be handed over; None when none does."""
        waiting = (messages.c.state == MessageState.PENDING) & (messages.c.due_at <= now)
        found = await self._listed(waiting, limit=1)
        return now - found[0].due_at if found else None

    async def count_open(self) -> dict[MessageState, int]:
        """How many messages have a fate that is not known yet, or that a person has to find out."""
        query = select(messages.c.state, func.count()).where(messages.c.state.in_(_OPEN)).group_by(messages.c.state)
        async with self._database.read() as connection:
            counted = {MessageState(row[0]): int(row[1]) for row in await connection.execute(query)}
        return {state: counted.get(state, 0) for state in _OPEN}

    async def count_claimed(self, channel: Channel, since: datetime) -> int:
        """How many messages of all clinics were handed to the channel's provider since then."""
        handed = (messages.c.channel == channel) & messages.c.state.in_(_MAYBE_SENT)
        query = select(func.count()).select_from(messages).where(handed, messages.c.claimed_at >= since)
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def merged_under(self, merge_key: str) -> list[MessageRow]:
        """Rows of messages that belong together and were, or may have been, sent."""
        return await self._listed(messages.c.merge_key == merge_key, messages.c.state.in_(_MAYBE_SENT))

    async def by_provider_id(self, provider_id: str) -> MessageRow | None:
        found = await self._listed(messages.c.provider_id == provider_id, limit=1)
        return found[0] if found else None

    async def accepted_between(self, channel: Channel, since: datetime, until: datetime) -> list[MessageRow]:
        """Rows that the channel's provider took in that time."""
        accepted = (messages.c.state == MessageState.ACCEPTED) & (messages.c.channel == channel)
        return await self._listed(accepted, messages.c.sent_at >= since, messages.c.sent_at < until)

    async def shadowed(self, clinic_id: str, *, before: datetime | None, limit: int) -> list[MessageRow]:
        """What the clinic did not send because it was not live, newest first."""
        mine = (messages.c.clinic_id == clinic_id) & (messages.c.reason == SkipReason.SHADOW)
        older = messages.c.due_at < before if before else messages.c.due_at.is_not(None)
        return await self._listed(mine, older, by=messages.c.due_at.desc(), limit=limit)

    async def _listed(
        self, *conditions: ColumnElement[bool], by: ColumnElement[Any] = messages.c.due_at, limit: int | None = None
    ) -> list[MessageRow]:
        query = select_rows().where(*conditions).order_by(by, messages.c.id).limit(limit)
        async with self._database.read() as connection:
            return await many(connection, MessageRow, query)
