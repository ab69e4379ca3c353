"""The ledger of a journey, with texts: staff may read what patients were told."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.parts import Parts
from api.staff.scope import OF_CLINIC, ClinicDep
from domain.errors import NotFoundError
from domain.records import MessageRow

router = APIRouter(prefix=f"{OF_CLINIC}/messages", tags=["messages"])


@router.get("")
async def list_messages(
    clinic: ClinicDep, parts: Parts, journey: Annotated[str, Query(description="The journey's id.")]
) -> list[MessageRow]:
    """All messages of a journey, by the time they were due."""
    record = await parts.store.journeys.get(journey)
    if record.clinic_id != clinic.id:
        raise NotFoundError("there is no such journey in this clinic")
    return await parts.store.ledger.of_journey(journey)
