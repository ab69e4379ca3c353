"""Clinics, to read."""

from fastapi import APIRouter
from pydantic import BaseModel

from api.parts import Parts
from api.staff.scope import CLINICS, OF_CLINIC, ClinicDep
from domain.clinic import Clinic

router = APIRouter(tags=["clinics"])


class ClinicSummary(BaseModel):
    id: str
    name: str
    timezone: str


@router.get(CLINICS)
async def list_clinics(parts: Parts) -> list[ClinicSummary]:
    """All clinics of this installation."""
    return [ClinicSummary(id=one.id, name=one.name, timezone=one.timezone) for one in await parts.store.clinics.all()]


@router.get(OF_CLINIC)
async def get_clinic(clinic: ClinicDep) -> Clinic:
    """One clinic with its locations; secrets are never part of it, only their names."""
    return clinic
