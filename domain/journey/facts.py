"""What a journey knows: one serialisable model, so that it survives a restart and continue-as-new.

It holds opaque ids, plan codes and categories only; names, numbers and texts stay in the store.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.booking import Treatment
from domain.calendar import Calendar, QuietHours, Zone
from domain.messages import Channel, Frozen
from domain.plan import HoldOrigin, Plan
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label, Question


class Mutable(BaseModel):
    """Base of the parts of the state."""

    model_config = ConfigDict(extra="forbid", validate_assignment=False)


class GateState(StrEnum):
    """What stands before a step."""

    LOCKED = "locked"
    AWAITING_REPLY = "awaiting_reply"
    IN_REVIEW = "in_review"
    HELD = "held"
    RELEASED = "released"
    WAIVED = "waived"

    @property
    def is_open(self) -> bool:
        return self in (GateState.RELEASED, GateState.WAIVED)


class Visit(Mutable):
    """One appointment of this journey, the newest we know of it."""

    booking_id: str
    step: str
    treatment: Treatment
    starts_at: datetime
    status: BookingStatus
    sequence: int
    booked_at: datetime
    changed_at: datetime
    told_start: datetime
    """The start that the patient was last told (by the booking system, or by our 'moved')."""
    treated_at: datetime | None = None
    """When the treatment was done, as recorded; an assumed end is never put here."""
    recorded_at: datetime | None = None
    recorded_by: str = ""
    recordings: int = 0
    """How often it was recorded as done; taken back and done again, its aftercare begins anew."""

    @property
    def is_live(self) -> bool:
        """Booked, and still ahead as far as anybody recorded."""
        return self.treated_at is None and self.status in (
            BookingStatus.BOOKED,
            BookingStatus.ARRIVED,
            BookingStatus.COMPLETED,
        )


class Hold(Mutable):
    """A reason that keeps gates closed until a named clinician decides."""

    cause: str
    origin: HoldOrigin
    steps: tuple[str, ...]
    source: str
    at: datetime


class Worry(Mutable):
    """A worrying answer that nobody has decided on yet."""

    id: str
    label: Label
    about: str
    """The question it answered, or `unsolicited`, `still_settling`, `unreadable`, `call_me`."""
    at: datetime


class Opening(Mutable):
    """Why a gate is open, or may open: a clinician's release, a waiver, or the standing order."""

    by: str
    reason: str
    at: datetime
    waiver: bool = False
    opened_at: datetime | None = None


class Answer(Mutable):
    """One answered question of a check-in."""

    label: Label
    at: datetime


class CheckInState(Mutable):
    """The check-in before one step: which round it is in and what has been answered."""

    round: int = 0
    """0: never asked."""
    due_at: datetime | None = None
    asked_at: datetime | None = None
    open_question: Question | None = None
    ask_id: str = ""
    silent_since: datetime | None = None
    """When the newest question went out; None while nothing is open."""
    reminders: int = 0
    exposures_only: bool = False
    answers: dict[Question, Answer] = {}
    unclear: int = 0
    """Answers to the open question that nobody could read."""
    ended_at: datetime | None = None
    """Every question answered, or ended early."""
    complete: bool = False
    by_page: bool = False
    extensions: int = 0
    unreachable: bool = False

    @property
    def in_progress(self) -> bool:
        """Asked, and neither answered nor ended."""
        return self.asked_at is not None and self.ended_at is None

    @property
    def answered(self) -> bool:
        """The patient's answers ended it, whatever they were; an opt-out is no answer."""
        return self.ended_at is not None and any(a.label is not Label.OPT_OUT for a in self.answers.values())


class Gate(Mutable):
    """The gate before one step."""

    step: str
    state: GateState = GateState.LOCKED
    reasons: tuple[str, ...] = ()
    opens_on: date | None = None
    opening: Opening | None = None
    openings: int = 0
    invited_at: datetime | None = None
    check_in: CheckInState = CheckInState()


class Due(Frozen):
    """A message that is due at a moment: what the workflow hands to `deliver`."""

    key: str
    step: str = ""
    tag: str = ""
    """Makes it unique within key and step (a visit's date, a round, a day)."""
    due_at: datetime
    expires_at: datetime
    channels: tuple[Channel, ...] = (Channel.SMS,)
    fallback_key: str | None = None
    treatment: Treatment | None = None
    booking_id: str | None = None
    starts_at: datetime | None = None
    """The visit it speaks of; a booking that has moved since makes it stale."""
    question: Question | None = None
    ask_id: str = ""
    needs_open_gate: bool = False
    any_hour: bool = False
    """Answers the patient's own text, so quiet hours do not apply."""
    variant: str = ""
    alone: bool = False
    """A question that is asked by itself, and not as the last one of a check-in."""
    resends: int = 0
    skip_when_late: bool = False
    shift_to: time | None = None
    """When late, it goes out at this clock of the next morning."""
    asks_staff: bool = False
    """When late, it waits until staff says that it still makes sense."""
    counts_from: datetime | None = None
    """From when its lateness counts: it was shifted to then, or staff said so then; None: from when it was due."""
    otherwise: Channel | None = None
    """Where it goes if it cannot be delivered on its own channel; None: then a person is told."""
    treated_on: date | None = None
    """Of aftercare: the day of the treatment in the clinic's zone."""
    moment: str = ""
    """Of aftercare: the same for messages of treatments done on one day that are due at one time after it."""
    second_channel: bool = False
    """It could not be delivered on its own channel, and is tried on this one."""
    calendar: int | None = None
    """Sequence of the calendar file that its e-mail carries; None: it carries none."""

    @property
    def identity(self) -> str:
        return f"{self.key}:{self.step}:{self.tag}"


class Raised(Mutable):
    """A task of this journey that is open now."""

    urgency: Urgency
    detail: str = ""
    due: datetime | None = None
    """Where it is not the usual one of that urgency."""


class Ask(Mutable):
    """A question outside the check-in (early, final, pre_visit) that waits for an answer."""

    question: Question
    step: str
    asked_at: datetime
    starts_at: datetime | None = None


class JourneyStage(StrEnum):
    """Where a journey is, for lists and funnels."""

    PREPARING = "preparing"
    HEALING = "healing"
    CHECKING_IN = "checking_in"
    IN_REVIEW = "in_review"
    READY = "ready"
    AFTERCARE = "aftercare"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NOT_CONTINUED = "not_continued"

    @property
    def is_final(self) -> bool:
        return self in (JourneyStage.COMPLETED, JourneyStage.CANCELLED, JourneyStage.NOT_CONTINUED)


class Facts(Mutable):
    """The whole state of one journey."""

    plan: Plan
    calendar: Calendar
    patient_zone: Zone
    quiet_hours: QuietHours
    deputies: tuple[str, ...] = ()
    started_at: datetime
    visits: dict[str, Visit] = {}
    gates: dict[str, Gate] = {}
    holds: list[Hold] = []
    worries: list[Worry] = []
    queue: list[Due] = []
    sent: dict[str, datetime] = {}
    """Identity of every touchpoint that is settled (sent or skipped) -> when."""
    outcomes: dict[str, tuple[str, ...]] = {}
    """Identity -> what became of it on each channel, such as `sms:accepted` or `email:skipped:no_consent`."""
    occurrences: dict[str, int] = {}
    deferred: dict[str, datetime] = {}
    allowed: dict[str, datetime] = {}
    """Identity -> when `deliver` found it allowed by the quiet hours of now, which count before those of the start."""
    approved: dict[str, datetime] = {}
    """Identity of a late message -> when staff said that it still makes sense."""
    otherwise: dict[str, Due] = {}
    """Identity -> what was handed over and may still go to another channel if it is not delivered."""
    calendars: dict[str, int] = {}
    """Booking id -> how many calendar files about it went out."""
    resendable: dict[str, Due] = {}
    """Identity -> what may be handed to `deliver` once more if nobody finds out whether it was sent."""
    asks: dict[str, Ask] = {}
    exposures_at: datetime | None = None
    """When the patient last answered the exposures."""
    events: dict[TaskCause, Raised] = {}
    """Tasks that an event raised; staff closes them."""
    tasks: dict[TaskCause, Raised] = {}
    """Tasks that are open in the store because of this journey."""
    opted_out: bool = False
    paused: bool = False
    stage: JourneyStage = JourneyStage.PREPARING
    announced: bool = False
    """Whether the first stage was recorded."""
    cancelled: str | None = None
    """Reason of a cancelled journey."""
    not_continued: bool = False
    final_answered: bool = False
    last_ack: datetime | None = None
    last_activity: datetime
    """The last booking change or treatment: `not_continued` counts from here."""
    applied: list[str] = []
    """Ids of replies applied already; update ids are forgotten at continue-as-new."""
    other_procedures: list[str] = []
    """Bookings of other procedures that a clinician should know of before the next step."""
    requests: dict[str, str] = {}
    """Update id of what else was applied -> why a staff action was refused (else empty): a copy gets that answer."""
    counter: int = 0

    @property
    def is_final(self) -> bool:
        """The journey has ended, though aftercare that had begun may go on."""
        return self.stage.is_final

    def number(self) -> int:
        """A number that was never given out in this journey."""
        self.counter += 1
        return self.counter

    def gate_is_open(self, step: str) -> bool:
        """A step without a gate is open."""
        gate = self.gates.get(step)
        return gate is None or gate.state.is_open


MINUTE = timedelta(minutes=1)


def minute(instant: datetime) -> datetime:
    """The journey's clock counts whole minutes: rules are about hours and days, and equal input gives equal output."""
    return instant.replace(second=0, microsecond=0)
