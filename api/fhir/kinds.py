"""All kinds of resources, by name."""

from typing import Final

from api.fhir import appointment, care_plan, communication, consent, patient, task
from api.fhir.kind import Kind
from domain.errors import NotFoundError

KINDS: Final = {
    kind.name: kind
    for kind in (
        appointment.KIND,
        care_plan.KIND,
        communication.KIND,
        consent.KIND,
        patient.KIND,
        task.KIND,
    )
}


def kind_of(name: str) -> Kind:
    """The kind of that name, or NotFoundError."""
    if name not in KINDS:
        raise NotFoundError(f"there is no {name} here, only {', '.join(KINDS)}")
    return KINDS[name]
