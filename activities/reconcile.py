"""Compares booking systems' own lists with the store; what differs goes into the inbox, beside the webhooks.

A list counts only as a whole: where a page of it cannot be read, nothing is concluded.
"""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from activities.clock import activity_now
from activities.requests import ReconcileRequest, ReconcileResult
from activities.translate_errors import translated
from activities.vanished import Vanished
from domain.booking import BookingEvent
from domain.clinic import Clinic
from domain.errors import HealgateError
from domain.incidents import SourceTrouble, source_incident, source_scope
from domain.ports import BookingLists, Bookings, Clinics, Inbox, Reconciliations, Tasks
from domain.reconciliation import (
    RECONCILED,
    Comparison,
    Difference,
    Reconciliation,
    compare,
    window_of,
)
from domain.records import Booking, InboxRow, TaskCause

OVERLAP = timedelta(minutes=2)
"""Polling looks back a little: a server may show a change later than its time says."""
log = structlog.get_logger(__name__)


def uncounted(_system: str, _count: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True)
class Reconcile:
    """Finds what webhooks lost, and has it applied the way of a webhook."""

    clinics: Clinics
    bookings: Bookings
    inbox: Inbox
    tasks: Tasks
    memory: Reconciliations
    lists: BookingLists | None
    observe: Callable[[str, int], None] = uncounted
    """Counts lost changes by booking system."""

    @activity.defn(name="reconcile_bookings")
    async def reconcile_bookings(self, request: ReconcileRequest) -> ReconcileResult:
        """Compare one source; again it changes nothing, since the inbox knows each difference."""
        async with translated():
            clinic = await self._clinic_with(request)
            if clinic is None or self.lists is None or not self.lists.can_list(clinic, request.source):
                return ReconcileResult()
            now = activity_now(request.skew)
            known = await self.memory.get(clinic.id, request.source, now)
            async with self._refusals_told(clinic, request.source, now):
                comparison = await self.compared(clinic, request.source, now)
            return await self.apply(clinic, known, comparison, now)

    @activity.defn(name="poll_bookings")
    async def poll_bookings(self, request: ReconcileRequest) -> ReconcileResult:
        """Fetch what has changed since the last time; the newest change on the vendor's clock is remembered."""
        async with translated():
            clinic = await self._clinic_with(request)
            if clinic is None or self.lists is None:
                return ReconcileResult()
            now = activity_now(request.skew)
            known = await self.memory.get(clinic.id, request.source, now)
            async with self._refusals_told(clinic, request.source, now):
                changed = await self.lists.changed_since(clinic, request.source, (known.polled_until or now) - OVERLAP)
            comparison = compare(clinic, changed, (), await self._named_in(clinic, request.source, changed))
            stored = [await self._put(clinic, request.source, one, now) for one in comparison.differences]
            newest = max((event.occurred_at for event in changed if event.occurred_at), default=known.polled_until)
            await self.memory.note(clinic.id, request.source, polled_until=newest or now)
            return ReconcileResult(applied=stored.count(True))

    async def compared(self, clinic: Clinic, source: str, now: datetime) -> Comparison:
        """What differs now, with each booking that the list lacks looked up; stores nothing."""
        assert self.lists is not None
        window = window_of(clinic.sources[source], now)
        before = await self.bookings.between(clinic.id, source, window.since, window.until)
        listed = await self.lists.between(clinic, source, window)
        after = await self._named_in(clinic, source, listed, before)
        found = compare(clinic, listed, before, after)
        looked_up = [await self._look_up(clinic, source, booking) for booking in found.vanished]
        return Comparison(
            differences=found.differences + tuple(one for each in looked_up for one in each.differences),
            vanished=tuple(booking for each in looked_up for booking in each.vanished),
        )

    async def apply(
        self, clinic: Clinic, known: Reconciliation, comparison: Comparison, now: datetime
    ) -> ReconcileResult:
        """Put the differences into the inbox, and tell a person of what has vanished."""
        applied, lost = 0, 0
        for difference in comparison.differences:
            waits = await self.inbox.is_waiting(clinic.id, _key(known.source, difference))
            stored = await self._put(clinic, known.source, difference, now)
            applied += stored
            lost += stored and not waits and difference.is_lost(known, now)
        await Vanished(self.tasks).tell(clinic, known.source, comparison.vanished, now)
        await self._completed(clinic, known.source, lost, now)
        return ReconcileResult(applied=applied, lost=lost, vanished=len(comparison.vanished))

    async def _clinic_with(self, request: ReconcileRequest) -> Clinic | None:
        """The clinic, if it still has the source: a schedule may outlive it for a minute."""
        clinic = await self.clinics.get(request.clinic_id)
        return clinic if request.source in clinic.sources else None

    async def _named_in(
        self, clinic: Clinic, source: str, listed: Sequence[BookingEvent], known: Sequence[Booking] = ()
    ) -> list[Booking]:
        """Bookings that start elsewhere, or came in meanwhile, and that the list names."""
        named = {ref for event in listed for ref in (event.booking_ref, event.previous_booking_ref) if ref}
        return await self.bookings.by_refs(clinic.id, source, named - {booking.ref for booking in known})

    async def _look_up(self, clinic: Clinic, source: str, booking: Booking) -> Comparison:
        assert self.lists is not None
        event = await self.lists.one(clinic, source, booking.visit_ref)
        return compare(clinic, (event,) if event else (), (booking,))

    async def _put(self, clinic: Clinic, source: str, difference: Difference, now: datetime) -> bool:
        """False where the inbox has it already."""
        return await self.inbox.put(
            InboxRow(
                id=uuid.uuid4().hex,
                clinic_id=clinic.id,
                source=f"{RECONCILED}:{source}",
                delivery_id=difference.event.delivery_id,
                key=_key(source, difference),
                body=difference.event.model_dump_json().encode(),
                received_at=now,
                next_try_at=now,
            )
        )

    async def _completed(self, clinic: Clinic, source: str, lost: int, now: datetime) -> None:
        await self.memory.note(clinic.id, source, completed_at=now, **({"lost_at": now} if lost else {}))
        scope = source_scope(source, SourceTrouble.API_REFUSED)
        await self.tasks.close(clinic.id, scope, TaskCause.INCIDENT, outcome="cause_gone", by="system", now=now)
        if lost:
            log.warning("reconcile.lost", clinic=clinic.id, source=source, count=lost)
            self.observe(clinic.sources[source].system, lost)

    @asynccontextmanager
    async def _refusals_told(self, clinic: Clinic, source: str, now: datetime) -> AsyncIterator[None]:
        """What asking again cannot mend is for the clinic's admin."""
        try:
            yield
        except HealgateError as error:
            log.warning("reconcile.failed", clinic=clinic.id, source=source, error=type(error).__name__)
            if not error.retryable:
                why, check = "the booking system's API refuses us, so lost webhooks are not found", str(error)
                trouble = SourceTrouble.API_REFUSED
                task = source_incident(uuid.uuid4().hex, clinic, source, trouble, why, now, check=check)
                await self.tasks.open(task)
            raise


def _key(source: str, difference: Difference) -> str:
    """The webhooks' key, so that one booking's changes are applied one after the other."""
    return f"booking:{source}:{difference.event.booking_ref}"
