"""Explains a journey: what was sent, what was not and why, what comes next and what would change it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.parts import ApiParts, Parts
from api.staff.live import live_view
from api.staff.reasons import in_words
from api.staff.scope import OF_CLINIC, JourneyDep
from domain.messages import Channel, DeliveryState, FailureClass
from domain.records import AuditEntry, JourneyRecord, MessageRow, MessageState, Task
from workflows.messages import JourneyView, Upcoming

UNDER_WAY = frozenset({MessageState.PENDING, MessageState.SENDING, MessageState.UNKNOWN})

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])


class MessageLine(BaseModel):
    """One message, without its text."""

    id: str
    touchpoint: str
    step: str
    occurrence: int
    channel: Channel
    due_at: datetime
    state: MessageState
    reason: str | None = None
    """Why it was not sent, or the provider's code."""
    why: str | None = None
    """The same in plain words."""
    replaced_by: str | None = None
    """Id of the message that was sent in its place."""
    treatments: str | None = None
    """Codes of the treatments that it speaks of, with commas."""
    sent_at: datetime | None = None
    delivery: DeliveryState | None = None
    delivery_at: datetime | None = None
    failure: FailureClass
    content_hash: str | None = None
    template_version: str | None = None


class Explanation(BaseModel):
    """Everything that a person asks when a patient says 'I got no message'."""

    stage: str
    live: bool
    """False: the workflow could not be asked, so `upcoming` is missing."""
    sent: list[MessageLine]
    not_sent: list[MessageLine]
    under_way: list[MessageLine]
    upcoming: list[Upcoming]
    gates: dict[str, object]
    gate_history: list[AuditEntry]
    tasks: list[Task]


@router.get("/{journey_id}/explain")
async def explain_journey(journey: JourneyDep, parts: Parts) -> Explanation:
    """What was sent, what was not and why, what comes next and what would change it."""
    return await explain(parts, journey)


async def explain(parts: ApiParts, journey: JourneyRecord) -> Explanation:
    """The explanation of one journey."""
    return explained(
        journey,
        await live_view(parts, journey.id),
        await parts.store.ledger.of_journey(journey.id),
        await parts.store.audit.of_journey(journey.id),
        await parts.store.tasks.listing(journey.clinic_id, open_only=False, journey_id=journey.id),
    )


def explained(
    journey: JourneyRecord,
    live: JourneyView | None,
    rows: Sequence[MessageRow],
    audit: Iterable[AuditEntry],
    tasks: list[Task],
) -> Explanation:
    """Sorts what is known of a journey."""
    sent = [row for row in rows if row.state is MessageState.ACCEPTED]
    under_way = [row for row in rows if row.state in UNDER_WAY]
    not_sent = [row for row in rows if row not in sent and row not in under_way]
    return Explanation(
        stage=live.stage if live else journey.stage,
        live=live is not None,
        sent=[_line(row) for row in sent],
        not_sent=[_line(row) for row in not_sent],
        under_way=[_line(row) for row in under_way],
        upcoming=list(live.upcoming) if live else [],
        gates={gate.step: gate.model_dump(mode="json") for gate in live.gates} if live else journey.gates,
        gate_history=[entry for entry in audit if entry.kind == "gate"],
        tasks=tasks,
    )


def _line(row: MessageRow) -> MessageLine:
    known = row.model_dump(include=set(MessageLine.model_fields))
    return MessageLine.model_validate({**known, "why": in_words(row.state, row.reason)})
