"""A protocol: a clinician's versioned, approved plan for anybody, as written in `protocols/*.yaml`.

Durations are written `28d`, `2h` or `10m`. Every number that matters clinically stands beside its `source`.
"""

import re
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from domain.booking import Treatment
from domain.messages import Channel, Frozen
from domain.patient import Condition

_DURATION = re.compile(r"^(\d+)\s*([dhm])$")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def parse_duration(value: object) -> object:
    """`28d`, `2h`, `10m` as a timedelta; anything else is left to pydantic."""
    if not isinstance(value, str) or value.startswith("P"):
        return value
    match = _DURATION.match(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write it like 28d, 2h or 10m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]

FLOOR = timedelta(days=14)
"""No automation goes below this interval, whatever a file says (docs/protocols.md: our judgement)."""


class Release(StrEnum):
    """Who opens the gate."""

    CLINICIAN = "clinician"
    STANDING_ORDER = "standing_order"


class Step(Frozen):
    """One visit of the plan; `times` repeats it."""

    id: Code
    treatments: tuple[Treatment, ...] = Field(min_length=1)
    default_treatment: Treatment | None = None
    """Sets the interval until this step is booked; the first treatment where empty."""
    times: int = Field(default=1, ge=1, le=10)

    @property
    def usual_treatment(self) -> Treatment:
        return self.default_treatment or self.treatments[0]


class Interval(Frozen):
    """Days between one treatment and the next, for skin that needs no more."""

    after: Treatment
    before: tuple[Treatment, ...]
    days: int = Field(ge=14, le=365)
    source: str = Field(min_length=3)


class When(Frozen):
    """What a rule applies to: exactly one of these."""

    condition: Condition | None = None
    skin_types: tuple[int, ...] = ()
    needle_deeper_than_mm: float | None = None
    unknown: Literal["skin_type", "conditions"] | None = None
    minor: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "When":
        given = [self.condition, self.skin_types, self.needle_deeper_than_mm, self.unknown, self.minor]
        if sum(1 for value in given if value) != 1:
            raise ValueError("give exactly one of condition, skin_types, needle_deeper_than_mm, unknown, minor")
        return self


class Modifier(Frozen):
    """What one factor of a person does to the plan."""

    id: Code
    when: When
    add_days: int = Field(default=0, ge=0, le=180)
    hold: tuple[Treatment, ...] = ()
    """A named clinician must decide before these treatments."""
    review: tuple[Treatment, ...] = ()
    """A clinician must look at the answers before these treatments: a standing order does not count."""
    source: str = Field(min_length=3)


class Anchor(StrEnum):
    """What a touchpoint's time counts from."""

    START = "start"
    BOOKED = "booked"
    VISIT = "visit"
    TREATED = "treated"


class Late(StrEnum):
    """What to do with a touchpoint whose time has passed when it is first seen or the service was down."""

    SEND = "send"
    SKIP = "skip"
    SHIFT = "shift"
    """The next morning at its clock."""
    ASK_STAFF = "ask_staff"
    """A task instead; it goes out when staff says so, or expires."""


class SentBy(StrEnum):
    """Who sends a message of the plan."""

    HEALGATE = "healgate"
    BOOKING_SYSTEM = "booking_system"
    """It has such a message of its own; two of each is what patients complain about."""


class Touchpoint(Frozen):
    """A moment at which a message is due: `after` the anchor, or on calendar `days` from it, at `clock`."""

    key: Code
    anchor: Anchor
    treatments: tuple[Treatment, ...] = ()
    """Only for steps with one of these; empty: every step."""
    channels: tuple[Channel, ...] = (Channel.SMS,)
    days: tuple[int, ...] = ()
    """Calendar days after the anchor (negative: before), in the clinic's zone; several make several occurrences."""
    days_for: dict[Treatment, tuple[int, ...]] = {}
    """Other days for these treatments."""
    days_for_skin_types: dict[int, tuple[int, ...]] = {}
    """Other days for these skin types; the later of both counts."""
    working_days_before: int | None = None
    """Working days before the visit."""
    after: Duration | None = None
    latest_clock: time | None = None
    """With `after`: later than this on that day means the next morning at `clock`."""
    clock: time = time(10)
    asks: str | None = None
    """The question it opens: early, final, pre_visit."""
    useful_for: Duration = timedelta(days=2)
    """Expires this long after it was due."""
    late: Late = Late.SEND
    resends: int = Field(default=0, ge=0, le=2)
    needs_open_gate: bool = False
    """Only while the gate before its step is open (or the step has none)."""
    fallback_key: Code | None = None
    """SMS sent instead where the patient has no address for the channel."""
    undelivered: Channel | None = None
    """Where it goes if it cannot be delivered; empty: a task says that the patient could not be reached."""
    sent_by: SentBy = SentBy.HEALGATE


class CheckInRules(Frozen):
    """When the check-in is asked and how often the patient is reminded."""

    clock: time = time(10)
    days_before_visit: int = 6
    reminders: tuple[Duration, ...] = (timedelta(hours=24), timedelta(hours=72))
    fresh_for: Duration = timedelta(days=14)
    mild_adds_days: int = Field(default=7, ge=1)
    mild_at_most: int = Field(default=2, ge=0)
    undelivered: Channel | None = Channel.EMAIL
    """Where the first question goes if it cannot be delivered by SMS; empty: a task."""


class Protocol(Frozen):
    """A protocol file."""

    id: Code
    version: str
    title: str
    approved_by: str = ""
    """Name of the clinician who approved this version; empty: sandbox only."""
    release: Release = Release.CLINICIAN
    steps: tuple[Step, ...] = Field(min_length=1)
    intervals: tuple[Interval, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    touchpoints: tuple[Touchpoint, ...]
    check_in: CheckInRules = CheckInRules()
    release_lapses_after: Duration = timedelta(days=30)
    gate_shut_warning_working_days: int = 2
    """The patient is asked to call this long before a visit behind a shut gate."""
    gate_shut_task_working_days: int = 3
    invitation_open_for: Duration = timedelta(days=60)
    """Nothing booked for so long after the invitation: the journey ends `not_continued`."""
    settle: Duration = timedelta(minutes=10)
    """Booking changes settle so long before the patient hears of them."""
    final_answer_within: Duration = timedelta(days=3)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Protocol":
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("two steps have the same id; give each its own")
        for earlier, later in self.consecutive():
            for before in later.treatments:
                for after in earlier.treatments:
                    self.base_interval(after, before)
        return self

    def consecutive(self) -> list[tuple[Step, Step]]:
        """Each step with the one before it; a repeated step also follows itself."""
        pairs = [(step, step) for step in self.steps if step.times > 1]
        return pairs + list(zip(self.steps, self.steps[1:], strict=False))

    def base_interval(self, after: Treatment, before: Treatment) -> Interval:
        """The interval between two treatments; ValueError names the pair that the file forgot."""
        for interval in self.intervals:
            if interval.after is after and before in interval.before:
                return interval
        raise ValueError(f"no interval from {after} to {before}; add one under 'intervals' with its source")
