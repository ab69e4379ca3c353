"""FHIR R4 resources to our models: Appointment (ten status codes) and Patient."""

import re

from bookings.delivery import milliseconds
from bookings.fields import Fields
from domain.booking import BookedPatient, BookingEvent, BookingKind

_KINDS = {
    "proposed": BookingKind.REQUESTED,
    "pending": BookingKind.REQUESTED,
    "booked": BookingKind.BOOKED,
    "arrived": BookingKind.ARRIVED,
    "checked-in": BookingKind.ARRIVED,
    "fulfilled": BookingKind.COMPLETED,
    "cancelled": BookingKind.CANCELLED,
    "entered-in-error": BookingKind.CANCELLED,
    "noshow": BookingKind.NO_SHOW,
}
"""hl7.org/fhir/R4/valueset-appointmentstatus; `waitlist` has no date and changes nothing."""

_NEEDS_PATIENT = frozenset({BookingKind.REQUESTED, BookingKind.BOOKED})


def event_of(appointment: Fields, delivery_id: str) -> BookingEvent:
    """The Appointment as an event; thin while the patient is only a reference."""
    status = appointment.text("status") or ""
    starts_at = appointment.time("start")
    kind = _KINDS.get(status, BookingKind.UNKNOWN)
    if kind is BookingKind.REQUESTED and starts_at is None:
        # The standard lets a proposal have no date; it counts once it has one.
        kind = BookingKind.UNKNOWN
    changed_at = appointment.child("meta").time("lastUpdated")
    patient = _booked_patient(appointment)
    return BookingEvent(
        source="fhir",
        delivery_id=delivery_id,
        booking_ref=appointment.ref("id"),
        sequence=milliseconds(changed_at),
        kind=kind,
        starts_at=starts_at,
        ends_at=appointment.time("end"),
        services=_services(appointment),
        location=_actor_id(appointment, "Location"),
        patient=patient,
        reason="entered in error" if status == "entered-in-error" else _concept(appointment.child("cancelationReason")),
        hydrated=kind not in _NEEDS_PATIENT or patient.vendor_id is None or bool(patient.phone or patient.email),
        occurred_at=changed_at,
    )


def patient_of(patient: Fields) -> BookedPatient:
    """The Patient's usual name, mobile number before others, e-mail, language and birth date."""
    name = next(iter(patient.children("name")), Fields({}))
    given = next(iter(name.refs("given")), None)
    full = name.text("text") or " ".join(part for part in (given, name.text("family")) if part)
    language = next(iter(patient.children("communication")), Fields({})).child("language")
    return BookedPatient(
        vendor_id=patient.maybe_ref("id"),
        name=full or None,
        first_name=given,
        phone=_contact(patient, "phone"),
        email=_contact(patient, "email"),
        locale=_concept(language),
        birth_date=patient.text("birthDate"),
    )


def _contact(patient: Fields, system: str) -> str | None:
    found = [
        item for item in patient.children("telecom") if item.text("system") == system and item.text("use") != "old"
    ]
    found.sort(key=lambda item: item.text("use") != "mobile")
    return found[0].text("value") if found else None


def _services(appointment: Fields) -> tuple[str, ...]:
    concepts = appointment.children("serviceType") or (appointment.child("appointmentType"),)
    names = (_concept(concept) for concept in concepts)
    return tuple(name for name in names if name)


def _concept(concept: Fields) -> str | None:
    """One concept is one thing, however many codings it has: the first code stands for it."""
    codes = (coding.text("code") for coding in concept.children("coding"))
    return next((code for code in codes if code), None) or concept.text("text")


def _booked_patient(appointment: Fields) -> BookedPatient:
    vendor_id = _actor_id(appointment, "Patient")
    for resource in appointment.children("contained"):
        if resource.text("resourceType") == "Patient":
            # A contained id (`#p1`) means something in this document only: two patients may share it.
            return patient_of(resource).model_copy(update={"vendor_id": vendor_id})
    return BookedPatient(vendor_id=vendor_id)


def _actor_id(appointment: Fields, resource_type: str) -> str | None:
    """The id in `Patient/p1`, also within a full address or before `/_history/2`."""
    for participant in appointment.children("participant"):
        reference = participant.child("actor").maybe_ref("reference") or ""
        found = re.search(rf"(?:^|/){resource_type}/([A-Za-z0-9.-]{{1,64}})(?:/|$)", reference)
        if found:
            return found[1]
    return None
