"""The daily comparison of the ledger with what the SMS provider says it sent (docs/send-once.md).

An e-mail provider has no listing that could be relied on, so mails are followed by their events alone.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from activities.clock import activity_now
from activities.requests import ScanRequest, ScanResult
from activities.translate_errors import translated
from domain.clinic import Clinic
from domain.incidents import channel_incident, message_incident
from domain.messages import Channel, SentMessage
from domain.ports import Clinics, Ledger, SmsArchive, Tasks
from domain.records import MessageRow

BACK = timedelta(days=2)
SETTLED = timedelta(hours=1)
"""Younger messages may still be on their way into the provider's listing or our ledger."""
MARGIN = timedelta(minutes=30)
"""Clocks of the provider and ours may differ by so much at most."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Scan:
    """Finds messages without a row, rows without a message, and second copies; each becomes a task."""

    ledger: Ledger
    clinics: Clinics
    tasks: Tasks
    archive: SmsArchive | None

    @activity.defn(name="scan_messages")
    async def scan_messages(self, request: ScanRequest) -> ScanResult:
        """Compare the last two days; again it changes nothing, since one cause makes one open task."""
        async with translated():
            if self.archive is None:
                return ScanResult()
            now = activity_now(request.skew)
            listed = await self.archive.list_outbound(now - BACK - MARGIN)
            rows = await self.ledger.accepted_between(Channel.SMS, now - BACK - MARGIN, now)
            clinics = {clinic.id: clinic for clinic in await self.clinics.all()}
            strange = [sent for sent in listed if await self._is_strange(sent, now)]
            copies = await self._alarm_of_copies(strange, rows, clinics, now)
            orphans = await self._tell_of_orphans((one for one in strange if one not in copies), clinics, now)
            missing = await self._tell_of_missing(rows, {sent.provider_id for sent in listed}, clinics, now)
            return ScanResult(orphans=orphans, missing=missing, copies=len(copies))

    async def _is_strange(self, sent: SentMessage, now: datetime) -> bool:
        """Old enough, and no row has its id."""
        if not now - BACK <= sent.created_at < now - SETTLED:
            return False
        return await self.ledger.by_provider_id(sent.provider_id) is None

    async def _alarm_of_copies(
        self, strange: Iterable[SentMessage], rows: Iterable[MessageRow], clinics: dict[str, Clinic], now: datetime
    ) -> list[SentMessage]:
        texts = {(row.to, row.body): row for row in rows}
        copies = [sent for sent in strange if (sent.to, sent.body) in texts]
        for sent in copies:
            row = texts[(sent.to, sent.body)]
            log.error("delivery.duplicate", message_id=row.id, provider_id=sent.provider_id)
            why, clinic = "the provider sent a message twice", clinics[row.clinic_id]
            await self.tasks.open(
                message_incident(uuid.uuid4().hex, row, clinic, why, now, provider_id=sent.provider_id)
            )
        return copies

    async def _tell_of_orphans(self, orphans: Iterable[SentMessage], clinics: dict[str, Clinic], now: datetime) -> int:
        """Only what went out from a clinic's own number counts: an account may have other users."""
        numbers = {place.sms_sender: clinic.id for clinic in clinics.values() for place in clinic.locations}
        counted = Counter(numbers[sent.sender] for sent in orphans if sent.sender in numbers)
        why = "the provider sent texts from this number that Healgate knows nothing of"
        await self._open(counted, clinics, why, now)
        return counted.total()

    async def _tell_of_missing(
        self, rows: Iterable[MessageRow], listed: set[str], clinics: dict[str, Clinic], now: datetime
    ) -> int:
        gone = [
            row.clinic_id
            for row in rows
            if row.provider_id and row.provider_id not in listed and _is_between(row, now - BACK, now - SETTLED)
        ]
        counted = Counter(gone)
        await self._open(counted, clinics, "the provider does not list texts that it had accepted", now)
        return counted.total()

    async def _open(self, counted: Counter[str], clinics: dict[str, Clinic], why: str, now: datetime) -> None:
        for clinic_id, count in counted.items():
            log.error("scan.found", clinic=clinic_id, count=count)
            clinic = clinics[clinic_id]
            await self.tasks.open(channel_incident(uuid.uuid4().hex, clinic, Channel.SMS, why, now, count=count))


def _is_between(row: MessageRow, since: datetime, until: datetime) -> bool:
    return row.sent_at is not None and since <= row.sent_at < until
