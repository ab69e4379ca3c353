"""The ledger of a journey, with texts: staff may read what patients were told."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.parts import Parts
from api.problems import documented
from api.staff.auth import ActorDep
from api.staff.patient_forms import Form
from api.staff.scope import OF_CLINIC, ClinicDep
from domain.errors import NotFoundError, RefusedError
from domain.records import MessageRow, TaskCause

router = APIRouter(prefix=f"{OF_CLINIC}/messages", tags=["messages"])


class ReviewForm(Form):
    """What a person found out about a message of which nobody knew whether it was sent."""

    sent: bool = Field(description="true: the patient has it. false: it was not sent, and will not be.")
    reason: str = Field(min_length=1, max_length=500, examples=["the patient says that she got it"])


@router.post("/{message_id}/review", responses=documented(400, 409))
async def review_message(
    clinic: ClinicDep, message_id: str, form: ReviewForm, actor: ActorDep, parts: Parts
) -> MessageRow:
    """Settle a message in `needs_review`; its task is closed. Nothing is sent by this."""
    row = await parts.store.ledger.get(message_id)
    if row.clinic_id != clinic.id:
        raise NotFoundError("there is no such message in this clinic")
    now = parts.clock()
    if not await parts.store.ledger.reviewed(row.id, sent=form.sent, by=actor.audited, why=form.reason, now=now):
        raise RefusedError("not_in_review", f"The message is {row.state.value}, and not in needs_review.")
    outcome = f"{'sent' if form.sent else 'not sent'}: {form.reason}"
    scope = f"message:{row.id}"
    await parts.store.tasks.close(clinic.id, scope, TaskCause.INCIDENT, outcome=outcome, by=actor.audited, now=now)
    return await parts.store.ledger.get(message_id)


@router.get("")
async def list_messages(
    clinic: ClinicDep, parts: Parts, journey: Annotated[str, Query(description="The journey's id.")]
) -> list[MessageRow]:
    """All messages of a journey, by the time they were due."""
    record = await parts.store.journeys.get(journey)
    if record.clinic_id != clinic.id:
        raise NotFoundError("there is no such journey in this clinic")
    return await parts.store.ledger.of_journey(journey)
