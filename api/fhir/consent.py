"""Consent: one entry about a contact that a patient has now."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir.resources.R4B.consent import Consent

from api.fhir.coding import changed, concept, given, medium, own, patient, period
from api.fhir.kind import LAST_UPDATED, PATIENT, STATUS, Kind
from domain.clinic import Clinic
from domain.patient import ConsentStatus
from store.read_model import Found, ReadModel, Wanted
from store.read_sources import PatientConsent

STATUSES: Final[Mapping[str, str]] = {"granted": "active", "past": "inactive"}
"""Active is the entry that allows messages now, and nothing else: a withdrawal is inactive, too."""
SCOPE: Final = concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
RECIPIENT: Final = concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP")


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[Consent]:
    return [_consent(found, clinic) for found in await model.consents(wanted)]


KIND: Final = Kind(
    name="Consent",
    is_our="consent entry of a patient's contact",
    parameters=(PATIENT, STATUS, LAST_UPDATED),
    statuses=STATUSES,
    load=_load,
)


def _consent(found: Found[PatientConsent], clinic: Clinic) -> Consent:
    entry = found.record
    return Consent.model_validate(
        given(
            id=entry.id,
            meta=changed(found.changed_at),
            status=STATUSES[found.state],
            scope=SCOPE,
            category=[own("purpose", entry.purpose), medium(entry.channel)],
            patient=patient(entry.patient_id),
            dateTime=entry.at,
            organization=[{"display": clinic.name}],
            sourceReference=given(display=entry.origin.strip()),
            policyRule=concept(ACT, "OPTIN" if _grants(entry) else "OPTOUT"),
            provision=_provision(entry),
        )
    )


def _provision(entry: PatientConsent) -> dict[str, Any]:
    """What the entry says of the contact: yes or no, and to which wording."""
    return given(
        type="permit" if _grants(entry) else "deny",
        period=period(entry.at),
        actor=[{"role": RECIPIENT, "reference": {"display": entry.address}}],
        code=[own("wording", entry.wording_version)] if entry.wording_version.strip() else [],
    )


def _grants(entry: PatientConsent) -> bool:
    return entry.status is ConsentStatus.GRANTED
