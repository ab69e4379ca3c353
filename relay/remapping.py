"""What came of a service that nobody had mapped is applied once it is: its system need not speak of it again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clinic import Clinic
from domain.errors import NotFoundError
from domain.records import InboxState
from store import Store
from workflows.ids import new_id

LOOKS_BACK = timedelta(days=90)
"""An older booking is over, or its booking system has spoken of it again."""


@dataclass(frozen=True)
class Remapping:
    """Replaces a clinic's description and takes up what was left aside for want of its new mappings."""

    store: Store

    async def apply(self, clinic: Clinic, now: datetime) -> int:
        """Store the clinic; returns how many deliveries are put before the relay again."""
        mapped = await self._newly_mapped(clinic)
        await self.store.clinics.apply(clinic)
        if not mapped:
            return 0
        again = await self._take_again(clinic, mapped, now)
        for service in mapped:
            scope = f"service:{service}"
            await self.store.tasks.close_scope(clinic.id, scope, outcome="mapped", by="system", now=now)
        return again

    async def _newly_mapped(self, clinic: Clinic) -> list[str]:
        try:
            before = await self.store.clinics.get(clinic.id)
        except NotFoundError:
            return []
        return sorted(service for service in clinic.services if before.use_of(service) is None)

    async def _take_again(self, clinic: Clinic, mapped: list[str], now: datetime) -> int:
        """As new rows with the old arrival: what the first reading did stays on record, and its ids are used up."""
        taken = 0
        for row_id in await self.store.audit.unmapped_deliveries(clinic.id, now - LOOKS_BACK):
            try:
                row = await self.store.inbox.get(row_id)
            except NotFoundError:
                continue  # found by reconciliation, whose next run applies it, or deleted with its patient
            new = {
                "id": new_id(),
                "delivery_id": f"{row.delivery_id}~{'~'.join(mapped)}",
                "state": InboxState.PENDING,
                "attempts": 0,
                "next_try_at": now,
                "error": None,
            }
            taken += await self.store.inbox.put(row.model_copy(update=new))
        return taken
