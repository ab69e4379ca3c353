"""Takes stored booking deliveries into the journeys: parse, match, decide which journey, tell it, note the verdict."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.delivery import Probe, RawDelivery
from bookings.registry import BookingAdapter
from domain.booking import RESCHEDULED, BookingEvent, BookingKind, Treatment
from domain.clinic import Clinic, ServiceUse
from domain.errors import BadInputError, HealgateError
from domain.journey.events import BookingVerdict
from domain.patient import Patient
from domain.records import (
    STATUS_OF,
    AuditEntry,
    Booking,
    BookingStatus,
    InboxRow,
    JourneyRecord,
    Task,
    TaskCause,
    Urgency,
)
from relay.matching import Matching
from relay.starting import Starter, age_on, change_of
from store import Store
from workflows.client import JourneyEndedError, Journeys
from workflows.ids import new_id

LIVE = (BookingStatus.BOOKED, BookingStatus.ARRIVED, BookingStatus.COMPLETED)
GROWN_UP = 18
TWIN_WITHIN = timedelta(minutes=30)
"""After that, a cancelled half without its twin is a cancellation."""


Hydrate = Callable[[Clinic, str, BookingEvent], Awaitable[tuple[BookingEvent, ...]]]


class TwinAwaitedError(HealgateError):
    """The cancelled half of a reschedule: its other half is on the way, and nothing is to be cancelled meanwhile."""

    retryable = True


@dataclass(frozen=True)
class BookingIntake:
    """Handles inbox rows of booking systems."""

    store: Store
    journeys: Journeys
    starter: Starter
    matching: Matching
    adapters: Mapping[str, BookingAdapter]
    hydrate: Hydrate | None = None
    """Fetches what a thin delivery leaves out; without it, what is there must do."""

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored delivery; doing it again changes nothing."""
        clinic = await self.store.clinics.get(row.clinic_id)
        source = row.source.removeprefix("booking:")
        settings = clinic.sources[source]
        parsed = self.adapters[settings.system].parse(
            RawDelivery(
                body=row.body,
                headers=row.headers,
                received_at=row.received_at,
                zone=ZoneInfo(clinic.timezone),
            )
        )
        if isinstance(parsed, Probe):
            return
        whole = [event for thin in parsed for event in await self._whole(clinic, source, thin)]
        for number, event in enumerate(whole):
            if event.kind is BookingKind.CANCELLED and event.reason == RESCHEDULED:
                await self._await_twin(clinic, source, event, row, now)
            await self.apply(clinic, source, event, f"{row.id}-{number}", now)

    async def _whole(self, clinic: Clinic, source: str, event: BookingEvent) -> tuple[BookingEvent, ...]:
        if event.hydrated or self.hydrate is None:
            return (event,)
        return await self.hydrate(clinic, source, event)

    async def _await_twin(self, clinic: Clinic, source: str, event: BookingEvent, row: InboxRow, now: datetime) -> None:
        """Some systems report a reschedule as two deliveries in any order; the new half renames the booking."""
        old = await self.store.bookings.get(clinic.id, source, event.booking_ref)
        if old is not None and now - row.received_at < TWIN_WITHIN:
            raise TwinAwaitedError("the new half of this reschedule has not come yet")

    async def apply(self, clinic: Clinic, source: str, event: BookingEvent, update_id: str, now: datetime) -> None:
        """Apply one normalised event and note what came of it."""
        if event.kind not in STATUS_OF:
            await self._note(clinic, event, update_id, now, verdict=None)
            return
        previous = event.previous_booking_ref or await self._given_up_for(clinic, source, event, now)
        if previous:
            await self.store.bookings.rename(clinic.id, source, previous, event.booking_ref)
        for number, service in enumerate(_by_treatment(clinic, event)):
            await self._apply_service(clinic, source, service, f"{update_id}.{number}" if number else update_id, now)

    async def _given_up_for(self, clinic: Clinic, source: str, event: BookingEvent, now: datetime) -> str | None:
        """The visit of the same treatment that was cancelled just before: together they are a reschedule.

        Only where the new one's sequence goes on from the old one's: systems that count per booking begin anew.
        """
        if event.kind is not BookingKind.BOOKED or await self.store.bookings.get(clinic.id, source, event.booking_ref):
            return None
        patient = await self.matching.find(clinic, source, event.patient)
        treatment = self._use(clinic, event, None)
        given_up = [
            booking.ref
            for booking in (await self.store.bookings.of_patient(clinic.id, patient.id) if patient else ())
            if booking.source == source and booking.treatment is treatment and booking.sequence < event.sequence
            if booking.journey_id and booking.cancelled_at and now - booking.cancelled_at < TWIN_WITHIN
        ]
        return given_up[0] if len(given_up) == 1 else None

    async def _apply_service(
        self, clinic: Clinic, source: str, event: BookingEvent, update_id: str, now: datetime
    ) -> None:
        known = await self.store.bookings.get(clinic.id, source, event.booking_ref)
        use = self._use(clinic, event, known)
        if use is ServiceUse.IGNORE:
            return
        if not isinstance(use, Treatment):
            await self._unmapped(clinic, event, use, now)
            await self._note(clinic, event, update_id, now, verdict=BookingVerdict.UNMAPPED)
            return
        booking = await self._booking(clinic, source, event, use, known, now)
        applied = await self.store.bookings.apply(booking)
        if applied.stale:
            await self._note(clinic, event, update_id, now, BookingVerdict.STALE, applied.current.journey_id)
            return
        verdict, journey_id = await self._tell(clinic, source, applied.current, update_id, now)
        await self._note(clinic, event, update_id, now, verdict, journey_id)

    def _use(self, clinic: Clinic, event: BookingEvent, known: Booking | None) -> Treatment | ServiceUse | None:
        """What the visit is for; a change that names no service keeps what is known."""
        uses = [clinic.use_of(service) for service in event.services]
        treatments = [use for use in uses if isinstance(use, Treatment)]
        if treatments:
            return treatments[0]
        if not event.services and known:
            return known.treatment
        return next((use for use in uses if use is not None), None)

    async def _booking(
        self,
        clinic: Clinic,
        source: str,
        event: BookingEvent,
        treatment: Treatment,
        known: Booking | None,
        now: datetime,
    ) -> Booking:
        starts_at = event.starts_at or (known.starts_at if known else None)
        if starts_at is None:
            raise BadInputError("a booking that nobody knows yet has no starts_at; send its start with offset")
        patient_id = known.patient_id if known else None
        if patient_id is None:
            patient_id = (await self.matching.find_or_add(clinic, source, event.patient, now)).id
        return Booking(
            id=known.id if known else new_id(),
            clinic_id=clinic.id,
            source=source,
            ref=event.booking_ref,
            sequence=event.sequence,
            status=STATUS_OF[event.kind],
            treatment=treatment,
            starts_at=starts_at,
            ends_at=event.ends_at or (known.ends_at if known else None),
            location=event.location or (known.location if known else None),
            patient_id=patient_id,
            journey_id=known.journey_id if known else None,
            group_ref=event.group_ref,
            cancelled_at=now if event.kind is BookingKind.CANCELLED else None,
        )

    # Which journey

    async def _tell(
        self, clinic: Clinic, source: str, booking: Booking, update_id: str, now: datetime
    ) -> tuple[BookingVerdict, str | None]:
        assert booking.patient_id is not None
        patient = await self.store.patients.get(clinic.id, booking.patient_id)
        journey = await self._journey_of(clinic, booking)
        if journey is not None:
            try:
                return await self.journeys.booking(journey.id, change_of(booking), update_id), journey.id
            except JourneyEndedError:
                if not await self._never_began(journey):
                    return BookingVerdict.STALE, journey.id
        protocol = self.starter.protocol_for(clinic, booking)
        if protocol is None or booking.status not in LIVE:
            await self._without_journey(clinic, booking, patient, now)
            return BookingVerdict.GATE_CLOSED, None
        if self._is_minor(patient, now):
            await self._open(clinic, f"booking:{booking.id}", TaskCause.HOLD, "minor", patient, now)
            return BookingVerdict.GATE_CLOSED, None
        started, verdict = await self.starter.start(
            clinic,
            patient,
            protocol,
            booking,
            starting_ref=journey.starting_ref if journey else f"{source}:{booking.ref}",
            update_id=update_id,
            now=now,
        )
        await self._adopt(clinic, patient, started, booking, update_id, now)
        return verdict, started.id

    async def _adopt(
        self, clinic: Clinic, patient: Patient, journey: JourneyRecord, first: Booking, update_id: str, now: datetime
    ) -> None:
        """Visits that were booked before the one that starts the journey belong to it, in whatever order they came."""
        for other in await self.store.bookings.of_patient(clinic.id, patient.id):
            if other.id == first.id or other.journey_id or other.status not in LIVE:
                continue
            if self.starter.admits(journey, other):
                await self.store.bookings.link(other.id, journey.id)
                await self.journeys.booking(journey.id, change_of(other), f"{update_id}-{other.id}")
                scope = f"booking:{other.id}"
                await self.store.tasks.close(
                    clinic.id, scope, TaskCause.GATE_SHUT, outcome="cause_gone", by="system", now=now
                )

    async def _journey_of(self, clinic: Clinic, booking: Booking) -> JourneyRecord | None:
        """The journey that has the booking; else the patient's open one with a step for it."""
        if booking.journey_id:
            return await self.store.journeys.get(booking.journey_id)
        assert booking.patient_id is not None
        opened = await self.store.journeys.of_patient(clinic.id, booking.patient_id, open_only=True)
        fitting = [journey for journey in opened if self.starter.admits(journey, booking)]
        if len(fitting) == 1:
            await self.store.bookings.link(booking.id, fitting[0].id)
            return fitting[0]
        return None

    async def _never_began(self, journey: JourneyRecord) -> bool:
        """Reserved, but its workflow was never started: the process died in between."""
        return (await self.store.journeys.get(journey.id)).stage == "reserved"

    def _is_minor(self, patient: Patient, now: datetime) -> bool:
        return patient.birth_date is not None and age_on(now.date(), patient.birth_date) < GROWN_UP

    async def _without_journey(self, clinic: Clinic, booking: Booking, patient: Patient, now: datetime) -> None:
        """A later treatment without the earlier one: nothing is guessed, a person looks."""
        if booking.status in LIVE:
            await self._open(clinic, f"booking:{booking.id}", TaskCause.GATE_SHUT, "no_journey", patient, now)

    async def _unmapped(self, clinic: Clinic, event: BookingEvent, use: ServiceUse | None, now: datetime) -> None:
        """One task per service, not per booking."""
        service = ",".join(event.services) or "none"
        cause = TaskCause.REVIEW if use is ServiceUse.OTHER_PROCEDURE else TaskCause.QUESTION
        await self._open(clinic, f"service:{service}", cause, "unmapped_service", None, now)

    async def _open(
        self, clinic: Clinic, scope: str, cause: TaskCause, why: str, patient: Patient | None, now: datetime
    ) -> None:
        await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=clinic.id,
                scope=scope,
                patient_id=patient.id if patient else None,
                cause=cause,
                urgency=Urgency.NEXT_WORKING_DAY,
                due=clinic.main.calendar.end_of_next_working_day(now),
                detail={"why": why},
                opened_at=now,
            )
        )

    async def _note(
        self,
        clinic: Clinic,
        event: BookingEvent,
        update_id: str,
        now: datetime,
        verdict: BookingVerdict | None,
        journey_id: str | None = None,
    ) -> None:
        await self.store.audit.append(
            [
                AuditEntry(
                    clinic_id=clinic.id,
                    journey_id=journey_id,
                    at=now,
                    kind="booking",
                    actor=f"booking_system:{event.source}",
                    data={
                        "ref": event.booking_ref,
                        "status": event.kind.value,
                        "verdict": verdict.value if verdict else "ignored",
                    },
                    dedupe=f"booking:{update_id}",
                )
            ]
        )


def _by_treatment(clinic: Clinic, event: BookingEvent) -> list[BookingEvent]:
    """Several treatments in one visit become a booking each, so that the rules see them on the same day."""
    treatments = {clinic.use_of(service): service for service in event.services}
    distinct = [service for use, service in treatments.items() if isinstance(use, Treatment)]
    if len(distinct) < 2:
        return [event]
    return [
        event.model_copy(
            update={"services": (service,), "booking_ref": event.booking_ref + (f"#{number}" if number else "")}
        )
        for number, service in enumerate(distinct)
    ]
