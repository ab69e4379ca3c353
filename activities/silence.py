"""Tells when a booking system's webhooks have not come for longer than usual, and when they come again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from activities.clock import activity_now
from activities.requests import ReconcileRequest
from activities.translate_errors import translated
from domain.clinic import Clinic
from domain.incidents import SourceTrouble, source_incident, source_scope
from domain.ports import Clinics, Inbox, Reconciliations, Tasks
from domain.reconciliation import Reconciliation
from domain.records import TaskCause
from domain.silence import LOOK_BACK, longest_usual, open_time

CHECK = (
    "In the booking system: is the webhook still switched on, with this installation's address and secret? "
    "`healgate webhook-test` shows whether deliveries are taken here."
)


@dataclass(frozen=True)
class Silence:
    """One task per source and silence: who closes it by hand is not told of the same silence again."""

    clinics: Clinics
    inbox: Inbox
    tasks: Tasks
    memory: Reconciliations

    @activity.defn(name="note_silence")
    async def note_silence(self, request: ReconcileRequest) -> bool:
        """Whether the source is silent now. Again it changes nothing."""
        async with translated():
            clinic = await self.clinics.get(request.clinic_id)
            source = clinic.sources.get(request.source)
            if source is None or source.poll:
                return False
            now = activity_now(request.skew)
            known = await self.memory.get(clinic.id, request.source, now)
            last = await self.inbox.last_arrival(clinic.id, f"booking:{request.source}")
            if await self._is_silent(clinic, known, last, now):
                await self._tell(clinic, known, last or known.first_at, now)
                return True
            await self._heard(clinic, known, now)
            return False

    async def _is_silent(self, clinic: Clinic, known: Reconciliation, last: datetime | None, now: datetime) -> bool:
        calendar, since = clinic.main.calendar, last or known.first_at
        arrivals = await self.inbox.arrivals(clinic.id, f"booking:{known.source}", since - LOOK_BACK) if last else []
        lost = known.lost_at is not None and known.lost_at > since
        usual = longest_usual(calendar, arrivals, now, lost=lost)
        return usual is not None and open_time(calendar, since, now) > usual

    async def _tell(self, clinic: Clinic, known: Reconciliation, since: datetime, now: datetime) -> None:
        if known.silent_since == since:
            return
        why, trouble = "the booking system has sent nothing for longer than usual", SourceTrouble.SILENT
        detail = {"since": since, "check": CHECK, "reconciliation_found_changes": known.lost_at is not None}
        await self.tasks.open(source_incident(uuid.uuid4().hex, clinic, known.source, trouble, why, now, **detail))
        await self.memory.note(clinic.id, known.source, silent_since=since)

    async def _heard(self, clinic: Clinic, known: Reconciliation, now: datetime) -> None:
        if known.silent_since is None:
            return
        scope = source_scope(known.source, SourceTrouble.SILENT)
        await self.tasks.close(clinic.id, scope, TaskCause.INCIDENT, outcome="cause_gone", by="system", now=now)
        await self.memory.note(clinic.id, known.source, silent_since=None)
