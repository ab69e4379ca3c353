"""What a path names, looked up within its clinic: nothing of another clinic is ever found."""

from typing import Annotated

from fastapi import Depends

from api.parts import Parts
from domain.clinic import Clinic
from domain.errors import NotFoundError
from domain.patient import Patient
from domain.records import JourneyRecord, Task

CLINICS = "/api/v1/clinics"
OF_CLINIC = f"{CLINICS}/{{clinic}}"
"""Full paths, since the access log writes a route's own pattern, without the prefixes of routers around it."""


async def _clinic(clinic: str, parts: Parts) -> Clinic:
    return await parts.store.clinics.get(clinic)


ClinicDep = Annotated[Clinic, Depends(_clinic)]


async def _patient(clinic: ClinicDep, patient_id: str, parts: Parts) -> Patient:
    return await parts.store.patients.get(clinic.id, patient_id)


async def _journey(clinic: ClinicDep, journey_id: str, parts: Parts) -> JourneyRecord:
    record = await parts.store.journeys.get(journey_id)
    if record.clinic_id != clinic.id:
        raise NotFoundError("there is no such journey in this clinic")
    return record


async def _task(clinic: ClinicDep, task_id: str, parts: Parts) -> Task:
    task = await parts.store.tasks.get(task_id)
    if task.clinic_id != clinic.id:
        raise NotFoundError("there is no such task in this clinic")
    return task


PatientDep = Annotated[Patient, Depends(_patient)]
JourneyDep = Annotated[JourneyRecord, Depends(_journey)]
TaskDep = Annotated[Task, Depends(_task)]
