"""Takes what a booking system's own list brought into the journeys: the way of a webhook, from the event on."""

from dataclasses import dataclass
from datetime import datetime

from domain.booking import BookingEvent
from domain.clinic import Clinic
from domain.reconciliation import RECONCILED
from domain.records import InboxRow
from relay.booking_intake import BookingIntake
from store import Store


@dataclass(frozen=True)
class ReconciledIntake:
    """Handles inbox rows of `reconciled:<source>`; they share their keys with the source's webhooks."""

    store: Store
    bookings: BookingIntake

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored difference; doing it again changes nothing."""
        clinic = await self.store.clinics.get(row.clinic_id)
        source = row.source.removeprefix(f"{RECONCILED}:")
        if source not in clinic.sources:
            return
        thin = BookingEvent.model_validate_json(row.body)
        for number, event in enumerate(await self._whole(clinic, source, thin)):
            await self.bookings.apply(clinic, source, _compared(event, thin), f"{row.id}-{number}", now)

    async def _whole(self, clinic: Clinic, source: str, event: BookingEvent) -> tuple[BookingEvent, ...]:
        if event.hydrated or self.bookings.hydrate is None:
            return (event,)
        return await self.bookings.hydrate(clinic, source, event)


def _compared(event: BookingEvent, thin: BookingEvent) -> BookingEvent:
    """What the comparison knew and no vendor's answer repeats."""
    sequence = max(event.sequence, thin.sequence)
    return event.model_copy(update={"previous_booking_ref": thin.previous_booking_ref, "sequence": sequence})
