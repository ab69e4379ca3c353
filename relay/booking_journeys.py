"""Which journey a booking belongs to: the one that has it, the patient's open one with a step for it, or a new one."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from domain.clinic import Clinic
from domain.journey.events import BookingVerdict, OtherProcedure
from domain.journey.facts import JourneyStage
from domain.patient import Patient
from domain.records import Booking, BookingStatus, JourneyRecord, TaskCause
from relay.booking_desk import BookingDesk
from relay.rebooking import LIVE
from relay.starting import ADULT, Starter, age_on, change_of
from store import Store
from workflows.client import JourneyEndedError, Journeys

Told = tuple[BookingVerdict, str | None]
"""What the rules say, and which journey heard it."""


@dataclass(frozen=True)
class BookingJourneys:
    """Tells journeys of bookings, and begins them."""

    store: Store
    journeys: Journeys
    starter: Starter
    desk: BookingDesk

    async def tell(self, clinic: Clinic, booking: Booking, update_id: str, now: datetime) -> Told:
        """Tell the journey of the booking; where there is none, begin it or leave it to a person."""
        if booking.patient_id is None:
            return await self._to_a_person(clinic, booking, TaskCause.QUESTION, "whose_visit", now)
        patient = await self.store.patients.get(clinic.id, booking.patient_id)
        fitting = await self._fitting(clinic, booking)
        if len(fitting) > 1:
            return await self._to_a_person(clinic, booking, TaskCause.QUESTION, "which_journey", now)
        journey = fitting[0] if fitting else None
        if journey is not None:
            try:
                return await self._told(clinic, journey, booking, update_id, now)
            except JourneyEndedError:
                if not await self._never_began(journey):
                    return await self._too_late(clinic, journey, booking, now)
        return await self._begin(clinic, patient, booking, journey, update_id, now)

    async def other_procedure(self, clinic: Clinic, patient: Patient, change: OtherProcedure, update_id: str) -> bool:
        """Tell the patient's journeys of another procedure; False when none of them lives."""
        heard = False
        for journey in await self.store.journeys.of_patient(clinic.id, patient.id, open_only=True):
            with suppress(JourneyEndedError):
                await self.journeys.other_procedure(journey.id, change, f"{update_id}-{journey.id}")
                heard = True
        return heard

    async def retell(self, booking: Booking, update_id: str) -> None:
        """Tell a journey once more what is known: it stands behind by the ref's change. Ended ones need nothing."""
        if booking.journey_id:
            with suppress(JourneyEndedError):
                await self.journeys.booking(booking.journey_id, change_of(booking), f"{update_id}-{booking.id}")

    async def _told(
        self, clinic: Clinic, journey: JourneyRecord, booking: Booking, update_id: str, now: datetime
    ) -> Told:
        if booking.journey_id is None:
            await self.store.bookings.link(booking.id, journey.id)
        verdict = await self.journeys.booking(journey.id, change_of(booking), update_id)
        await self.desk.visit_settled(clinic, booking.id, now)
        return verdict, journey.id

    async def _too_late(self, clinic: Clinic, journey: JourneyRecord, booking: Booking, now: datetime) -> Told:
        """Nothing begins anew; a treatment that no aftercare will follow is a person's work."""
        ended = await self.store.journeys.get(journey.id)
        if booking.status is BookingStatus.COMPLETED and ended.stage != JourneyStage.COMPLETED:
            await self.desk.visit(clinic, booking, TaskCause.INCIDENT, "treated_after_the_end", now, same_day=True)
        return BookingVerdict.STALE, journey.id

    async def _begin(
        self,
        clinic: Clinic,
        patient: Patient,
        booking: Booking,
        reserved: JourneyRecord | None,
        update_id: str,
        now: datetime,
    ) -> Told:
        protocol = self.starter.protocol_for(clinic, booking)
        if protocol is None or booking.status not in LIVE:
            # A later treatment without the earlier one, or missed before we knew of it: nothing is guessed.
            missed = protocol is not None and booking.status is BookingStatus.NO_SHOW
            cause = TaskCause.NO_SHOW if missed else TaskCause.GATE_SHUT
            return await self._to_a_person(clinic, booking, cause, "no_journey", now)
        if _is_minor(patient, now):
            return await self._to_a_person(clinic, booking, TaskCause.HOLD, "minor", now)
        started, verdict = await self.starter.start(
            clinic,
            patient,
            protocol,
            booking,
            starting_ref=reserved.starting_ref if reserved else f"{booking.source}:{booking.ref}",
            update_id=update_id,
            now=now,
        )
        await self.desk.visit_settled(clinic, booking.id, now)
        await self.desk.phone(clinic, patient, now)
        await self._adopt(clinic, patient, started, booking, update_id, now)
        return verdict, started.id

    async def _to_a_person(self, clinic: Clinic, booking: Booking, cause: TaskCause, why: str, now: datetime) -> Told:
        if booking.status in LIVE or cause is TaskCause.NO_SHOW:
            await self.desk.visit(clinic, booking, cause, why, now)
        else:
            await self.desk.visit_settled(clinic, booking.id, now)
        return BookingVerdict.GATE_CLOSED, None

    async def _adopt(
        self, clinic: Clinic, patient: Patient, journey: JourneyRecord, first: Booking, update_id: str, now: datetime
    ) -> None:
        """Visits that were booked before the one that starts the journey belong to it, in whatever order they came."""
        for other in await self.store.bookings.of_patient(clinic.id, patient.id):
            if other.id == first.id or other.journey_id or other.status not in LIVE:
                continue
            if self.starter.admits(journey, other):
                await self._told(clinic, journey, other, f"{update_id}-{other.id}", now)

    async def _fitting(self, clinic: Clinic, booking: Booking) -> list[JourneyRecord]:
        """The journey that has the booking; else the patient's open ones with a step for it."""
        if booking.journey_id:
            return [await self.store.journeys.get(booking.journey_id)]
        assert booking.patient_id is not None
        opened = await self.store.journeys.of_patient(clinic.id, booking.patient_id, open_only=True)
        return [journey for journey in opened if self.starter.admits(journey, booking)]

    async def _never_began(self, journey: JourneyRecord) -> bool:
        """Reserved, but its workflow was never started: the process died in between."""
        return (await self.store.journeys.get(journey.id)).stage == "reserved"


def _is_minor(patient: Patient, now: datetime) -> bool:
    return patient.birth_date is not None and age_on(now.date(), patient.birth_date) < ADULT
