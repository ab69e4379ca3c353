"""A clinic and its locations, as its admin describes them (`healgate clinic apply FILE`)."""

import re
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated

from pydantic import Field, HttpUrl, field_validator, model_validator

from domain.booking import Treatment
from domain.calendar import Calendar, QuietHours, Zone
from domain.messages import Channel, Frozen
from domain.outward import OutwardKind

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


class OnCall(Frozen):
    """One person on the roster; pages go to them in the order of the roster."""

    name: str
    channel: Channel
    address: str
    """E.164 number or e-mail address."""


class Location(Frozen):
    """Where patients are seen."""

    id: Slug = "main"
    name: str = ""
    address: str = ""
    calendar: Calendar
    phone: str
    after_hours_phone: str | None = None
    emergency_number: str = "911"
    sms_sender: str
    """E.164 number or Messaging Service SID."""
    email_sender: str
    on_call: tuple[OnCall, ...] = ()
    covering: OnCall | None = None
    """Takes what falls due in a closure of more than two days."""

    def phone_at(self, now: datetime) -> str:
        """The number to call now: the after-hours line while the clinic is closed."""
        return self.phone if self.calendar.is_open(now) else (self.after_hours_phone or self.phone)


class ServiceUse(StrEnum):
    """What a vendor's service is to us, apart from a treatment."""

    OTHER_PROCEDURE = "other_procedure"
    IGNORE = "ignore"


class Cadence(StrEnum):
    """How often the coming weeks are compared with a booking system's own list."""

    HOURLY = "hourly"
    NIGHTLY = "nightly"
    OFF = "off"


class BookingSource(Frozen):
    """One booking system of the clinic. Secrets are named, never written here: they come from the environment."""

    system: str
    """Adapter name (generic, calcom, ...)."""
    secret_names: tuple[str, ...]
    """Names of HEALGATE_... variables (or keys of the state folder's secrets) that hold the signing secrets."""
    options: dict[str, str] = {}
    """Adapter settings, such as a header name or the vendor API's base URL."""
    reconcile: Cadence = Cadence.HOURLY
    reconcile_weeks: int = Field(default=8, ge=1, le=52)
    """How far ahead the lists are compared."""
    poll: bool = False
    """The system sends no webhooks: ask every few minutes what has changed."""


class Webhook(Frozen):
    """An address of the clinic's own that is told of changes (docs/webhooks.md)."""

    name: Slug
    url: HttpUrl
    secret_names: tuple[str, ...] = Field(min_length=1)
    """Names of variables that hold signing secrets; each of them signs, so that a receiver can change over."""
    events: tuple[OutwardKind, ...] = Field(tuple(OutwardKind), min_length=1)

    @field_validator("url")
    @classmethod
    def _is_private_to_the_two(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password:
            raise ValueError("leave user and password out of the address: the signature proves who sends")
        if url.scheme != "https" and not _is_loopback(url.host or ""):
            raise ValueError("use https; http is for addresses on this machine only")
        return url

    @field_validator("secret_names")
    @classmethod
    def _are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_VARIABLE.fullmatch(name) for name in names):
            raise ValueError("give names of variables (capitals, digits and _), never a secret itself")
        return names


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Clinic(Frozen):
    """A business with one or more locations; patients and intervals belong to it."""

    id: Slug
    name: str
    """As patients know it; 18 characters keep the shipped texts within one SMS."""
    country: str = "US"
    locale: str = "en"
    timezone: Zone
    """Intervals count calendar days in this zone."""
    quiet_hours: QuietHours = QuietHours()
    locations: tuple[Location, ...]
    protocols: tuple[str, ...] = ("microneedling-then-laser",)
    """Ids of protocols in use; a booking starts the first one that begins with its treatment."""
    services: dict[str, Treatment | ServiceUse] = {}
    """Vendor service id or name -> treatment, `other_procedure` or `ignore`; our treatment codes need no entry."""
    sources: dict[str, BookingSource] = {}
    webhooks: tuple[Webhook, ...] = ()
    """The clinic's own systems that are told of gates, tasks and journeys."""
    live_from: date | None = None
    """None: shadow mode, everything runs and nothing is sent."""
    provider_answers_keywords: bool = True
    """The SMS provider answers STOP, START and HELP itself (off where its redaction switched that off)."""
    deputies: tuple[str, ...] = ()
    """People who may decide like a clinician."""

    @model_validator(mode="after")
    def _has_a_location(self) -> "Clinic":
        if not self.locations:
            raise ValueError("a clinic needs at least one location")
        return self

    @model_validator(mode="after")
    def _names_each_webhook_once(self) -> "Clinic":
        names = [webhook.name for webhook in self.webhooks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"webhooks need names of their own; given twice: {', '.join(twice)}")
        return self

    @property
    def main(self) -> Location:
        return self.locations[0]

    def location(self, name: str | None) -> Location:
        """The location of that id, or the main one."""
        return next((place for place in self.locations if place.id == name), self.main)

    def webhook(self, name: str) -> Webhook | None:
        """The webhook endpoint of that name; None when the clinic has it no more."""
        return next((webhook for webhook in self.webhooks if webhook.name == name), None)

    def use_of(self, service: str) -> Treatment | ServiceUse | None:
        """What a vendor's service means here; None when the clinic has not said (nothing is guessed)."""
        if service in self.services:
            return self.services[service]
        return Treatment(service) if service in set(Treatment) else None
