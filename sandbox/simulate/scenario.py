"""The scenario format of `healgate simulate`, checked: what is wrong is named with its place and how to mend it."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from domain.booking import Treatment
from domain.calendar import Span, Zone
from domain.errors import BadInputError
from domain.journey.events import Role, StaffActionKind
from domain.patient import Condition, Region
from domain.week import parse_clock, parse_hours

_OFFSET = re.compile(r"^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?$")
MAX_BYTES = 1_000_000


def parse_offset(value: object) -> object:
    """`3d6h`, `2h`, `10m`, `0d` as a timedelta of 24-hour days; an ISO time stays a time."""
    if not isinstance(value, str):
        return value
    match = _OFFSET.match(value.strip())
    if match and any(match.groups()):
        days, hours, minutes = (int(part or 0) for part in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes)
    return value


def _parse_moment(value: object) -> object:
    parsed = parse_offset(value)
    if isinstance(parsed, timedelta | datetime):
        return parsed
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is neither an offset like 3d6h nor an ISO time with offset") from None


Offset = Annotated[timedelta, BeforeValidator(parse_offset)]
Moment = Annotated[timedelta | AwareDatetime, BeforeValidator(_parse_moment)]
Clock = Annotated[time, BeforeValidator(parse_clock)]


class Part(BaseModel):
    """Base of the scenario's parts: an unknown field is a typing error, not an option."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Quiet(Part):
    starts: Clock = Field(time(20), alias="from")
    ends: Clock = Field(time(9), alias="to")
    sunday_to: Clock | None = None


def _parse_roster(value: object) -> object:
    """One number, several, or nobody."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


class SimClinic(Part):
    timezone: Zone
    name: str = "Sample Clinic"
    quiet_hours: Quiet | None = None
    hours: Annotated[dict[int, tuple[Span, ...]], BeforeValidator(parse_hours)] | None = None
    holidays: tuple[date, ...] = ()
    phone: str = "+15550100"
    after_hours_line: str | None = "+15550199"
    on_call: Annotated[tuple[str, ...], BeforeValidator(_parse_roster)] = ("+15550110", "+15550111")
    live: bool = True
    locale: str = "en"
    country: str = "US"
    deputies: tuple[str, ...] = ()


class SimPatient(Part):
    first_name: str
    last_name: str = ""
    phone: str | None = None
    email: str | None = None
    timezone: Zone
    region: Region | None = None
    locale: str = "en"
    skin_type: int | None = Field(default=None, ge=1, le=6)
    conditions: frozenset[Condition] | None = None
    needle_depth_mm: float | None = None
    adult: bool = True
    consents: dict[Literal["sms", "email"], bool] = {}


class SimBooking(Part):
    ref: str
    treatment: Treatment | Literal["other_procedure"]
    starts_at: AwareDatetime
    status: Literal["booked", "rescheduled", "cancelled", "no_show", "completed", "requested", "arrived"] = "booked"
    sequence: int | None = None


class SimTreated(Part):
    ref: str
    undone: bool = False
    treated_at: Moment | None = None


class SimStaff(Part):
    action: StaffActionKind
    by: str = ""
    role: Role = Role.FRONT_DESK
    reason: str = ""
    step: str | None = None
    names: tuple[str, ...] = ()


class SimEvent(Part):
    """Something that happens `at` a moment, or `on` the sending of a message."""

    at: Moment | None = None
    on: str | None = None
    after: Offset = timedelta(hours=1)
    booking: SimBooking | None = None
    treated: SimTreated | None = None
    reply: str | None = None
    replies: tuple[str, ...] | None = None
    message_id: str | None = None
    media_count: int = 0
    staff: SimStaff | None = None

    @model_validator(mode="after")
    def _says_when_and_what(self) -> "SimEvent":
        if (self.at is None) == (self.on is None):
            raise ValueError("say either 'at' (3d6h or an ISO time) or 'on' (the key of a message)")
        if self.on is not None:
            if self.replies is None:
                raise ValueError("an event with 'on' needs 'replies', a list of texts")
            return self
        given = [self.booking, self.treated, self.reply, self.staff]
        if sum(1 for what in given if what is not None) != 1:
            raise ValueError("an event with 'at' needs exactly one of booking, treated, reply, staff")
        return self


class Scenario(Part):
    """A whole scenario."""

    start: AwareDatetime
    clinic: SimClinic
    patient: SimPatient
    protocol: dict[str, Any] = {}
    """Overrides of the protocol file, such as approved_by and release."""
    events: tuple[SimEvent, ...] = ()
    until: Moment

    def moment(self, when: timedelta | datetime) -> datetime:
        """An offset or a time as an instant."""
        return self.start + when if isinstance(when, timedelta) else when

    @property
    def ends_at(self) -> datetime:
        return self.moment(self.until)


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file; BadInputError names the place and the mend."""
    return check_scenario(_load(path), str(path))


def check_scenario(data: object, name: str) -> Scenario:
    """The checked scenario; `name` stands in error messages."""
    try:
        scenario = Scenario.model_validate(_stringly(data))
    except ValidationError as error:
        lines = [f"{name}: {_place(detail['loc'])}: {_said(detail['msg'])}" for detail in error.errors()]
        raise BadInputError("\n".join(lines)) from None
    if scenario.ends_at <= scenario.start:
        raise BadInputError(f"{name}: until: lies before start; write something like 90d")
    _check_refs(scenario, name)
    return scenario


def _check_refs(scenario: Scenario, name: str) -> None:
    known = {event.booking.ref for event in scenario.events if event.booking}
    for event in scenario.events:
        if event.treated and event.treated.ref not in known:
            raise BadInputError(
                f"{name}: events: treated names booking {event.treated.ref!r}, which no booking event has"
            )


def _load(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read ({type(error).__name__}); give a YAML file") from None
    if len(text) > MAX_BYTES:
        raise BadInputError(f"{path}: is larger than {MAX_BYTES} bytes; a scenario is a page or two")
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise BadInputError(
            f"{path}:{where} is not YAML: {getattr(error, 'problem', None) or 'syntax error'}"
        ) from None


def _stringly(data: object) -> object:
    """Replies and ids are texts, even when YAML reads `0` as a number or `on` as true."""
    if not isinstance(data, dict) or not isinstance(data.get("events"), list):
        return data
    return {**data, "events": [_stringly_event(event) for event in data["events"]]}


def _stringly_event(event: object) -> object:
    if not isinstance(event, dict):
        return event
    event = {("on" if key is True else key): value for key, value in event.items()}
    for key in ("reply", "message_id"):
        if key in event and event[key] is not None:
            event[key] = str(event[key])
    if isinstance(event.get("replies"), list):
        event["replies"] = [str(text) for text in event["replies"]]
    return event


def _place(loc: tuple[int | str, ...]) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    return place or "the file"


def _said(message: str) -> str:
    known = {
        "Field required": "is missing; add it",
        "Input should have timezone info": "needs an offset, such as 2027-03-01T09:00:00-05:00",
        "Extra inputs are not permitted": "is not a field of a scenario; check its spelling",
    }
    return known.get(message, message.removeprefix("Value error, "))
