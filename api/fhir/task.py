"""Task: work for staff."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir.resources.R4B.task import Task as FhirTask

from api.fhir.coding import care_plan, changed, given, own, patient, period
from api.fhir.kind import LAST_UPDATED, PATIENT, STATUS, Kind
from domain.clinic import Clinic
from domain.records import Task, Urgency
from store.read_model import Found, ReadModel, Wanted

STATUSES: Final[Mapping[str, str]] = {
    "open": "requested",
    "taken": "in-progress",
    "closed": "completed",
    "gone": "cancelled",
}
"""What closed itself because its cause was gone was done by nobody."""
PRIORITIES: Final = {
    Urgency.EMERGENCY: "asap",
    Urgency.SAME_DAY: "urgent",
    Urgency.NEXT_WORKING_DAY: "routine",
    Urgency.INFORMATION: "routine",
}


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[FhirTask]:
    del clinic
    return [_task(found) for found in await model.tasks(wanted)]


KIND: Final = Kind(
    name="Task",
    is_our="task of the staff",
    parameters=(PATIENT, STATUS, LAST_UPDATED),
    statuses=STATUSES,
    load=_load,
)


def _task(found: Found[Task]) -> FhirTask:
    task = found.record
    return FhirTask.model_validate(
        {"for": patient(task.patient_id)}
        | given(
            id=task.id,
            meta=changed(found.changed_at),
            basedOn=care_plan(task.journey_id),
            status=STATUSES[found.state],
            intent="order",
            priority=PRIORITIES[task.urgency],
            code=own("task-cause", task.cause),
            authoredOn=task.opened_at,
            lastModified=found.changed_at,
            executionPeriod=period(task.taken_at, task.closed_at) if task.taken_at else None,
            owner={"display": task.owner} if task.owner else None,
            restriction={"period": period(None, task.due)},
            input=_inputs(task),
            note=_notes(task),
        )
    )


def _inputs(task: Task) -> list[dict[str, Any]]:
    """The urgency in our four words, and why there is a task, where somebody said."""
    inputs = [("urgency", task.urgency.value), ("why", str(task.detail.get("why", "")).strip())]
    return [{"type": own("task-input", name), "valueString": value} for name, value in inputs if value]


def _notes(task: Task) -> list[dict[str, Any]]:
    if not task.outcome:
        return []
    return [given(text=task.outcome, time=task.closed_at, authorString=task.closed_by)]
