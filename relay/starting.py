"""Starts journeys: makes the plan personal, reserves the journey's id, and tells the workflow of its first booking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.clinic import Clinic
from domain.errors import RefusedError
from domain.journey.events import BookingChange, BookingVerdict
from domain.patient import Patient, SkinProfile
from domain.plan import personalise
from domain.protocol import Protocol
from domain.quiet_rules import NO_RULES, QuietRules
from domain.records import Booking, JourneyRecord
from store import Store
from workflows.client import Journeys
from workflows.ids import journey_workflow_id, new_id
from workflows.messages import JourneyStart

ADULT = 18
"""Nothing starts by itself for a minor; a clinician may start it (docs/protocols.md)."""


def age_on(day: date, born: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class Starter:
    """Begins journeys for bookings and for staff."""

    store: Store
    journeys: Journeys
    protocol: Callable[[str], Protocol]
    allow_unapproved: bool
    """Protocols that no clinician has approved run in the sandbox only."""
    messaging_queue: str | None = None
    skew: Callable[[], timedelta] = timedelta
    quiet_rules: QuietRules = NO_RULES

    def protocol_for(self, clinic: Clinic, booking: Booking) -> Protocol | None:
        """The clinic's first protocol that begins with this treatment."""
        for protocol_id in clinic.protocols:
            protocol = self.protocol(protocol_id)
            if booking.treatment in protocol.steps[0].treatments:
                return protocol
        return None

    def admits(self, journey: JourneyRecord, booking: Booking) -> bool:
        """Whether a journey's protocol has a step for this treatment."""
        steps = self.protocol(journey.protocol_id).steps
        return any(booking.treatment in step.treatments for step in steps)

    async def start(
        self,
        clinic: Clinic,
        patient: Patient,
        protocol: Protocol,
        booking: Booking,
        *,
        starting_ref: str,
        update_id: str,
        now: datetime,
    ) -> tuple[JourneyRecord, BookingVerdict]:
        """One journey per starting booking, however often and at however many places this is called."""
        if not protocol.approved_by and not self.allow_unapproved:
            raise RefusedError("not_approved", f"no clinician has approved protocol {protocol.id} {protocol.version}")
        record = await self.store.journeys.reserve(self._record(clinic, patient, protocol, starting_ref, now))
        await self.store.bookings.link(booking.id, record.id)
        start = self._start(clinic, patient, protocol, record, now)
        verdict = await self.journeys.start_with_booking(start, change_of(booking), update_id)
        return record, verdict

    def _record(
        self, clinic: Clinic, patient: Patient, protocol: Protocol, starting_ref: str, now: datetime
    ) -> JourneyRecord:
        journey_id = new_id()
        return JourneyRecord(
            id=journey_id,
            clinic_id=clinic.id,
            patient_id=patient.id,
            workflow_id=journey_workflow_id(journey_id),
            protocol_id=protocol.id,
            protocol_version=protocol.version,
            starting_ref=starting_ref,
            created_at=now,
        )

    def _start(
        self, clinic: Clinic, patient: Patient, protocol: Protocol, record: JourneyRecord, now: datetime
    ) -> JourneyStart:
        return JourneyStart(
            clinic_id=clinic.id,
            journey_id=record.id,
            patient_id=patient.id,
            plan=personalise(protocol, _profile(patient, now)),
            calendar=clinic.main.calendar.model_copy(update={"timezone": clinic.timezone}),
            patient_zone=patient.timezone,
            quiet_hours=self.quiet_rules.hours_for(clinic, patient),
            deputies=clinic.deputies,
            messaging_queue=self.messaging_queue,
            skew=self.skew(),
        )


def _profile(patient: Patient, now: datetime) -> SkinProfile:
    if patient.birth_date is None:
        return patient.profile
    adult = age_on(now.date(), patient.birth_date) >= ADULT
    return patient.profile.model_copy(update={"adult": adult})


def change_of(booking: Booking) -> BookingChange:
    """The booking as a journey is told of it: under our own id."""
    assert booking.treatment is not None
    return BookingChange(
        booking_id=booking.id,
        treatment=booking.treatment,
        starts_at=booking.starts_at,
        status=booking.status,
        sequence=booking.sequence,
    )
