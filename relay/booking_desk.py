"""Work for people that bookings make where no journey is there to make it."""

from dataclasses import dataclass
from datetime import datetime

from domain.booking import BookingEvent
from domain.clinic import Clinic, ServiceUse
from domain.patient import Patient
from domain.records import Booking, Task, TaskCause, Urgency
from store import Store
from workflows.ids import new_id


@dataclass(frozen=True)
class BookingDesk:
    """Opens and closes tasks about bookings."""

    store: Store

    async def visit(
        self, clinic: Clinic, booking: Booking, cause: TaskCause, why: str, now: datetime, *, same_day: bool = False
    ) -> None:
        """A visit that a person must look at."""
        urgency = Urgency.SAME_DAY if same_day else Urgency.NEXT_WORKING_DAY
        await self._open(clinic, f"booking:{booking.id}", cause, why, booking.patient_id, now, urgency)

    async def visit_settled(self, clinic: Clinic, booking_id: str, now: datetime) -> None:
        """A journey has the visit, or it is over: the causes are gone."""
        scope = f"booking:{booking_id}"
        await self.store.tasks.close_scope(clinic.id, scope, outcome="cause_gone", by="system", now=now)

    async def services(
        self,
        clinic: Clinic,
        source: str,
        event: BookingEvent,
        patient: Patient | None,
        now: datetime,
        *,
        held: bool = False,
    ) -> None:
        """One task per service that nobody mapped; one per visit for another procedure that no journey holds for."""
        for service in dict.fromkeys(event.services or ("none",)):
            use = clinic.use_of(service)
            if use is None:
                await self._open(clinic, f"service:{service}", TaskCause.QUESTION, "unmapped_service", None, now)
            elif use is ServiceUse.OTHER_PROCEDURE and not held:
                scope, who = _other(source, event), patient.id if patient else None
                await self._open(clinic, scope, TaskCause.REVIEW, "other_procedure", who, now)

    async def other_procedure_is_off(self, clinic: Clinic, source: str, event: BookingEvent, now: datetime) -> None:
        """Another procedure was cancelled: nothing to review."""
        await self._close(clinic, _other(source, event), TaskCause.REVIEW, now)

    async def phone(self, clinic: Clinic, patient: Patient, now: datetime) -> None:
        """Nobody can be asked by SMS who has no number: ask for it before the check-in is due."""
        scope = f"patient:{patient.id}"
        if patient.phone is None:
            await self._open(clinic, scope, TaskCause.UNREACHABLE, "no_phone", patient.id, now)
        else:
            await self._close(clinic, scope, TaskCause.UNREACHABLE, now)

    async def api_refuses(self, clinic: Clinic, source: str, why: str, now: datetime) -> None:
        """Deliveries wait until the clinic's admin has mended the credential: one task per booking system."""
        await self._open(clinic, f"source:{source}", TaskCause.INCIDENT, why, None, now, Urgency.SAME_DAY)

    async def api_answers(self, clinic: Clinic, source: str, now: datetime) -> None:
        """It is mended."""
        await self._close(clinic, f"source:{source}", TaskCause.INCIDENT, now)

    async def _open(
        self,
        clinic: Clinic,
        scope: str,
        cause: TaskCause,
        why: str,
        patient_id: str | None,
        now: datetime,
        urgency: Urgency = Urgency.NEXT_WORKING_DAY,
    ) -> None:
        calendar = clinic.main.calendar
        same_day = urgency is Urgency.SAME_DAY
        await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=clinic.id,
                scope=scope,
                patient_id=patient_id,
                cause=cause,
                urgency=urgency,
                due=calendar.end_of_this_working_day(now) if same_day else calendar.end_of_next_working_day(now),
                detail={"why": why},
                opened_at=now,
            )
        )

    async def _close(self, clinic: Clinic, scope: str, cause: TaskCause, now: datetime) -> None:
        await self.store.tasks.close(clinic.id, scope, cause, outcome="cause_gone", by="system", now=now)


def _other(source: str, event: BookingEvent) -> str:
    return f"booking:{source}:{event.booking_ref}"
