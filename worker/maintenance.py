"""What a worker does beside its tasks: settle stuck rows, fetch what webhooks lost, empty the spool, count."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

import structlog

from domain.errors import DeliveryError
from domain.messages import InboundSms
from domain.ports import EmailSender, SmsSender
from domain.records import InboxRow, MessageRow, Task, TaskCause, Urgency
from relay.resend_intake import RESEND
from runtime.metrics import Metrics
from store import Spool, Store
from workflows.ids import new_id

LIST_EVERY = timedelta(minutes=2)
"""Twilio may lose an inbound webhook after one try (docs/send-once.md), so inbound messages are also listed."""
LIST_BACK = timedelta(hours=24)
SETTLE_EVERY = timedelta(seconds=30)
SETTLE_AFTER = timedelta(seconds=75)
"""Longer than the provider's time-out and a callback take: only then is a missing answer looked up."""
GIVE_UP_AFTER = timedelta(minutes=20)
STRAY_FOR = timedelta(hours=1)
"""`deliver` itself settles a row that expires; one that is still pending so long after was left by its journey."""
log = structlog.get_logger(__name__)


class InboundLister(Protocol):
    """A provider that can list what patients wrote."""

    async def list_inbound(self, since: datetime, to: str | None = None) -> Sequence[InboundSms]: ...


@dataclass
class Maintenance:
    """Runs in every worker; everything in it may be done by several at once, or twice."""

    store: Store
    spool: Spool
    sms: SmsSender
    email: EmailSender
    inbound: InboundLister | None
    metrics: Metrics
    clock: Callable[[], datetime]

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a failing round is logged and tried again at the next."""
        jobs = (
            self._every(SETTLE_EVERY, self.settle, stop),
            self._every(LIST_EVERY, self.fetch_inbound, stop),
            self._every(timedelta(seconds=5), self.drain_and_count, stop),
        )
        await asyncio.gather(*jobs)

    async def _every(self, pause: timedelta, job: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await job()
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker and the other jobs must go on
                log.warning("maintenance.failed", job=job.__name__, error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), pause.total_seconds())
            except TimeoutError:
                continue

    async def drain_and_count(self) -> None:
        """Move spooled webhooks into the inbox; say how long the queue is."""
        await self.spool.drain(self.store.inbox)
        backlog = await self.store.inbox.backlog(self.clock())
        self.metrics.set_inbox(backlog.count, backlog.oldest_age)
        urgencies = Counter([task.urgency async for task in self._open_tasks()])
        for urgency in Urgency:
            self.metrics.tasks_open.labels(urgency.value).set(urgencies[urgency])

    async def _open_tasks(self) -> AsyncIterator[Task]:
        for clinic in await self.store.clinics.all():
            for task in await self.store.tasks.listing(clinic.id, limit=1000):
                yield task

    async def fetch_inbound(self) -> None:
        """Texts whose webhook never came; the inbox drops those that it has."""
        if self.inbound is None:
            return
        since = self.clock() - LIST_BACK
        for clinic in await self.store.clinics.all():
            for number in {place.sms_sender for place in clinic.locations if place.sms_sender.startswith("+")}:
                for sms in await self.inbound.list_inbound(since, number):
                    await self.store.inbox.put(_row(clinic.id, sms, self.clock()))

    async def settle(self) -> None:
        """Rows without an answer: past their lease they are `unknown`, then looked up, then a person's."""
        now = self.clock()
        await self.store.ledger.expire_leases(now)
        await self.store.ledger.expire_pending(now - STRAY_FOR)
        for row in await self.store.ledger.unresolved(now, SETTLE_AFTER, limit=100):
            try:
                await self._look_up(row, now)
            except DeliveryError:
                continue

    async def _look_up(self, row: MessageRow, now: datetime) -> None:
        if row.to is None or row.claimed_at is None:
            return
        sender = self.sms if row.channel.value == "sms" else self.email
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
        await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=row.clinic_id,
                scope=f"message:{row.id}",
                journey_id=row.journey_id,
                patient_id=row.patient_id,
                cause=TaskCause.INCIDENT,
                urgency=Urgency.SAME_DAY,
                due=clinic.main.calendar.end_of_this_working_day(now),
                detail={"why": "nobody knows whether a message was sent", "touchpoint": row.touchpoint},
                opened_at=now,
            )
        )


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


def _row(clinic_id: str, sms: InboundSms, now: datetime) -> InboxRow:
    form = {"MessageSid": sms.provider_id, "From": sms.sender, "To": sms.to, "Body": sms.body}
    return InboxRow(
        id=new_id(),
        clinic_id=clinic_id,
        source="twilio",
        delivery_id=sms.provider_id,
        key=f"phone:{sms.sender}",
        body=urlencode({**form, "NumMedia": str(sms.media_count)}).encode(),
        received_at=sms.received_at or now,
        next_try_at=now,
    )
