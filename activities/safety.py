"""Side effects of the safety workflow: the task, the page to on-call, and one fixed text to the patient.

They need no journey, run on a task queue of their own, and never wait for anything that patients' messages wait for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from activities.clock import activity_now
from activities.post_office import Letter, PostOffice
from activities.requests import Alarm, AlarmRequest, PageRequest
from activities.translate_errors import translated
from domain.clinic import Clinic, OnCall
from domain.journey.events import Outcome
from domain.messages import Channel
from domain.ports import Audit, Clinics, Inbox, Patients, Tasks
from domain.records import AuditEntry, NewMessage, SkipReason, Task, TaskCause, Urgency
from domain.wording import MessageContext

EMERGENCY_DUE = timedelta(minutes=15)
CALL_DUE = timedelta(hours=2)
"""A red flag that is no emergency needs a call the same day, at any hour and on any day (docs/protocols.md)."""
TEXT_USEFUL_FOR = timedelta(hours=12)
SOON = timedelta(seconds=5)
"""The first pause after a provider said 'later': the text is owed within a minute."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Safety:
    """Activities for replies that cannot wait."""

    post_office: PostOffice
    clinics: Clinics
    patients: Patients
    tasks: Tasks
    inbox: Inbox
    audit: Audit

    @activity.defn(name="raise_alarm")
    async def raise_alarm(self, request: AlarmRequest) -> Alarm:
        """Open the urgent task, or add to the open one of the same journey, patient or sender."""
        async with translated(for_ever=True):
            clinic, now = await self.clinics.get(request.clinic_id), activity_now(request.skew)
            task, _ = await self.tasks.open(_task(request, await self._scope(request), now))
            if not clinic.main.on_call:
                log.error("alarm.nobody_on_call", clinic=clinic.id, task=task.id)
            return Alarm(task_id=task.id, contacts=len(clinic.main.on_call))

    @activity.defn(name="send_safety_text")
    async def send_safety_text(self, request: PageRequest) -> Outcome:
        """The clinic's fixed safety (or crisis) text, once per open urgent task, at any hour."""
        async with translated(for_ever=True):
            alarm = request.alarm
            clinic, now = await self.clinics.get(alarm.clinic_id), activity_now(alarm.skew)
            row = await self.inbox.get(alarm.reply_id)
            sender = row.key.removeprefix("phone:")
            key = "crisis" if alarm.self_harm else "urgent_safety"
            letter = Letter(
                new=_row(request, key, now, now + TEXT_USEFUL_FOR, resends=1),
                address=sender,
                locale=await self._locale(alarm, clinic),
                key=key,
                context=_context(clinic, now),
                refuse=None if alarm.may_text else SkipReason.OPTED_OUT,
                needs_consent=False,
                first_pause=SOON,
            )
            return await self.post_office.post(letter, clinic, clinic.main, now)

    @activity.defn(name="page")
    async def page(self, request: PageRequest) -> Outcome:
        """Tell one person on the roster; a page carries no reply text and no patient data."""
        async with translated(for_ever=True):
            alarm = request.alarm
            clinic, now = await self.clinics.get(alarm.clinic_id), activity_now(alarm.skew)
            roster = clinic.main.on_call
            contact = roster[request.turn % len(roster)]
            key = "page" if alarm.may_text else "page_phone"
            letter = Letter(
                new=_row(request, f"{key}.{request.turn}", now, now + EMERGENCY_DUE, contact.channel),
                address=contact.address,
                locale=clinic.locale,
                key=key,
                context=_context(clinic, now),
                needs_consent=False,
                first_pause=SOON,
            )
            outcome = await self.post_office.post(letter, clinic, clinic.main, now)
            await self._note(request, contact, outcome, now)
            return outcome

    @activity.defn(name="is_handled")
    async def is_handled(self, request: PageRequest) -> bool:
        """Whether somebody has taken or closed the task."""
        async with translated(for_ever=True):
            task = await self.tasks.get(request.task_id)
            return task.taken_at is not None or task.closed_at is not None

    async def _scope(self, request: AlarmRequest) -> str:
        if request.journey_id:
            return f"journey:{request.journey_id}"
        if request.patient_id:
            return f"patient:{request.patient_id}"
        row = await self.inbox.get(request.reply_id)
        return f"sender:{row.key}"

    async def _locale(self, request: AlarmRequest, clinic: Clinic) -> str:
        if request.patient_id is None:
            return clinic.locale
        return (await self.patients.get(request.clinic_id, request.patient_id)).locale

    async def _note(self, request: PageRequest, contact: OnCall, outcome: Outcome, now: datetime) -> None:
        alarm = request.alarm
        await self.audit.append(
            [
                AuditEntry(
                    clinic_id=alarm.clinic_id,
                    journey_id=alarm.journey_id,
                    at=now,
                    kind="page",
                    actor="rule:urgent",
                    data={
                        "to": contact.name,
                        "channel": contact.channel.value,
                        "task_id": request.task_id,
                        "turn": request.turn,
                        "state": outcome.state,
                        "phone_the_patient": not alarm.may_text,
                    },
                    dedupe=f"page:{alarm.reply_id}:{request.turn}",
                )
            ]
        )


def _task(request: AlarmRequest, scope: str, now: datetime) -> Task:
    urgency = Urgency.EMERGENCY if request.emergency or request.self_harm else Urgency.SAME_DAY
    return Task(
        # Opaque: ids of tasks stand in URLs and outward events, so they may not say that it is urgent.
        id=request.reply_id,
        clinic_id=request.clinic_id,
        scope=scope,
        journey_id=request.journey_id,
        patient_id=request.patient_id,
        cause=TaskCause.RED_FLAG,
        urgency=urgency,
        due=now + (EMERGENCY_DUE if urgency is Urgency.EMERGENCY else CALL_DUE),
        detail={"reply_id": request.reply_id, "phone_the_patient": not request.may_text},
        opened_at=now,
    )


def _row(
    request: PageRequest,
    key: str,
    now: datetime,
    expires_at: datetime,
    channel: Channel = Channel.SMS,
    *,
    resends: int = 0,
) -> NewMessage:
    """Pages need no resends: the next one is sent anyway until somebody takes over."""
    alarm = request.alarm
    once = request.task_id if key in ("urgent_safety", "crisis") else alarm.reply_id
    return NewMessage(
        key=f"{once}:{key}::1:{channel}",
        clinic_id=alarm.clinic_id,
        journey_id=alarm.journey_id,
        patient_id=alarm.patient_id,
        touchpoint=key,
        channel=channel,
        due_at=now,
        expires_at=expires_at,
        resends=resends,
    )


def _context(clinic: Clinic, now: datetime) -> MessageContext:
    place = clinic.main
    return MessageContext(
        clinic=clinic.name,
        zone=clinic.timezone,
        phone=place.phone_at(now),
        sos=place.emergency_number,
        country=clinic.country,
    )
