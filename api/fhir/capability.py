"""What this server can do, as a CapabilityStatement."""

from typing import Any, Final

from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from api.fhir.kind import DATE, LAST_UPDATED, PATIENT, STATUS, Kind
from api.fhir.kinds import KINDS

SINCE: Final = "2026-11-25"
"""The day on which what is said here last changed."""
SECURITY: Final = {"description": "Authorization: Bearer with the staff key, as for the staff API"}
TYPES: Final = {PATIENT: "reference", STATUS: "token", LAST_UPDATED: "date", DATE: "date", "_id": "token"}


def capability_statement(base: str) -> CapabilityStatement:
    """The statement of one clinic's address."""
    resources = [_resource(kind) for kind in KINDS.values()]
    return CapabilityStatement.model_validate(
        {
            "status": "active",
            "date": SINCE,
            "kind": "instance",
            "software": {"name": "Healgate"},
            "implementation": {"description": "Journeys of one clinic, to read", "url": base},
            "fhirVersion": "4.3.0",
            "format": ["application/fhir+json"],
            "rest": [{"mode": "server", "security": SECURITY, "resource": resources}],
        }
    )


def _resource(kind: Kind) -> dict[str, Any]:
    names = ("_id", *kind.parameters)
    return {
        "type": kind.name,
        "documentation": f"A {kind.is_our}",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": TYPES[name]} for name in names],
    }
