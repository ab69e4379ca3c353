"""A patient: contact points, zone, locale and skin profile. A phone number is not an identity."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.calendar import Zone
from domain.messages import Channel, Frozen

Region = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", examples=["US-TX"])]
"""Where a person lives, ISO 3166: a country or a part of it."""


class Condition(StrEnum):
    """What the clinic knows about a person that changes the plan (`docs/protocols.md` has the sources)."""

    SENSITIVE_SKIN = "sensitive_skin"
    ROSACEA = "rosacea"
    ACTIVE_ACNE = "active_acne"
    KELOID_HISTORY = "keloid_history"
    MELASMA_OR_PIH = "melasma_or_pih"
    ISOTRETINOIN = "isotretinoin"
    PREGNANT = "pregnant"
    COLD_SORE_HISTORY = "cold_sore_history"
    ACTIVE_INFECTION = "active_infection"
    IMMUNOSUPPRESSED = "immunosuppressed"
    ANTICOAGULANTS = "anticoagulants"
    TAN = "tan"
    PHOTOSENSITISING_DRUG = "photosensitising_drug"


class SkinProfile(Frozen):
    """What a plan is made from. None means unknown, which counts as the cautious case; () means asked, and none."""

    skin_type: int | None = Field(default=None, ge=1, le=6)
    """Fitzpatrick I to VI."""
    conditions: frozenset[Condition] | None = None
    needle_depth_mm: float | None = None
    """None: within the depth that labels evaluated (1.5 mm)."""
    adult: bool | None = None
    """None: unknown."""


class Patient(Frozen):
    """A person of one clinic."""

    id: str
    clinic_id: str
    first_name: str
    last_name: str = ""
    phone: str | None = None
    """E.164."""
    email: str | None = None
    timezone: Zone
    region: Region | None = None
    """As staff, an import or the booking system stated it; None: not known."""
    locale: str = "en"
    birth_date: date | None = None
    vendor_ids: dict[str, str] = {}
    """Booking source -> that system's id of the person."""
    profile: SkinProfile = SkinProfile()

    def address(self, channel: Channel) -> str | None:
        return self.phone if channel is Channel.SMS else self.email


class ConsentStatus(StrEnum):
    GRANTED = "granted"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """Never asked: counts as no."""


class Consent(Frozen):
    """One entry of the append-only consent ledger: it belongs to a contact (channel and address), not to a person."""

    clinic_id: str
    channel: Channel
    address: str
    purpose: str = "care"
    status: ConsentStatus
    wording_version: str = ""
    origin: str
    """import, intake, staff:<name>, reply, provider:<code>, unsubscribe_link, ..."""
    at: datetime
