"""Bookings that their booking system does not know any more: a person looks, nothing is cancelled on its silence."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.clinic import Clinic
from domain.incidents import SourceTrouble, source_incident, source_scope
from domain.ports import Tasks
from domain.records import Booking, Task

MOST = 10
"""More at once are rather one mistake (another account's token) than so many deleted bookings: one task for all."""


@dataclass(frozen=True)
class Vanished:
    """Opens and closes the tasks about them."""

    tasks: Tasks

    async def tell(self, clinic: Clinic, source: str, vanished: Sequence[Booking], now: datetime) -> None:
        """One task per booking; the tasks of those that are there again, or are expected no more, close."""
        wanted = _tasks(clinic, source, vanished, now)
        scopes = {task.scope for task in wanted}
        for task in await self.tasks.open_below(clinic.id, source_scope(source, SourceTrouble.VANISHED)):
            if task.scope not in scopes:
                await self.tasks.close(clinic.id, task.scope, task.cause, outcome="cause_gone", by="system", now=now)
        for task in wanted:
            await self.tasks.open(task)


def _tasks(clinic: Clinic, source: str, vanished: Sequence[Booking], now: datetime) -> list[Task]:
    trouble = SourceTrouble.VANISHED
    if len(vanished) > MOST:
        why = "the booking system does not know many of our bookings any more: is it the right account?"
        many = source_incident(uuid.uuid4().hex, clinic, source, trouble, why, now, count=len(vanished))
        return [many]
    why = "the booking system does not know this booking any more: ask whether it still stands"
    return [_about(source_incident(_told(one, now), clinic, source, trouble, why, now), one) for one in vanished]


def _told(booking: Booking, now: datetime) -> str:
    """The task's id: who closes it by hand is told of the same booking again in another week at the earliest."""
    week = now.isocalendar()
    said = f"{booking.id}|{booking.starts_at.isoformat()}|{week.year}|{week.week}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _about(task: Task, booking: Booking) -> Task:
    detail = {**task.detail, "booking_id": booking.id, "starts_at": booking.starts_at}
    return task.model_copy(
        update={
            "scope": source_scope(task.detail["source"], SourceTrouble.VANISHED, booking.id),
            "journey_id": booking.journey_id,
            "patient_id": booking.patient_id,
            "detail": detail,
        }
    )
