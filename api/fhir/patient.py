"""Patient: who the other resources are about; nothing about their skin."""

from collections.abc import Sequence
from typing import Final

from fhir.resources.R4B.patient import Patient as FhirPatient

from api.fhir.coding import concept, given
from api.fhir.kind import Kind
from domain.clinic import Clinic
from domain.patient import Patient
from store.read_model import ReadModel, Wanted


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[FhirPatient]:
    del clinic
    return [_patient(found.record) for found in await model.patients(wanted)]


KIND: Final = Kind(name="Patient", is_our="patient", parameters=(), statuses={}, load=_load)


def _patient(patient: Patient) -> FhirPatient:
    name = given(family=patient.last_name.strip(), given=[part for part in [patient.first_name.strip()] if part])
    contacts = (("phone", patient.phone), ("email", patient.email))
    return FhirPatient.model_validate(
        given(
            id=patient.id,
            name=[name] if name else [],
            telecom=[{"system": system, "value": value} for system, value in contacts if value],
            birthDate=patient.birth_date,
            communication=[{"language": concept("urn:ietf:bcp:47", patient.locale), "preferred": True}],
        )
    )
