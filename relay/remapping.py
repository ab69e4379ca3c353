"""What came of a service that nobody had mapped is applied once it is: its system need not speak of it again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.booking import BookingEvent
from domain.clinic import Clinic
from domain.errors import NotFoundError
from domain.records import AuditEntry, InboxRow, InboxState
from store import Store
from workflows.ids import new_id

LEFT_ASIDE = "booking.left_aside"
LOOKS_BACK = timedelta(days=90)
"""What came earlier its booking system has spoken of again."""
RECENT = timedelta(days=7)
"""An older visit is history, for `healgate import`; a comparison with a booking system's list looks back as far."""


def left_aside(clinic_id: str, update_id: str, event: BookingEvent, services: list[str], now: datetime) -> AuditEntry:
    """The note that these services of a delivery wait for somebody to map them."""
    return AuditEntry(
        clinic_id=clinic_id,
        at=now,
        kind=LEFT_ASIDE,
        actor=f"booking_system:{event.source}",
        data={
            "ref": event.booking_ref,
            "services": services,
            "starts_at": event.starts_at.isoformat() if event.starts_at else None,
        },
        dedupe=f"{LEFT_ASIDE}:{update_id}",
    )


@dataclass(frozen=True)
class Remapping:
    """Replaces a clinic's description and takes up what was left aside for want of its new mappings."""

    store: Store

    async def apply(self, clinic: Clinic, now: datetime) -> int:
        """Store the clinic; returns how many deliveries are put before the relay again.

        Their tasks are closed last: after a crash on the way, or when a delivery was just being read by the old
        mappings, the same call does what is left.
        """
        mapped = await self._newly_mapped(clinic)
        await self.store.clinics.apply(clinic)
        again = await self._take_again(clinic, mapped, now) if mapped else 0
        for service in sorted(mapped):
            scope = f"service:{service}"
            await self.store.tasks.close_scope(clinic.id, scope, outcome="mapped", by="system", now=now)
        return again

    async def _newly_mapped(self, clinic: Clinic) -> set[str]:
        try:
            before = await self.store.clinics.get(clinic.id)
        except NotFoundError:
            return set()
        tasks = await self.store.tasks.open_below(clinic.id, "service")
        asked = {task.scope.removeprefix("service:") for task in tasks}
        return {service for service in clinic.services if before.use_of(service) is None or service in asked}

    async def _take_again(self, clinic: Clinic, mapped: set[str], now: datetime) -> int:
        taken = 0
        for note in await self.store.audit.of_kind(clinic.id, LEFT_ASIDE, now - LOOKS_BACK):
            waited = sorted(mapped & set(note.data["services"]))
            if waited and not _is_history(note, now) and (row := await self._delivery(note)):
                taken += await self.store.inbox.put(_once_more(row, waited, now))
        return taken

    async def _delivery(self, note: AuditEntry) -> InboxRow | None:
        """None for what a comparison found, which the next one finds again, or what was deleted with its patient."""
        row_id, _, _ = (note.dedupe or "").removeprefix(f"{LEFT_ASIDE}:").rpartition("-")
        try:
            return await self.store.inbox.get(row_id)
        except NotFoundError:
            return None


def _is_history(note: AuditEntry, now: datetime) -> bool:
    starts_at = note.data["starts_at"]
    return starts_at is not None and datetime.fromisoformat(starts_at) < now - RECENT


def _once_more(row: InboxRow, services: list[str], now: datetime) -> InboxRow:
    """A row of its own with the old arrival: what the first reading did stays on record, and its ids are used up."""
    fresh = {
        "id": new_id(),
        "delivery_id": f"{row.delivery_id}~{'~'.join(services)}",
        "state": InboxState.PENDING,
        "attempts": 0,
        "next_try_at": now,
        "error": None,
    }
    return row.model_copy(update=fresh)
