"""What a worker does beside its tasks: settle messages, fetch what webhooks lost, empty the spool, count."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from domain.messages import Channel, InboundSms
from domain.records import InboxRow, MessageState, Task, Urgency
from runtime.metrics import Metrics
from store import Spool, Store
from worker.message_upkeep import MessageUpkeep
from worker.source_keeper import SourceKeeper
from workflows.ids import new_id

LIST_EVERY = timedelta(minutes=2)
"""Twilio may lose an inbound webhook after one try (docs/send-once.md), so inbound messages are also listed."""
LIST_BACK = timedelta(hours=24)
SETTLE_EVERY = timedelta(seconds=30)
POLL_EVERY = timedelta(hours=6)
FOLLOW_EVERY = timedelta(minutes=1)
COUNT_EVERY = timedelta(seconds=5)
log = structlog.get_logger(__name__)


@dataclass
class Maintenance:
    """Runs in every worker; everything in it may be done by several at once, or twice."""

    store: Store
    spool: Spool
    upkeep: MessageUpkeep
    metrics: Metrics
    clock: Callable[[], datetime]
    sources: SourceKeeper

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a failing round is logged and tried again at the next."""
        jobs = (
            self._every(SETTLE_EVERY, self.upkeep.settle, stop),
            self._every(POLL_EVERY, self.upkeep.poll, stop),
            self._every(LIST_EVERY, self.fetch_inbound, stop),
            self._every(COUNT_EVERY, self.drain_and_count, stop),
            self._every(FOLLOW_EVERY, self.follow_clinic_files, stop),
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
        """Move spooled webhooks into the inbox; say how long the queues are."""
        await self.spool.drain(self.store.inbox)
        now = self.clock()
        backlog = await self.store.inbox.backlog(now)
        self.metrics.set_inbox(backlog.count, backlog.oldest_age)
        self.metrics.set_pending_oldest(await self.store.ledger.oldest_pending_age(now))
        for state, count in (await self.store.ledger.count_open()).items():
            self.metrics.messages_open.labels(MessageState(state).value).set(count)
        paused = {pause.channel for pause in await self.store.pauses.active(now)}
        for channel in Channel:
            self.metrics.channel_paused.labels(channel.value).set(channel in paused)
        urgencies = Counter([task.urgency async for task in self._open_tasks()])
        for urgency in Urgency:
            self.metrics.tasks_open.labels(urgency.value).set(urgencies[urgency])

    async def follow_clinic_files(self) -> None:
        """What a clinic file says of its booking systems takes effect; how their comparisons stand is counted."""
        await self.sources.follow()
        await self.sources.count(self.clock())

    async def _open_tasks(self) -> AsyncIterator[Task]:
        for clinic in await self.store.clinics.all():
            for task in await self.store.tasks.listing(clinic.id, limit=1000):
                yield task

    async def fetch_inbound(self) -> None:
        """Texts whose webhook never came; the inbox drops those that it has."""
        if self.upkeep.archive is None:
            return
        since = self.clock() - LIST_BACK
        for clinic in await self.store.clinics.all():
            for number in {place.sms_sender for place in clinic.locations if place.sms_sender.startswith("+")}:
                for sms in await self.upkeep.archive.list_inbound(since, number):
                    await self.store.inbox.put(_row(clinic.id, sms, self.clock()))


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
