"""Patients and their consents."""

import hashlib
from typing import Any

from fastapi import APIRouter

from api.parts import ApiParts, Parts
from api.problems import documented
from api.staff.auth import Actor, ActorDep, RequestKey
from api.staff.contact_changes import ContactMove
from api.staff.patient_forms import ConsentForm, ConsentGiven, NewPatientForm, PatientPatch, PatientSearch, phone_of
from api.staff.scope import OF_CLINIC, ClinicDep, PatientDep
from domain.clinic import Clinic
from domain.errors import BadInputError, RefusedError
from domain.journey.events import ContactChange
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus, Patient
from workflows.client import JourneyEndedError

router = APIRouter(prefix=f"{OF_CLINIC}/patients", tags=["patients"])


@router.post("", status_code=201, responses=documented(400))
async def add_patient(
    clinic: ClinicDep, form: NewPatientForm, actor: ActorDep, key: RequestKey, parts: Parts
) -> Patient:
    """Add a patient, with the consents that were recorded."""
    patient = _new(clinic, form, key)
    consents = [_consent(clinic, patient, _granted(given), actor, parts) for given in form.consents]
    try:
        await parts.store.patients.add(patient)
    except RefusedError:
        patient = await parts.store.patients.get(clinic.id, patient.id)
    for consent in consents:
        await _record_first(parts, consent)
    return patient


@router.post("/search", responses=documented(400))
async def search_patients(clinic: ClinicDep, form: PatientSearch, parts: Parts) -> list[Patient]:
    """Everybody with this number or address: families share one."""
    if form.email is not None:
        return await parts.store.patients.by_email(clinic.id, form.email)
    return await parts.store.patients.by_phone(clinic.id, phone_of(form.phone, clinic) or "")


@router.get("/{patient_id}")
async def get_patient(patient: PatientDep) -> Patient:
    """One patient."""
    return patient


@router.patch("/{patient_id}", responses=documented(400))
async def change_patient(
    clinic: ClinicDep, patient: PatientDep, form: PatientPatch, actor: ActorDep, key: RequestKey, parts: Parts
) -> Patient:
    """Change what is given. The open question follows to a new number; consent does only where it is given here.

    Links stay good, unless the old contact is `not_theirs` or had opted out.
    """
    changed = patient.model_copy(update=_changes(clinic, form))
    consents = [_consent(clinic, changed, _granted(given), actor, parts) for given in form.consents]
    await parts.store.patients.update(changed)
    for consent in consents:
        await _record_first(parts, consent)
    move = ContactMove(parts, clinic, patient, changed, not_theirs=form.old_contact == "not_theirs")
    await move.follow(key)
    return changed


@router.get("/{patient_id}/consents")
async def list_consents(clinic: ClinicDep, patient: PatientDep, parts: Parts) -> list[Consent]:
    """Everything that was ever recorded for the patient's contacts, oldest first."""
    contacts = [(channel, address) for channel in Channel if (address := patient.address(channel))]
    found = [await parts.store.consents.history(clinic.id, channel, address) for channel, address in contacts]
    return [consent for entries in found for consent in entries]


@router.post("/{patient_id}/consents", status_code=201, responses=documented(400))
async def record_consent(
    clinic: ClinicDep, patient: PatientDep, form: ConsentForm, actor: ActorDep, key: RequestKey, parts: Parts
) -> Consent:
    """Record a consent given or withdrawn; open journeys hear whether they may still text."""
    consent = _consent(clinic, patient, form, actor, parts)
    await parts.store.consents.record(consent)
    if consent.channel is Channel.SMS:
        await _tell_journeys(parts, consent, key)
    return consent


def _new(clinic: Clinic, form: NewPatientForm, key: str) -> Patient:
    """The id follows from the request's key, so that a repeated request meets its own patient."""
    return Patient(
        id=hashlib.sha256(f"{clinic.id}:{key}".encode()).hexdigest()[:32],
        clinic_id=clinic.id,
        first_name=form.first_name,
        last_name=form.last_name,
        phone=phone_of(form.phone, clinic),
        email=form.email,
        timezone=form.timezone or clinic.timezone,
        region=form.region,
        locale=form.locale or clinic.locale,
        birth_date=form.birth_date,
        profile=form.profile,
    )


def _changes(clinic: Clinic, form: PatientPatch) -> dict[str, Any]:
    changes = {name: getattr(form, name) for name in form.model_fields_set - {"consents", "old_contact"}}
    if "phone" in changes:
        changes["phone"] = phone_of(form.phone, clinic)
    return changes


def _consent(clinic: Clinic, patient: Patient, form: ConsentForm, actor: Actor, parts: ApiParts) -> Consent:
    address = patient.address(form.channel)
    if address is None:
        raise BadInputError(f"the patient has no contact for {form.channel}: add it first")
    return Consent(
        clinic_id=clinic.id,
        channel=form.channel,
        address=address,
        status=form.status,
        wording_version=form.wording_version,
        origin=form.origin or actor.audited,
        at=parts.clock(),
    )


def _granted(given: ConsentGiven) -> ConsentForm:
    return ConsentForm(**given.model_dump(), status=ConsentStatus.GRANTED)


async def _record_first(parts: ApiParts, consent: Consent) -> None:
    """A form filled in again, or for a second person on one phone, never overrides an opt-out of that contact."""
    if await parts.store.consents.status(consent.clinic_id, consent.channel, consent.address) is None:
        await parts.store.consents.record(consent)


async def _tell_journeys(parts: ApiParts, consent: Consent, key: str) -> None:
    """A number's consent concerns every journey that texts it."""
    change = ContactChange(opted_out=consent.status is ConsentStatus.REVOKED)
    for patient in await parts.store.patients.by_phone(consent.clinic_id, consent.address):
        for journey in await parts.store.journeys.of_patient(patient.clinic_id, patient.id, open_only=True):
            try:
                await parts.journeys.contact(journey.id, change, f"consent-{key}")
            except JourneyEndedError:
                continue
