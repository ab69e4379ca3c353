"""`record`: writes what a journey says has happened, in one batch; the same batch again changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from activities.covering import Covering
from activities.requests import RecordRequest
from activities.translate_errors import translated
from domain.journey.events import (
    Change,
    GateChanged,
    Incident,
    QuestionsClosed,
    StaffActed,
    StageChanged,
    TaskChanged,
)
from domain.ports import Audit, Journeys, Questions, Tasks
from domain.records import AuditEntry, Task, TaskCause


@dataclass(frozen=True)
class Records:
    """Activities that keep the read model, the tasks and the audit true."""

    journeys: Journeys
    tasks: Tasks
    audit: Audit
    questions: Questions
    covering: Covering

    @activity.defn(name="record")
    async def record(self, request: RecordRequest) -> None:
        """Write the batch: audit entries, tasks, closed questions, and the journey's row."""
        async with translated(for_ever=True):
            for number, change in enumerate(request.changes):
                await self._write(request, number, change)
            await self._project(request)

    async def _project(self, request: RecordRequest) -> None:
        await self.journeys.project(
            request.journey_id,
            stage=request.stage.value,
            gates={step: gate.model_dump(mode="json") for step, gate in request.gates.items()},
            ended_at=request.at if request.ended else None,
            outcome=request.stage.value if request.ended else None,
        )
        if request.ended:
            await self.questions.close_of_journey(request.journey_id, request.at)

    async def _write(self, request: RecordRequest, number: int, change: Change) -> None:
        if isinstance(change, TaskChanged):
            await self._task(request, number, change)
        elif isinstance(change, QuestionsClosed):
            for ask_id in change.ask_ids:
                await self.questions.close_of_ask(request.journey_id, ask_id, change.at)
        else:
            await self._note(request, number, change)

    async def _task(self, request: RecordRequest, number: int, change: TaskChanged) -> None:
        scope = f"journey:{request.journey_id}"
        if change.closed:
            await self.tasks.close(
                request.clinic_id, scope, change.cause, outcome="cause_gone", by="system", now=change.at
            )
            return
        task, is_news = await self.tasks.open(
            Task(
                id=f"{request.journey_id}-{request.batch}-{number}",
                clinic_id=request.clinic_id,
                scope=scope,
                journey_id=request.journey_id,
                patient_id=request.patient_id,
                cause=change.cause,
                urgency=change.urgency,
                due=change.due,
                detail=_detail(request, change),
                opened_at=change.at,
            )
        )
        if is_news:
            await self.covering.tell(task, change.at)

    async def _note(
        self, request: RecordRequest, number: int, change: GateChanged | StaffActed | StageChanged | Incident
    ) -> None:
        kind, actor, data = _as_audit(change)
        entry = AuditEntry(
            clinic_id=request.clinic_id,
            journey_id=request.journey_id,
            at=_at(change),
            kind=kind,
            actor=actor,
            data=data,
            dedupe=f"{request.journey_id}:{request.batch}:{number}",
        )
        await self.audit.append([entry])


def _detail(request: RecordRequest, change: TaskChanged) -> dict[str, str]:
    """Why, and for a visit that is booked too early, or beside the earlier one, the first date that the plan allows."""
    detail = {"why": change.detail} if change.detail else {}
    gate = request.gates.get(change.detail)
    if change.cause in (TaskCause.TOO_EARLY, TaskCause.SAME_VISIT) and gate and gate.opens_on:
        detail["proposed_date"] = gate.opens_on
    return detail


def _at(change: GateChanged | StaffActed | StageChanged | Incident) -> datetime:
    return change.at


def _as_audit(change: GateChanged | StaffActed | StageChanged | Incident) -> tuple[str, str, dict[str, object]]:
    match change:
        case GateChanged():
            opens_on = change.opens_on.isoformat() if change.opens_on else None
            data = {"step": change.step, "from": change.before.value, "to": change.after.value}
            return "gate", change.by, {**data, "by": change.by, "reasons": [*change.reasons], "opens_on": opens_on}
        case StaffActed():
            acted = change.model_dump(mode="json", include={"action", "by", "role", "step", "accepted", "reason"})
            return "staff", f"staff:{change.by}", acted
        case StageChanged():
            return "journey", "system", {"stage": change.stage.value, "reason": change.reason}
        case Incident():
            return "incident", "system", {"what": change.what, "step": change.step}
