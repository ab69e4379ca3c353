"""Journeys, to look at."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.parts import Parts
from api.staff.live import live_view
from api.staff.scope import OF_CLINIC, ClinicDep, JourneyDep
from domain.journey.facts import JourneyStage
from domain.records import AuditEntry, JourneyRecord
from workflows.messages import JourneyView

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])


class JourneyDetail(BaseModel):
    record: JourneyRecord
    live: JourneyView | None = Field(description="Asked of the workflow; null while it cannot be asked.")


@router.get("")
async def list_journeys(
    clinic: ClinicDep,
    parts: Parts,
    stage: JourneyStage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="Last id of the page before.")] = None,
) -> list[JourneyRecord]:
    """The clinic's journeys, newest first."""
    return await parts.store.journeys.listing(clinic.id, stage=stage.value if stage else None, limit=limit, after=after)


@router.get("/{journey_id}")
async def get_journey(journey: JourneyDep, parts: Parts) -> JourneyDetail:
    """One journey: what the store knows, and what the workflow says now."""
    return JourneyDetail(record=journey, live=await live_view(parts, journey.id))


@router.get("/{journey_id}/timeline")
async def get_timeline(journey: JourneyDep, parts: Parts) -> list[AuditEntry]:
    """Everything that happened, in the order in which it was written."""
    return await parts.store.audit.of_journey(journey.id)
