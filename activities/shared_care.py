"""Aftercare of several treatments of one patient: whose instructions collide, and which message speaks for which.

Journeys do not know of each other, so this asks the store: bookings say what was done when, the ledger what was sent.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.aftercare import Care, Done
from domain.calendar import local_date
from domain.clinic import Clinic
from domain.journey.facts import Due
from domain.patient import Patient
from domain.ports import Bookings, Ledger
from domain.records import Booking, NewMessage


@dataclass(frozen=True)
class SharedCare:
    """Looks up a patient's other treatments, and what was sent about them."""

    bookings: Bookings
    ledger: Ledger

    async def care(self, due: Due, clinic: Clinic, patient: Patient, now: datetime) -> Care | None:
        """The message's treatment and those that collide with it; None where it is not about a treatment done."""
        if due.treated_on is None or due.treatment is None:
            return None
        own = Done(treatment=due.treatment, on=due.treated_on)
        bookings = await self.bookings.of_patient(clinic.id, patient.id)
        others = (_done(booking, clinic) for booking in bookings if booking.id != due.booking_id)
        colliding = [other for other in others if other is not None and other.collides_with(own)]
        return Care(done=(own, *colliding), on=local_date(now, clinic.timezone))

    async def replacing(self, new: NewMessage, treatments: str) -> str | None:
        """Id of the row that was sent for this message as well; None where it must speak for itself."""
        if new.merge_key is None:
            return None
        wanted = set(treatments.split(","))
        rows = await self.ledger.merged_under(new.merge_key)
        return next((row.id for row in rows if row.key != new.key and wanted <= _spoken_of(row.treatments)), None)


def on_one_day(care: Care) -> str:
    """Codes of the treatments done on the day of the first, with commas: one message speaks of all of them."""
    return ",".join(sorted({done.treatment.value for done in care.done if done.on == care.done[0].on}))


def _done(booking: Booking, clinic: Clinic) -> Done | None:
    if booking.treatment is None or booking.done_at is None:
        return None
    return Done(treatment=booking.treatment, on=local_date(booking.done_at, clinic.timezone))


def _spoken_of(treatments: str | None) -> set[str]:
    return set((treatments or "").split(","))
