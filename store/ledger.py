"""The ledger of messages: the send-once protocol (docs/send-once.md).

`claim` is the only way from `pending` to `sending`, and only who holds a claim may POST, once.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError
from domain.messages import DeliveryUpdate, FailureClass, Receipt, SentMessage
from domain.records import (
    CallbackEffect,
    Claim,
    MessageRow,
    MessageState,
    NewMessage,
    NewQuestion,
    Rendered,
    SkipReason,
)
from store.deliveries import apply_update
from store.ledger_queries import LedgerQueries
from store.message_rows import accept, change, locked, note, select_rows
from store.questions import close_of_message, open_question
from store.sql import as_model, insert_ignoring, many, new_id, one, values_of
from store.tables import messages

_UNANSWERED = frozenset({MessageState.SENDING, MessageState.UNKNOWN})
_REFUSABLE = _UNANSWERED | {MessageState.NEEDS_REVIEW}


class Ledger(LedgerQueries):
    """One row per message. Every method that changes a row says what it changed; none waits for the network."""

    async def open(self, new: NewMessage) -> MessageRow:
        """The row with this key, created where there is none."""
        values = values_of(new) | {"id": new_id(), "state": MessageState.PENDING}
        async with self._database.write() as connection:
            await insert_ignoring(connection, messages, values)
            row = await one(connection, MessageRow, select_rows().where(messages.c.key == new.key))
        if row is None:
            raise NotFoundError("the message was just written and is gone")
        return row

    async def claim(
        self,
        message_id: str,
        rendered: Rendered,
        *,
        now: datetime,
        lease: timedelta,
        question: NewQuestion | None = None,
    ) -> Claim | None:
        """From pending to sending, with the text and the question it asks; None when it is not pending (any more).

        None, too, while another message about the same treatments is being sent, or was (`merge_key`).

        `lease` must be longer than the POST can take. LineBusyError (and still pending) while the phone has another
        question to answer first.
        """
        values = values_of(rendered) | {"state": MessageState.SENDING, "attempt": messages.c.attempt + 1}
        values |= {"claimed_at": now, "lease_until": now + lease, "reason": None, "failure": FailureClass.NONE}
        pending = (messages.c.id == message_id) & (messages.c.state == MessageState.PENDING)
        statement = update(messages).where(pending).values(**values).returning(*select_rows().selected_columns)
        async with self._database.write() as connection:
            try:
                async with connection.begin_nested():
                    claimed = (await connection.execute(statement)).first()
            except IntegrityError:
                return None
            if claimed is None:
                return None
            if question is not None:
                await open_question(connection, question, message_id)
        row = as_model(MessageRow, claimed)
        return Claim(row=row, fence=row.attempt)

    async def still_mine(self, claim: Claim, now: datetime) -> bool:
        """Whether the POST may be made now: ask right before it."""
        row = await self.get(claim.row.id)
        in_time = row.lease_until is not None and now < row.lease_until
        return row.state is MessageState.SENDING and row.attempt == claim.fence and in_time

    async def accepted(self, claim: Claim, receipt: Receipt, now: datetime) -> bool:
        """The provider took it. False when the row or the id belong to another copy: alarm."""
        async with self._database.write() as connection:
            row = await _the(connection, claim.row.id)
            if row.state is MessageState.ACCEPTED:
                return row.provider_id == receipt.provider_id
            counted = {"segments": receipt.segments} if receipt.segments else {}
            return await accept(connection, row, receipt.provider_id, "response", now, **counted) is not None

    async def rejected(self, claim: Claim, code: str, failure: FailureClass, now: datetime) -> bool:
        """The provider refused it for good; False when the claim is no longer the newest word."""
        values = {"state": MessageState.REJECTED, "reason": code, "failure": failure, "lease_until": None}
        return await self._answer(claim, values, _REFUSABLE, never_asked_at=now)

    async def give_back(self, claim: Claim, code: str, now: datetime) -> bool:
        """Provably not accepted: back to pending, so that it may be claimed again; False as for `rejected`."""
        values = {"state": MessageState.PENDING, "reason": code, "lease_until": None}
        return await self._answer(claim, values, _UNANSWERED, never_asked_at=now)

    async def unknown(self, claim: Claim, code: str, now: datetime) -> bool:
        """The provider may have it: nothing posts this row until that is settled; False as for `rejected`."""
        del now
        values = {"state": MessageState.UNKNOWN, "reason": code, "lease_until": None}
        return await self._answer(claim, values, _UNANSWERED)

    async def skip(
        self,
        message_id: str,
        reason: SkipReason,
        now: datetime,
        rendered: Rendered | None = None,
        replaced_by: str | None = None,
    ) -> bool:
        """From pending to skipped, with its audit entry; False when it is not pending.

        `rendered`: what it would have said, kept for whoever looks at a clinic before it goes live. `replaced_by`: the
        row whose message says this one's as well.
        """
        values = {"state": MessageState.SKIPPED, "reason": reason, "replaced_by": replaced_by}
        values |= values_of(rendered) if rendered else {}
        return await self._from(MessageState.PENDING, message_id, values, audit_at=now)

    async def needs_review(self, message_id: str, now: datetime) -> bool:
        """From unknown to needs_review: nothing says whether it was sent, a person looks; False if not unknown."""
        del now
        return await self._from(MessageState.UNKNOWN, message_id, {"state": MessageState.NEEDS_REVIEW})

    async def reviewed(self, message_id: str, *, sent: bool, by: str, why: str, now: datetime) -> bool:
        """From needs_review to accepted or rejected on a person's word, with its audit entry; False if not there."""
        values: dict[str, Any] = {"state": MessageState.REJECTED, "reason": "not_sent"}
        if sent:
            values = {"state": MessageState.ACCEPTED, "reason": None, "evidence": by}
        async with self._database.write() as connection:
            row = await _the(connection, message_id)
            if row.state is not MessageState.NEEDS_REVIEW:
                return False
            changed = await change(connection, row, values | ({"sent_at": row.claimed_at} if sent else {}))
            await note(connection, changed, "message.reviewed", now, actor=by, sent=sent, why=why)
        return True

    async def resend(self, message_id: str, now: datetime) -> bool:
        """From unknown to pending, if resends are left and it is still useful; then it is claimed as any other."""
        left = messages.c.resent < messages.c.resends
        useful = messages.c.expires_at.is_(None) | (messages.c.expires_at > now)
        values = {"state": MessageState.PENDING, "resent": messages.c.resent + 1}
        unknown = (messages.c.id == message_id) & (messages.c.state == MessageState.UNKNOWN)
        async with self._database.write() as connection:
            changed = await connection.execute(update(messages).where(unknown, left, useful).values(**values))
        return changed.rowcount > 0

    async def expire_leases(self, now: datetime) -> int:
        """From sending past its lease to unknown, never to pending: its process died before or after the POST."""
        late = (messages.c.state == MessageState.SENDING) & (messages.c.lease_until <= now)
        values = {"state": MessageState.UNKNOWN, "reason": "lease_expired", "lease_until": None}
        async with self._database.write() as connection:
            return (await connection.execute(update(messages).where(late).values(**values))).rowcount

    async def expire_pending(self, now: datetime, *, limit: int = 200) -> int:
        """From pending past its usefulness to expired, with its audit entry: for rows that nobody came back to."""
        late = (messages.c.state == MessageState.PENDING) & (messages.c.expires_at <= now)
        async with self._database.write() as connection:
            rows = await many(connection, MessageRow, select_rows().where(late).limit(limit).with_for_update())
            for row in rows:
                expired = {"state": MessageState.EXPIRED, "reason": SkipReason.EXPIRED}
                await note(connection, await change(connection, row, expired), "message.skipped", now)
        return len(rows)

    async def callback(self, update: DeliveryUpdate, now: datetime) -> CallbackEffect:
        """Apply a status callback, event or polled status; each event counts once, in any order."""
        async with self._database.write() as connection:
            return await apply_update(connection, update, now)

    async def bind(self, message_id: str, sent: SentMessage, now: datetime) -> bool:
        """The provider's listing has the message of this row; False when it is another row's, or this one has its own.

        The delivery state in the listing is not applied: pass it to `callback` with its error class.
        """
        del now
        async with self._database.write() as connection:
            row = await _the(connection, message_id)
            if row.provider_id is not None:
                return row.provider_id == sent.provider_id
            return await accept(connection, row, sent.provider_id, "lookup", sent.created_at) is not None

    async def _answer(
        self,
        claim: Claim,
        values: dict[str, Any],
        states: frozenset[MessageState],
        *,
        never_asked_at: datetime | None = None,
    ) -> bool:
        async with self._database.write() as connection:
            row = await _the(connection, claim.row.id)
            if row.state not in states or row.attempt != claim.fence:
                return False
            await change(connection, row, values)
            if never_asked_at is not None:
                await close_of_message(connection, row.id, never_asked_at)
            return True

    async def _from(
        self, state: MessageState, message_id: str, values: dict[str, Any], *, audit_at: datetime | None = None
    ) -> bool:
        async with self._database.write() as connection:
            row = await _the(connection, message_id)
            if row.state is not state:
                return False
            changed = await change(connection, row, values)
            if audit_at is not None:
                await note(connection, changed, "message.skipped", audit_at)
            return True


async def _the(connection: AsyncConnection, message_id: str) -> MessageRow:
    row = await locked(connection, message_id)
    if row is None:
        raise NotFoundError("there is no such message")
    return row
