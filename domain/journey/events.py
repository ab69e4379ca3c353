"""What reaches a journey (events) and what it says happened (changes). All of it travels through Temporal."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.booking import Treatment
from domain.calendar import QuietHours, Zone
from domain.journey.facts import GateState, JourneyStage
from domain.messages import Channel, FailureClass, Frozen
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label, Question


class BookingChange(Frozen):
    """The newest truth about one appointment, under our own opaque booking id."""

    booking_id: str
    treatment: Treatment
    starts_at: AwareDatetime
    status: BookingStatus
    sequence: int


class TreatedChange(Frozen):
    """A treatment was recorded as done (or that is taken back), by the booking system or by staff."""

    booking_id: str
    treated_at: AwareDatetime | None = None
    """None: at the visit's start if that has passed, else now."""
    undone: bool = False
    by: str


class Reply(Frozen):
    """What the clinic's rules made of one reply; the text stays in the store."""

    reply_id: str
    label: Label
    rule: str
    ask_id: str = ""
    """The open question it answers; empty: unsolicited."""
    question: Question | None = None
    exposures: tuple[str, ...] = ()
    call_me: bool = False
    opt_out: bool = False
    courtesy: bool = False
    media: bool = False
    by_page: bool = False
    by_staff: bool = False
    """Staff asked by phone and entered the answer: it may begin a check-in that nobody could be sent."""
    acknowledged: bool = False
    """The front desk or another journey says when a person reads it: one text needs one answer."""


class StaffActionKind(StrEnum):
    """What staff can do to a journey."""

    RELEASE = "release"
    WAIVE = "waive"
    HOLD = "hold"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    SEND = "send"
    """A late message still makes sense."""


class Role(StrEnum):
    """Who acts."""

    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    CLINICIAN = "clinician"
    ADMIN = "admin"


class StaffAction(Frozen):
    """One action by a named person."""

    action: StaffActionKind
    by: str
    role: Role = Role.FRONT_DESK
    reason: str = ""
    step: str | None = None
    """None: the next gate that is shut."""
    names: tuple[str, ...] = ()
    """For `waive`: the holds and worrying answers it closes; for `send`: keys of late messages; empty: all."""
    deputy: bool | None = None
    """Whether the clinic names this person as deputy now; None: as it did when the journey began."""


class ContactChange(Frozen):
    """The patient can (or can no longer) be reached by SMS, or lives by other hours now. None: as before."""

    opted_out: bool | None = None
    patient_zone: Zone | None = None
    quiet_hours: QuietHours | None = None


class OtherProcedure(Frozen):
    """The clinic booked another procedure for the patient (a peel, a filler), or called it off."""

    booking_id: str
    """Opaque; the same for every change of that booking."""
    called_off: bool = False


class DeliveryFailed(Frozen):
    """A message that the provider had accepted did not arrive."""

    identity: str
    """`<touchpoint>:<step>:<occurrence>`, as in the ledger."""
    channel: Channel
    failure: FailureClass


class SendAgain(Frozen):
    """Nobody knows whether a message was sent, and its touchpoint allows one more try."""

    key: str
    step: str
    occurrence: int


class BookingVerdict(StrEnum):
    """What the rules say to a booking."""

    ACCEPTED = "accepted"
    TOO_EARLY = "too_early"
    SAME_VISIT = "same_visit"
    GATE_CLOSED = "gate_closed"
    UNMAPPED = "unmapped"
    STALE = "stale"


class StaffResult(Frozen):
    """Whether an action was accepted, and the reason code where it was not."""

    accepted: bool
    reason: str = ""


class Outcome(Frozen):
    """What became of one message on one channel."""

    channel: Channel
    state: Literal["accepted", "skipped", "deferred", "unknown", "rejected"]
    reason: str = ""
    until: datetime | None = None


class GateChanged(Frozen):
    kind: Literal["gate"] = "gate"
    at: datetime
    step: str
    before: GateState
    after: GateState
    by: str
    reasons: tuple[str, ...]
    opens_on: date | None = None


class TaskChanged(Frozen):
    """A task is to be opened (or made more urgent), or closed because its cause is gone."""

    kind: Literal["task"] = "task"
    at: datetime
    cause: TaskCause
    urgency: Urgency
    due: datetime
    detail: str = ""
    closed: bool = False


class StageChanged(Frozen):
    kind: Literal["stage"] = "stage"
    at: datetime
    stage: JourneyStage
    reason: str = ""


class StaffActed(Frozen):
    kind: Literal["staff"] = "staff"
    at: datetime
    action: StaffActionKind
    by: str
    role: Role
    step: str
    accepted: bool
    reason: str


class Incident(Frozen):
    """Something was done against the rules, such as a laser behind a shut gate."""

    kind: Literal["incident"] = "incident"
    at: datetime
    what: str
    step: str


class QuestionsClosed(Frozen):
    """Open questions of these askings no longer wait for an answer."""

    kind: Literal["questions_closed"] = "questions_closed"
    at: datetime
    ask_ids: tuple[str, ...]


Change = Annotated[
    GateChanged | TaskChanged | StageChanged | StaffActed | Incident | QuestionsClosed, Field(discriminator="kind")
]
