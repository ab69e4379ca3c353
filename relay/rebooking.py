"""A cancellation and a booking of the same treatment within half an hour, in either order, are a reschedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.booking import BookingEvent, BookingKind, Treatment
from domain.clinic import Clinic
from domain.records import Booking, BookingStatus
from relay.matching import Matching
from relay.visit_parts import treatments_of
from store import Store

WITHIN = timedelta(minutes=30)
LIVE = (BookingStatus.BOOKED, BookingStatus.ARRIVED, BookingStatus.COMPLETED)


@dataclass(frozen=True)
class Rebooking:
    """Finds the other half; where two could be it, there is none."""

    store: Store
    matching: Matching

    async def find(
        self, clinic: Clinic, source: str, event: BookingEvent, known: Sequence[Booking], at: datetime
    ) -> tuple[str, str] | None:
        """The appointment's old ref and the one that follows it."""
        if event.kind is BookingKind.BOOKED and not known:
            return await self._given_up_for(clinic, source, event, at)
        if event.kind is BookingKind.CANCELLED and any(one.status in LIVE and one.journey_id for one in known):
            return await self._booked_instead(clinic, source, event, known, at)
        return None

    async def _given_up_for(
        self, clinic: Clinic, source: str, event: BookingEvent, at: datetime
    ) -> tuple[str, str] | None:
        patient = await self.matching.find(clinic, source, event.patient)
        wanted = frozenset(treatments_of(clinic, event))
        given_up = [
            ref
            for ref, visit in (await self._visits(clinic, source, patient.id if patient else None)).items()
            if _treatments(visit) == wanted and all(_given_up(one, at) for one in visit)
        ]
        return (given_up[0], event.booking_ref) if len(given_up) == 1 else None

    async def _booked_instead(
        self, clinic: Clinic, source: str, event: BookingEvent, known: Sequence[Booking], at: datetime
    ) -> tuple[str, str] | None:
        wanted, since = _treatments(known), max(at - WITHIN, *(one.made_at or at - WITHIN for one in known))
        instead = [
            ref
            for ref, visit in (await self._visits(clinic, source, known[0].patient_id)).items()
            if ref != event.booking_ref and _treatments(visit) == wanted
            if all(one.status is BookingStatus.BOOKED and one.made_at and since < one.made_at for one in visit)
        ]
        return (event.booking_ref, instead[0]) if len(instead) == 1 else None

    async def _visits(self, clinic: Clinic, source: str, patient_id: str | None) -> dict[str, list[Booking]]:
        """The patient's appointments in this system, by ref."""
        visits: dict[str, list[Booking]] = {}
        for one in await self.store.bookings.of_patient(clinic.id, patient_id) if patient_id else ():
            if one.source == source:
                visits.setdefault(one.visit_ref, []).append(one)
        return visits


def _treatments(visit: Sequence[Booking]) -> frozenset[Treatment | None]:
    return frozenset(one.treatment for one in visit)


def _given_up(booking: Booking, at: datetime) -> bool:
    """Cancelled about then, and made before."""
    if not booking.journey_id or booking.cancelled_at is None or (booking.made_at or at) > at:
        return False
    return abs(at - booking.cancelled_at) < WITHIN
