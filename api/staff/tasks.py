"""Work for staff."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from api.parts import ApiParts, Parts
from api.problems import documented
from api.staff.auth import ActorDep
from api.staff.patient_forms import Form
from api.staff.scope import OF_CLINIC, ClinicDep, TaskDep
from domain.records import Task, TaskCause
from workflows.client import JourneyEndedError

router = APIRouter(prefix=f"{OF_CLINIC}/tasks", tags=["tasks"])


class CloseForm(Form):
    outcome: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=500, examples=["phoned, comes in tomorrow"]
    )


@router.get("")
async def list_tasks(
    clinic: ClinicDep,
    parts: Parts,
    only_open: Annotated[bool, Query(alias="open", description="0 lists closed ones too.")] = True,
    journey: str | None = None,
) -> list[Task]:
    """The clinic's tasks, those due first in front."""
    return await parts.store.tasks.listing(clinic.id, open_only=only_open, journey_id=journey)


@router.post("/{task_id}/take", responses=documented(400, 409))
async def take_task(task: TaskDep, actor: ActorDep, parts: Parts) -> Task:
    """Work on it now; for an urgent one the paging of on-call stops."""
    taken = await parts.store.tasks.take(task.id, actor.name, parts.clock())
    await _stop_paging(parts, taken)
    return taken


@router.post("/{task_id}/close", responses=documented(400))
async def close_task(task: TaskDep, form: CloseForm, actor: ActorDep, parts: Parts) -> Task:
    """Close it with its outcome. Again it changes nothing, and tells the journey once more."""
    closed = task
    if task.closed_at is None:
        done = await parts.store.tasks.close(
            task.clinic_id, task.scope, task.cause, outcome=form.outcome, by=actor.audited, now=parts.clock()
        )
        closed = done or await parts.store.tasks.get(task.id)
    await _stop_paging(parts, closed)
    await _tell_journey(parts, closed)
    return closed


async def _stop_paging(parts: ApiParts, task: Task) -> None:
    reply_id = task.detail.get("reply_id")
    if task.cause is TaskCause.RED_FLAG and reply_id:
        await parts.journeys.alarm_taken(str(reply_id))


async def _tell_journey(parts: ApiParts, task: Task) -> None:
    """The journey keeps the cause open until it hears; one that has ended need not."""
    if not task.scope.startswith("journey:") or task.journey_id is None:
        return
    try:
        await parts.journeys.close_task(task.journey_id, task.cause, f"close-{task.id}")
    except JourneyEndedError:
        return
