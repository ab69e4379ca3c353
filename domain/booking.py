"""The normalised booking event: what every booking system's webhooks become."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from domain.messages import Frozen


class Treatment(StrEnum):
    """What can be done in a visit. `microneedling_rf` has no shipped protocol."""

    MICRONEEDLING = "microneedling"
    MICRONEEDLING_RF = "microneedling_rf"
    LASER_NAFL = "laser_nafl"
    LASER_ABLATIVE = "laser_ablative"
    LASER_IPL = "laser_ipl"
    LASER_VASCULAR = "laser_vascular"
    LASER_PICO = "laser_pico"
    LASER_HAIR = "laser_hair"

    @property
    def is_laser(self) -> bool:
        return self.value.startswith("laser_")


class BookingKind(StrEnum):
    """What happened to an appointment, in our words."""

    REQUESTED = "requested"
    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    """The system says the treatment was done (never inferred from the clock)."""
    NO_SHOW = "no_show"
    NO_SHOW_CLEARED = "no_show_cleared"
    UNKNOWN = "unknown"
    """Stored and answered 2xx, changes nothing."""


RESCHEDULED = "rescheduled"
"""Reason of a cancellation whose twin, the new booking, is on its way or came before: hold it, announce nothing."""


class BookedPatient(Frozen):
    """The patient as the booking system knows them; every field may be missing."""

    vendor_id: str | None = None
    name: str | None = None
    first_name: str | None = None
    phone: str | None = None
    """As written; made E.164 when the patient is matched."""
    email: str | None = None
    timezone: str | None = None
    region: str | None = None
    """ISO 3166 (`US-TX`), where the system states it; never guessed from a number."""
    locale: str | None = None
    birth_date: str | None = None
    """ISO date."""
    consents: tuple[str, ...] = ()
    """Channels (sms, email) for which the source says that consent was recorded; never guessed from a booking."""
    consent_wording: str = ""
    """Version of the wording that the person agreed to."""


class BookingEvent(Frozen):
    """One change of one appointment. Holds identifiers: it lives in the inbox and the store, never in Temporal."""

    source: str
    """Name of the booking system (generic, calcom, square, ...)."""
    delivery_id: str
    """The vendor's id of this delivery, else a hash of the body: a second copy changes nothing."""
    booking_ref: str
    previous_booking_ref: str | None = None
    """Where a reschedule gives the appointment a new id."""
    group_ref: str | None = None
    """Several services in one visit share it."""
    sequence: int = 0
    """The vendor's version, or a change time in milliseconds; an older one is stale."""
    kind: BookingKind
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    services: tuple[str, ...] = ()
    """Vendor service ids or names, or our treatment codes (generic)."""
    location: str | None = None
    patient: BookedPatient = BookedPatient()
    actor: str | None = None
    reason: str | None = None
    hydrated: bool = True
    """False: thin payload, the appointment must still be fetched from the vendor."""
    occurred_at: datetime | None = None
