"""Finds the patient that a booking is for: by the vendor's id, then by contact; never merged by guess."""

from dataclasses import dataclass
from datetime import date, datetime

import phonenumbers
import structlog

from domain.booking import BookedPatient
from domain.calendar import check_zone
from domain.clinic import Clinic
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus, Patient
from store import Store
from workflows.ids import new_id

log = structlog.get_logger(__name__)


def e164(written: str | None, country: str) -> str | None:
    """A phone number as E.164; None for what is no possible number in that country."""
    if not written:
        return None
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True)
class Matching:
    """Patients by what a booking system says of them."""

    store: Store

    async def find_or_add(self, clinic: Clinic, source: str, booked: BookedPatient, now: datetime) -> Patient:
        """The patient; a new one where nobody fits for certain. Consents that the source states are recorded."""
        patient = await self.find(clinic, source, booked)
        if patient is None:
            patient = _new(clinic, source, booked)
            await self.store.patients.add(patient)
        elif booked.vendor_id and source not in patient.vendor_ids:
            patient = patient.model_copy(update={"vendor_ids": {**patient.vendor_ids, source: booked.vendor_id}})
            await self.store.patients.update(patient)
        await self._record_consents(clinic, source, patient, booked, now)
        return patient

    async def find(self, clinic: Clinic, source: str, booked: BookedPatient) -> Patient | None:
        """The one patient who fits for certain."""
        if booked.vendor_id:
            known = await self.store.patients.by_vendor(clinic.id, source, booked.vendor_id)
            if known:
                return known
        phone = e164(booked.phone, clinic.country)
        candidates = await self.store.patients.by_phone(clinic.id, phone) if phone else []
        if not candidates and booked.email:
            candidates = await self.store.patients.by_email(clinic.id, booked.email)
        same = [patient for patient in candidates if _same_person(patient, source, booked)]
        return same[0] if len(same) == 1 else None

    async def _record_consents(
        self, clinic: Clinic, source: str, patient: Patient, booked: BookedPatient, now: datetime
    ) -> None:
        """A consent that the source states; a later opt-out by the person is never overwritten by a booking."""
        for channel in Channel:
            address = patient.address(channel)
            if channel.value not in booked.consents or address is None:
                continue
            if await self.store.consents.status(clinic.id, channel, address) is not None:
                continue
            await self.store.consents.record(
                Consent(
                    clinic_id=clinic.id,
                    channel=channel,
                    address=address,
                    status=ConsentStatus.GRANTED,
                    wording_version=booked.consent_wording,
                    origin=f"booking:{source}",
                    at=now,
                )
            )


def _same_person(patient: Patient, source: str, booked: BookedPatient) -> bool:
    """One contact may belong to several people: another vendor id or another first name is another person."""
    other_id = booked.vendor_id and patient.vendor_ids.get(source, booked.vendor_id) != booked.vendor_id
    first = _first_name(booked)
    other_name = first and patient.first_name and first.casefold() != patient.first_name.casefold()
    return not other_id and not other_name


def _first_name(booked: BookedPatient) -> str:
    return (booked.first_name or (booked.name or "").split(" ")[0]).strip()


def _new(clinic: Clinic, source: str, booked: BookedPatient) -> Patient:
    first = _first_name(booked)
    return Patient(
        id=new_id(),
        clinic_id=clinic.id,
        first_name=first,
        last_name=(booked.name or "").removeprefix(first).strip(),
        phone=e164(booked.phone, clinic.country),
        email=booked.email,
        timezone=_zone(booked.timezone, clinic, source),
        locale=booked.locale or clinic.locale,
        birth_date=_date(booked.birth_date),
        vendor_ids={source: booked.vendor_id} if booked.vendor_id else {},
    )


def _zone(given: str | None, clinic: Clinic, source: str) -> str:
    """The patient's zone, or the clinic's where the booking system wrote one that does not exist."""
    try:
        return check_zone(given) if given else clinic.timezone
    except ValueError:
        log.warning("patient.zone_unknown", clinic=clinic.id, source=source)
        return clinic.timezone


def _date(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None
