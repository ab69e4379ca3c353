"""Messages whose fate is open: looked up, sent once more where that is allowed, or given to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import DeliveryError
from domain.incidents import message_incident
from domain.messages import Channel
from domain.ports import EmailSender, SmsArchive, SmsSender
from domain.records import InboxRow, MessageRow
from relay.delivery_news import take_news
from relay.resend_intake import RESEND
from store import Store
from workflows.ids import new_id

SETTLE_AFTER = timedelta(seconds=75)
"""Longer than the provider's time-out and a callback take: only then is a missing answer looked up."""
GIVE_UP_AFTER = timedelta(minutes=20)
STRAY_FOR = timedelta(hours=1)
"""`deliver` itself settles a row that expires; one that is still pending so long after was left by its journey."""
POLL_AFTER = timedelta(hours=12)
"""Twilio's advice for what is not at an end by then (guide to outbound message logging)."""
POLL_FOR = timedelta(days=3)


@dataclass(frozen=True)
class MessageUpkeep:
    """Everything in it may be done by several workers at once, or twice."""

    store: Store
    sms: SmsSender
    email: EmailSender
    archive: SmsArchive | None
    clock: Callable[[], datetime]

    async def settle(self) -> None:
        """Rows without an answer: past their lease `unknown`, then looked up, then sent again or given to a person."""
        now = self.clock()
        await self.store.ledger.expire_leases(now)
        await self.store.ledger.expire_pending(now - STRAY_FOR)
        for row in await self.store.ledger.unresolved(now, SETTLE_AFTER, limit=100):
            try:
                await self._look_up(row, now)
            except DeliveryError:
                continue

    async def poll(self) -> None:
        """Texts that were accepted long ago and whose delivery has no end: ask the provider how they stand."""
        if self.archive is None:
            return
        now = self.clock()
        for row in await self.store.ledger.not_terminal(now - POLL_AFTER, after=now - POLL_FOR):
            if row.channel is not Channel.SMS or row.provider_id is None:
                continue
            try:
                update = await self.archive.status(row.provider_id)
            except DeliveryError:
                continue
            await take_news(self.store, await self.store.clinics.get(row.clinic_id), update, now)

    async def _look_up(self, row: MessageRow, now: datetime) -> None:
        if row.to is None or row.claimed_at is None:
            return
        sender = self.sms if row.channel is Channel.SMS else self.email
        for sent in await sender.find(row.to, row.claimed_at - timedelta(seconds=5)):
            same = sent.message_id == row.id or (sent.message_id is None and sent.body == row.body)
            if same and await self.store.ledger.bind(row.id, sent, now):
                return
        if now - row.claimed_at <= GIVE_UP_AFTER:
            return
        if row.may_be_resent(now):
            await self.store.inbox.put(_resend(row, now))
        else:
            await self._hand_to_a_person(row, now)
            await self.store.ledger.needs_review(row.id, now)

    async def _hand_to_a_person(self, row: MessageRow, now: datetime) -> None:
        """Before the row says so: a process that dies in between leaves a task too many, never one too few."""
        clinic = await self.store.clinics.get(row.clinic_id)
        why = "nobody knows whether a message was sent"
        await self.store.tasks.open(message_incident(new_id(), row, clinic, why, now))


def _resend(row: MessageRow, now: datetime) -> InboxRow:
    """Asks the relay for one more sending; the inbox knows copies, and keeps it until it is done."""
    return InboxRow(
        id=new_id(),
        clinic_id=row.clinic_id,
        source=RESEND,
        delivery_id=f"{row.id}:{row.resent}",
        key=f"message:{row.id}",
        body=row.id.encode(),
        received_at=now,
        next_try_at=now,
    )
