"""Tasks about messages, channels and endpoints that went wrong: the same wherever it is noticed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.clinic import Clinic
from domain.messages import Channel
from domain.outward import endpoint_scope
from domain.records import MessageRow, Task, TaskCause, Urgency


def message_incident(task_id: str, row: MessageRow, clinic: Clinic, why: str, now: datetime, **detail: Any) -> Task:
    """Work for a person about one message; a second cause for the same message adds no second task."""
    return Task(
        id=task_id,
        clinic_id=clinic.id,
        scope=f"message:{row.id}",
        journey_id=row.journey_id,
        patient_id=row.patient_id,
        cause=TaskCause.INCIDENT,
        urgency=Urgency.SAME_DAY,
        due=clinic.main.calendar.end_of_this_working_day(now),
        detail={"why": why, "message_id": row.id, "touchpoint": row.touchpoint, **detail},
        opened_at=now,
    )


def channel_scope(channel: Channel) -> str:
    return f"channel:{channel.value}"


def channel_incident(task_id: str, clinic: Clinic, channel: Channel, why: str, now: datetime, **detail: Any) -> Task:
    """Work for the clinic's admin about a whole channel; one open task per channel."""
    return _of_admin(task_id, clinic, channel_scope(channel), {"why": why, "channel": channel.value, **detail}, now)


def endpoint_incident(task_id: str, clinic: Clinic, endpoint: str, why: str, now: datetime, **detail: Any) -> Task:
    """Work for the clinic's admin about a webhook endpoint; one open task per endpoint, however many events it cost."""
    return _of_admin(task_id, clinic, endpoint_scope(endpoint), {"why": why, "endpoint": endpoint, **detail}, now)


def _of_admin(task_id: str, clinic: Clinic, scope: str, detail: dict[str, Any], now: datetime) -> Task:
    return Task(
        id=task_id,
        clinic_id=clinic.id,
        scope=scope,
        cause=TaskCause.INCIDENT,
        urgency=Urgency.SAME_DAY,
        due=clinic.main.calendar.end_of_this_working_day(now),
        detail=detail,
        opened_at=now,
    )


class SourceTrouble(StrEnum):
    """What may be wrong with a booking system as a whole."""

    API_REFUSED = "booking-api"
    SILENT = "booking-silence"
    VANISHED = "booking-vanished"


def source_scope(source: str, trouble: SourceTrouble, booking_id: str = "") -> str:
    """One open task per source and trouble, or per booking where it is about one."""
    return f"{trouble.value}:{source}:{booking_id}" if booking_id else f"{trouble.value}:{source}"


def source_incident(
    task_id: str, clinic: Clinic, source: str, trouble: SourceTrouble, why: str, now: datetime, **detail: Any
) -> Task:
    """Work for the clinic's admin about a booking system."""
    return Task(
        id=task_id,
        clinic_id=clinic.id,
        scope=source_scope(source, trouble),
        cause=TaskCause.INCIDENT,
        urgency=Urgency.NEXT_WORKING_DAY,
        due=clinic.main.calendar.end_of_next_working_day(now),
        detail={"why": why, "source": source, **detail},
        opened_at=now,
    )
