"""What the store keeps about bookings, journeys, messages and work, as plain models.

Rows hold identifiers and texts, so none of these models travels through Temporal.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.booking import BookingKind, Treatment
from domain.messages import Channel, DeliveryState, FailureClass, Frozen


class BookingStatus(StrEnum):
    REQUESTED = "requested"
    BOOKED = "booked"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


STATUS_OF = {
    BookingKind.REQUESTED: BookingStatus.REQUESTED,
    BookingKind.BOOKED: BookingStatus.BOOKED,
    BookingKind.RESCHEDULED: BookingStatus.BOOKED,
    BookingKind.CANCELLED: BookingStatus.CANCELLED,
    BookingKind.ARRIVED: BookingStatus.ARRIVED,
    BookingKind.COMPLETED: BookingStatus.COMPLETED,
    BookingKind.NO_SHOW: BookingStatus.NO_SHOW,
    BookingKind.NO_SHOW_CLEARED: BookingStatus.BOOKED,
}
"""What an event makes of its appointment; a kind that is missing here changes nothing."""


PART = "\u241f"
"""Between a ref and the treatment, where one appointment has several: a sign that stands in no vendor's ids."""


class Booking(Frozen):
    """One appointment: the newest truth about it."""

    id: str
    clinic_id: str
    source: str
    ref: str
    sequence: int
    """Grows with every change that counts: the vendor's own, plus `sequence_base`."""
    sequence_base: int = 0
    """What is added to the vendor's sequence, since an appointment that got a new ref may be counted from 0 again."""
    status: BookingStatus
    treatment: Treatment | None
    starts_at: datetime
    ends_at: datetime | None = None
    location: str | None = None
    patient_id: str | None = None
    journey_id: str | None = None
    group_ref: str | None = None
    cancelled_at: datetime | None = None
    """When it was cancelled, by the vendor's word, else when we heard of it."""
    made_at: datetime | None = None
    """When what we first heard of it happened: mostly its booking."""
    treated_at: datetime | None = None
    """When the treatment was done, as staff recorded it."""

    @property
    def visit_ref(self) -> str:
        """The booking system's own ref of the appointment."""
        return self.ref.partition(PART)[0]

    @property
    def vendor_sequence(self) -> int:
        """The booking system's own version of the appointment, under the ref that it has now."""
        return self.sequence - self.sequence_base

    @property
    def done_at(self) -> datetime | None:
        """When the treatment was done, as staff recorded it or as the booking system says."""
        return self.treated_at or (self.starts_at if self.status is BookingStatus.COMPLETED else None)


class JourneyRecord(Frozen):
    """The read model of one journey."""

    id: str
    clinic_id: str
    patient_id: str
    workflow_id: str
    protocol_id: str
    protocol_version: str
    starting_ref: str
    """`source:booking_ref` (or `staff:<request id>`); unique per clinic, so one booking starts one journey."""
    stage: str = "reserved"
    gates: dict[str, Any] = {}
    """Step id -> {state, reasons, opens_on, by}."""
    created_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None


class MessageState(StrEnum):
    """Where a ledger row is (send-once protocol, docs/send-once.md)."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NEEDS_REVIEW = "needs_review"
    SKIPPED = "skipped"
    EXPIRED = "expired"


class SkipReason(StrEnum):
    """Why a message was not sent."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    QUIET_HOURS = "quiet_hours"
    BOOKING_CHANGED = "booking_changed"
    EXPIRED = "expired"
    SHADOW = "shadow"
    CAP = "cap"
    GATE_SHUT = "gate_shut"
    SUPERSEDED = "superseded"
    BEFORE_GO_LIVE = "before_go_live"


class NewMessage(Frozen):
    """What is known of a message before it is rendered."""

    key: str
    """`<scope>:<touchpoint>:<step>:<occurrence>:<channel>`; unique; never holds a version or an attempt."""
    clinic_id: str
    journey_id: str | None
    patient_id: str | None
    touchpoint: str
    step: str = ""
    occurrence: int = 1
    channel: Channel
    due_at: datetime
    expires_at: datetime | None = None
    resends: int = 0
    """0: at most once; k: at most 1 + k POSTs may be accepted."""
    merge_key: str | None = None
    """Shared by messages of one patient about different treatments at the same moment: one of them is sent for all."""


class MessageRow(NewMessage):
    """One ledger row."""

    id: str
    state: MessageState
    reason: str | None = None
    """A SkipReason, or the provider's code of a rejection or failed delivery."""
    attempt: int = 0
    """Counts the claims; it fences off the answers of earlier ones."""
    resent: int = 0
    """How many of `resends` are used."""
    to: str | None = None
    subject: str | None = None
    body: str | None = None
    body_html: str | None = None
    content_hash: str | None = None
    template_version: str | None = None
    consent_wording: str | None = None
    segments: int | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str | None = None
    evidence: str | None = None
    delivery: DeliveryState | None = None
    failure: FailureClass = FailureClass.NONE
    delivery_at: datetime | None = None
    conflicting: bool = False
    """The provider reported different final states; the worst one counts."""
    treatments: str | None = None
    """Codes of the treatments that it speaks of, with commas; of aftercare alone."""
    replaced_by: str | None = None
    """Id of the row whose message says this one's as well (reason `superseded`)."""

    def may_be_resent(self, now: datetime) -> bool:
        """Whether another POST is allowed, should nobody find out what became of the last one."""
        return self.resent < self.resends and (self.expires_at is None or self.expires_at > now)

    @property
    def is_of_journey(self) -> bool:
        """Sent by the journey itself; safety texts and pages name it, too, but the safety workflow sends them."""
        return self.journey_id is not None and self.key.startswith(f"{self.journey_id}:")


class Rendered(Frozen):
    """The text of one message, as it will be sent."""

    to: str
    body: str
    subject: str | None = None
    body_html: str | None = None
    content_hash: str
    template_version: str
    segments: int | None = None
    consent_wording: str = ""
    treatments: str | None = None


class NewQuestion(Frozen):
    """An open question, committed together with the claim of the message that asks it."""

    clinic_id: str
    phone: str
    patient_id: str
    journey_id: str
    question: str
    """A domain.replies.Question value."""
    touchpoint: str
    step: str
    ask_id: str
    """Names this asking inside the journey; the journey's answer carries it back."""
    opened_at: datetime


class FollowUpQuestion(NewQuestion):
    """It follows on the phone's own text, so it need not wait until other questions of this phone are answered."""


class OpenQuestion(NewQuestion):
    id: str
    message_id: str | None = None
    closed_at: datetime | None = None


class InboxState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    POISON = "poison"


class InboxRow(Frozen):
    """One stored webhook delivery (or polled item), raw."""

    id: str
    clinic_id: str
    source: str
    """`twilio`, `page`, or `booking:<source name>`."""
    delivery_id: str
    key: str
    """One row in flight per key: `phone:<E.164>` or `booking:<source>:<ref>`."""
    body: bytes
    headers: dict[str, str] = {}
    received_at: datetime
    state: InboxState = InboxState.PENDING
    attempts: int = 0
    next_try_at: datetime
    error: str | None = None


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    NEXT_WORKING_DAY = "next_working_day"
    INFORMATION = "information"


class TaskCause(StrEnum):
    NO_REPLY = "no_reply"
    OPTED_OUT = "opted_out"
    RED_FLAG = "red_flag"
    CONCERN = "concern"
    HOLD = "hold"
    REVIEW = "review"
    TOO_EARLY = "too_early"
    SAME_VISIT = "same_visit"
    NO_SHOW = "no_show"
    NOT_RECORDED = "not_recorded"
    UNREADABLE = "unreadable"
    QUESTION = "question"
    GATE_SHUT = "gate_shut"
    UNREACHABLE = "unreachable"
    INCIDENT = "incident"
    LATE_MESSAGE = "late_message"


class Task(Frozen):
    """Work for staff. At most one open task per scope and cause."""

    id: str
    clinic_id: str
    scope: str
    """`journey:<id>`, `message:<id>`, `reply:<id>`, `booking:<id>`, ...: with the cause it names the one open task."""
    journey_id: str | None = None
    patient_id: str | None = None
    cause: TaskCause
    urgency: Urgency
    due: datetime
    detail: dict[str, Any] = {}
    opened_at: datetime
    owner: str | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    closed_by: str | None = None


class AuditEntry(Frozen):
    """One line of what happened: append-only; the timeline of a journey is made of these."""

    id: int = 0
    clinic_id: str
    journey_id: str | None = None
    at: datetime
    kind: str
    """message.sent, message.skipped, reply, gate, task, page, booking, staff, journey, ..."""
    actor: str
    """`rule:<id>`, `staff:<name>`, `patient`, `provider`, `system`."""
    data: dict[str, Any] = {}
    dedupe: str | None = None
    """Unique where given: writing the same entry again changes nothing."""


class LinkKind(StrEnum):
    CHECK_IN = "check_in"
    CARE = "care"
    INTAKE = "intake"
    UNSUBSCRIBE = "unsubscribe"


class Link(Frozen):
    """A random 16-character token that stands in a patient's link."""

    token: str
    kind: LinkKind
    clinic_id: str
    patient_id: str
    journey_id: str | None = None
    data: dict[str, str] = {}
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Claim(Frozen):
    """The right to make one POST for a ledger row."""

    row: MessageRow
    fence: int
    """The row's attempt at the claim: an answer counts only while nobody has claimed the row again."""


class Pause(Frozen):
    """A channel of a clinic rests: nothing is sent on it until then."""

    clinic_id: str
    channel: Channel
    since: datetime
    until: datetime
    why: str
    """The provider's code, or `too_many`."""
    trips: int = 1
    """How often in a row."""


class CallbackEffect(Frozen):
    """What a delivery update did."""

    row: MessageRow | None
    """None: no row knows this message (an orphan)."""
    changed: bool = False
    duplicate_provider_id: bool = False
    """The provider has a second message for a row: alarm."""
    newly_failed: bool = False
    """The row's delivery failed just now, and had not failed before."""


class Applied(Frozen):
    """What a booking event did to the newest truth about its appointment."""

    previous: Booking | None
    current: Booking
    stale: bool = False

    @property
    def changed(self) -> bool:
        return self.previous != self.current


class Backlog(Frozen):
    """What waits in the inbox."""

    count: int
    oldest_age: timedelta
    """Zero when nothing waits."""
