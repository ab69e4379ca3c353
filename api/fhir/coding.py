"""Codes and references, as FHIR writes them."""

from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

from domain.messages import Channel

HEALGATE: Final = "urn:healgate"
"""Our own code systems are `urn:healgate:<name>`; docs/fhir-read-model.md lists them."""
PARTICIPATION_MODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
MEDIA: Final = {Channel.SMS: "SMSWRIT", Channel.EMAIL: "EMAILWRIT"}


def urn(*parts: str) -> str:
    """A name of ours; parts may have been chosen by people, and an URI has no spaces."""
    return ":".join((HEALGATE, *(quote(part, safe="") for part in parts)))


def own(system: str, code: str, text: str = "") -> dict[str, Any]:
    """A CodeableConcept of one of our code systems."""
    return concept(urn(system), code, text)


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    """A CodeableConcept with one coding; a code has no two spaces in a row."""
    coding = {"system": system, "code": " ".join(code.split())}
    return {"coding": [coding], **given(text=text.strip())}


def medium(channel: Channel) -> dict[str, Any]:
    """The channel, as HL7 calls it."""
    return concept(PARTICIPATION_MODE, MEDIA[channel])


def reference(kind: str, record_id: str) -> dict[str, str]:
    """A reference to another resource of this clinic."""
    return {"reference": f"{kind}/{record_id}"}


def patient(record_id: str | None) -> dict[str, str] | None:
    """The patient, where there is one."""
    return reference("Patient", record_id) if record_id else None


def care_plan(journey_id: str | None) -> list[dict[str, str]]:
    """The journey, where there is one."""
    return [reference("CarePlan", journey_id)] if journey_id else []


def period(start: date | datetime | None, end: date | datetime | None = None) -> dict[str, Any]:
    """A Period with what is known of it."""
    return given(start=start, end=end)


def changed(at: datetime | None) -> dict[str, Any] | None:
    """The `meta` of a record that changed then."""
    return {"lastUpdated": at} if at else None


def given(**elements: Any) -> dict[str, Any]:
    """The elements that have a value: FHIR knows no empty strings, lists or objects."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}
