"""What staff sends about patients."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.calendar import Zone
from domain.clinic import Clinic
from domain.errors import BadInputError
from domain.messages import Channel
from domain.patient import ConsentStatus, Region, SkinProfile
from relay.matching import e164

Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Ana"])]
Email = Annotated[
    str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}$", max_length=254, examples=["ana@example.com"])
]
Phone = Annotated[
    str, Field(max_length=40, description="Any usual notation; kept as E.164.", examples=["(500) 555-0006"])
]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", examples=["en"])]


class Form(BaseModel):
    """Base of request bodies: an unknown field is a mistake that should be seen."""

    model_config = ConfigDict(extra="forbid")


class ConsentGiven(Form):
    """A consent that was recorded with the patient."""

    channel: Channel
    wording_version: str = Field(min_length=1, max_length=100, examples=["care-texts-2026-11"])
    origin: str = Field("", max_length=100, description="Where it was given; empty: by the acting staff member.")


class NewPatientForm(Form):
    first_name: Name
    last_name: str = Field("", max_length=100)
    phone: Phone | None = None
    email: Email | None = None
    timezone: Zone | None = Field(None, description="Empty: the clinic's.", examples=["America/New_York"])
    region: Region | None = Field(None, description="Where the patient lives; its rules narrow the quiet hours.")
    locale: Locale | None = None
    birth_date: date | None = None
    profile: SkinProfile = SkinProfile()
    consents: tuple[ConsentGiven, ...] = ()


class PatientPatch(Form):
    """Only what is given changes; `null` takes a contact point, region or birth date away."""

    first_name: Name | None = None
    last_name: str | None = Field(None, max_length=100)
    phone: Phone | None = None
    email: Email | None = None
    timezone: Zone | None = None
    region: Region | None = None
    locale: Locale | None = None
    birth_date: date | None = None
    profile: SkinProfile | None = None
    consents: tuple[ConsentGiven, ...] = Field((), description="Given for the new contact: none travels by itself.")
    old_contact: Literal["theirs", "not_theirs"] = Field(
        "theirs", description="not_theirs: the old number or mailbox is somebody else's; links sent there end."
    )

    @model_validator(mode="after")
    def _keeps_what_must_be(self) -> "PatientPatch":
        needed = {"first_name", "last_name", "timezone", "locale", "profile"} & self.model_fields_set
        if empty := sorted(name for name in needed if getattr(self, name) is None):
            raise ValueError(f"{', '.join(empty)} cannot be null; leave it out to keep it")
        return self


class PatientSearch(Form):
    """Exactly one of both; in the body, since URLs are written to logs."""

    phone: Phone | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "PatientSearch":
        if (self.phone is None) == (self.email is None):
            raise ValueError("give either phone or email")
        return self


class ConsentForm(Form):
    """A consent given or withdrawn."""

    channel: Channel
    status: Literal[ConsentStatus.GRANTED, ConsentStatus.REVOKED]
    wording_version: str = Field("", max_length=100)
    origin: str = Field("", max_length=100)

    @model_validator(mode="after")
    def _names_the_wording(self) -> "ConsentForm":
        if self.status is ConsentStatus.GRANTED and not self.wording_version:
            raise ValueError("wording_version is missing: name the wording that the person agreed to")
        return self


def phone_of(written: str | None, clinic: Clinic) -> str | None:
    """As E.164, or BadInputError."""
    if written is None:
        return None
    number = e164(written, clinic.country)
    if number is None:
        raise BadInputError(
            f"phone: no possible number in {clinic.country}; write it with its country code, such as +1 500 555 0006"
        )
    return number
