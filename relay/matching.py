"""Finds the patient that a booking is for: by the vendor's id, then by contact; never merged by guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import phonenumbers
import structlog
from pydantic import TypeAdapter, ValidationError

from domain.booking import BookedPatient
from domain.calendar import check_zone
from domain.clinic import Clinic
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus, Patient, Region
from store import Store
from store.patients import NEW, Nobody
from workflows.ids import new_id

REGION: Final = TypeAdapter(Region)
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

    async def find_or_add(self, clinic: Clinic, source: str, booked: BookedPatient, now: datetime) -> Patient | None:
        """The patient; a new one where nobody fits. Consents that the source states are recorded.

        None where nobody can tell: nothing names the person, or two people on record fit alike.
        """
        if not is_named(clinic, booked):
            return None
        new = _new(clinic, source, booked)
        patient = await self.store.patients.add_unless_known(new, lambda found: _choice(found, source, new, booked))
        if patient is None:
            return None
        learnt = _learnt(patient, source, booked)
        if learnt != patient:
            await self.store.patients.update(learnt)
        await self._record_consents(clinic, source, learnt, booked, now)
        return learnt

    async def find(self, clinic: Clinic, source: str, booked: BookedPatient) -> Patient | None:
        """The one patient who fits for certain."""
        who = await self.who(clinic, source, booked)
        return who if isinstance(who, Patient) else None

    async def who(self, clinic: Clinic, source: str, booked: BookedPatient) -> Patient | Literal[Nobody.NEW] | None:
        """The one patient who fits for certain, NEW where nobody fits, None where two fit alike."""
        new, store = _new(clinic, source, booked), self.store.patients
        known = await store.by_vendor(clinic.id, source, booked.vendor_id) if booked.vendor_id else None
        phone = await store.by_phone(clinic.id, new.phone) if new.phone else []
        email = await store.by_email(clinic.id, new.email) if new.email else []
        found = {one.id: one for one in (*([known] if known else []), *phone, *email)}
        return _choice(list(found.values()), source, new, booked)

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


def is_named(clinic: Clinic, booked: BookedPatient) -> bool:
    """Whether anything says who it is: a vendor's id, a number or an address."""
    return bool(booked.vendor_id or booked.email or e164(booked.phone, clinic.country))


def _choice(
    found: Sequence[Patient], source: str, new: Patient, booked: BookedPatient
) -> Patient | Literal[Nobody.NEW] | None:
    """By the vendor's id, then by phone, then by e-mail; the first of these that anybody has decides."""
    owner = next((one for one in found if booked.vendor_id and one.vendor_ids.get(source) == booked.vendor_id), None)
    if owner:
        return owner
    by_phone = [one for one in found if new.phone and one.phone == new.phone]
    candidates = by_phone or [one for one in found if new.email and (one.email or "").lower() == new.email.lower()]
    same = [one for one in candidates if _same_person(one, source, booked)]
    if len(same) > 1:
        return None
    return same[0] if same else NEW


def _same_person(patient: Patient, source: str, booked: BookedPatient) -> bool:
    """One contact may belong to several people: another vendor id or another first name is another person."""
    other_id = booked.vendor_id and patient.vendor_ids.get(source, booked.vendor_id) != booked.vendor_id
    first = _first_name(booked)
    other_name = first and patient.first_name and first.casefold() != patient.first_name.casefold()
    return not other_id and not other_name


def _learnt(patient: Patient, source: str, booked: BookedPatient) -> Patient:
    """What the booking says and nobody knew. Contacts stay as they are: new ones come from the person or from staff."""
    learnt: dict[str, Any] = {}
    if booked.vendor_id and source not in patient.vendor_ids:
        learnt["vendor_ids"] = {**patient.vendor_ids, source: booked.vendor_id}
    if patient.birth_date is None:
        learnt["birth_date"] = _date(booked.birth_date)
    if patient.region is None:
        learnt["region"] = _region(booked.region)
    return patient.model_copy(update=learnt)


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
        region=_region(booked.region),
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


def _region(given: str | None) -> str | None:
    """A region in our spelling, or None: what cannot be one is left out, as an unknown one counts anyway."""
    try:
        return REGION.validate_python(given.strip().upper()) if given else None
    except ValidationError:
        return None


def _date(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None
