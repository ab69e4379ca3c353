"""Ports: what activities need from the outside world. Adapters in channels/, protocols/ and store/ fill them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.booking import BookingEvent
from domain.clinic import Clinic, Webhook
from domain.messages import (
    Channel,
    DeliveryUpdate,
    EmailMessage,
    FailureClass,
    InboundSms,
    Receipt,
    SentMessage,
    SmsMessage,
)
from domain.outward import OutwardEvent, OutwardOutcome
from domain.patient import Consent, Patient
from domain.reconciliation import Reconciliation, Window
from domain.records import (
    AuditEntry,
    Booking,
    Claim,
    InboxRow,
    Link,
    LinkKind,
    MessageRow,
    NewMessage,
    NewQuestion,
    Pause,
    Rendered,
    SkipReason,
    Task,
    TaskCause,
)
from domain.wording import MessageContext, RenderedText


class SmsSender(Protocol):
    """Hands one SMS to a provider: one POST, never a retry inside.

    Raises a subclass of `domain.errors.DeliveryError`; nothing else may escape.
    """

    async def send(self, message: SmsMessage) -> Receipt: ...

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """Messages that the provider accepted for `to` since then; settles unknown outcomes.

        Raises `NotSentError` when the provider cannot be asked now.
        """
        ...


class EmailSender(Protocol):
    """Hands one e-mail to a provider: one POST, never a retry inside. Raises like `SmsSender`."""

    async def send(self, message: EmailMessage) -> Receipt: ...

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """As for SMS; an adapter that cannot look up answers with nothing."""
        ...


class Wording(Protocol):
    """Renders message templates by key, channel and locale."""

    def render(self, key: str, channel: Channel, context: MessageContext, locale: str) -> RenderedText: ...


class Clinics(Protocol):
    async def get(self, clinic_id: str) -> Clinic: ...

    async def all(self) -> list[Clinic]: ...


class Patients(Protocol):
    async def get(self, clinic_id: str, patient_id: str) -> Patient: ...


class Bookings(Protocol):
    async def by_id(self, booking_id: str) -> Booking: ...

    async def of_patient(self, clinic_id: str, patient_id: str) -> list[Booking]: ...

    async def between(self, clinic_id: str, source: str, since: datetime, until: datetime) -> list[Booking]: ...

    async def by_refs(self, clinic_id: str, source: str, refs: Collection[str]) -> list[Booking]: ...


class BookingLists(Protocol):
    """Booking systems asked for what they know. Raises `HealgateError`s that say whether asking again can help."""

    def can_list(self, clinic: Clinic, source: str) -> bool: ...

    async def between(self, clinic: Clinic, source: str, window: Window) -> Sequence[BookingEvent]:
        """Every booking that starts in the window, cancelled ones too; all of them or an error."""
        ...

    async def changed_since(self, clinic: Clinic, source: str, since: datetime) -> Sequence[BookingEvent]: ...

    async def one(self, clinic: Clinic, source: str, ref: str) -> BookingEvent | None:
        """The booking as it stands now; None when the system does not know it any more."""
        ...


class Reconciliations(Protocol):
    async def get(self, clinic_id: str, source: str, now: datetime) -> Reconciliation: ...

    async def note(self, clinic_id: str, source: str, **changes: datetime | None) -> None: ...


class Consents(Protocol):
    async def status(self, clinic_id: str, channel: Channel, address: str, purpose: str = "care") -> Consent | None: ...

    async def record(self, consent: Consent) -> None: ...


class Ledger(Protocol):
    """The send-once ledger (docs/send-once.md): only a claim may be posted, once."""

    async def open(self, new: NewMessage) -> MessageRow: ...

    async def claim(
        self,
        message_id: str,
        rendered: Rendered,
        *,
        now: datetime,
        lease: timedelta,
        question: NewQuestion | None = None,
    ) -> Claim | None: ...

    async def still_mine(self, claim: Claim, now: datetime) -> bool: ...

    async def accepted(self, claim: Claim, receipt: Receipt, now: datetime) -> bool: ...

    async def rejected(self, claim: Claim, code: str, failure: FailureClass, now: datetime) -> bool: ...

    async def give_back(self, claim: Claim, code: str, now: datetime) -> bool: ...

    async def unknown(self, claim: Claim, code: str, now: datetime) -> bool: ...

    async def skip(
        self,
        message_id: str,
        reason: SkipReason,
        now: datetime,
        rendered: Rendered | None = None,
        replaced_by: str | None = None,
    ) -> bool: ...

    async def merged_under(self, merge_key: str) -> list[MessageRow]: ...

    async def expire_leases(self, now: datetime) -> int: ...

    async def count_claimed(self, channel: Channel, since: datetime) -> int: ...

    async def by_provider_id(self, provider_id: str) -> MessageRow | None: ...

    async def accepted_between(self, channel: Channel, since: datetime, until: datetime) -> list[MessageRow]: ...

    async def count_sent(self, clinic_id: str, patient_id: str, since: datetime) -> int: ...

    async def texted_since(self, clinic_id: str, to: str, touchpoint: str, since: datetime) -> list[str]: ...


class Pauses(Protocol):
    async def get(self, clinic_id: str, channel: Channel) -> Pause | None: ...

    async def put(self, pause: Pause) -> None: ...


class SmsArchive(Protocol):
    """What a provider remembers. Raises `NotSentError` when it cannot be asked now."""

    async def list_outbound(self, since: datetime) -> Sequence[SentMessage]:
        """Everything that the account sent since then, oldest first."""
        ...

    async def list_inbound(self, since: datetime, to: str | None = None) -> Sequence[InboundSms]:
        """What patients wrote (to that number), oldest first."""
        ...

    async def status(self, provider_id: str) -> DeliveryUpdate: ...


class Links(Protocol):
    async def create(
        self,
        kind: LinkKind,
        *,
        clinic_id: str,
        patient_id: str,
        now: datetime,
        journey_id: str | None = None,
        data: dict[str, str] | None = None,
        expires_at: datetime | None = None,
        reuse: bool = False,
    ) -> Link: ...


class Tasks(Protocol):
    async def open(self, task: Task) -> tuple[Task, bool]: ...

    async def close(
        self, clinic_id: str, scope: str, cause: TaskCause, *, outcome: str, by: str, now: datetime
    ) -> Task | None: ...

    async def get(self, task_id: str) -> Task: ...

    async def open_below(self, clinic_id: str, scope: str) -> list[Task]: ...


class Audit(Protocol):
    async def append(self, entries: Sequence[AuditEntry]) -> None: ...


class Journeys(Protocol):
    async def project(
        self,
        journey_id: str,
        *,
        stage: str,
        gates: dict[str, Any],
        ended_at: datetime | None = None,
        outcome: str | None = None,
    ) -> None: ...


class Questions(Protocol):
    async def close_of_ask(self, journey_id: str, ask_id: str, now: datetime) -> None: ...

    async def close_of_journey(self, journey_id: str, now: datetime) -> None: ...


class Inbox(Protocol):
    async def get(self, row_id: str) -> InboxRow: ...

    async def put(self, row: InboxRow) -> bool: ...

    async def is_waiting(self, clinic_id: str, key: str) -> bool: ...

    async def last_arrival(self, clinic_id: str, source: str) -> datetime | None: ...

    async def arrivals(self, clinic_id: str, source: str, since: datetime) -> list[datetime]: ...


class OutwardSender(Protocol):
    """Posts one event to a clinic's endpoint, signed: one POST, never a retry inside.

    Raises `NotTakenError`, or `EndpointGoneError` where the endpoint wants no more; nothing else may escape.
    """

    async def send(self, webhook: Webhook, event: OutwardEvent) -> None: ...


class Outbox(Protocol):
    """Outward events, stored with the change that they tell of."""

    async def get(self, event_id: str) -> OutwardEvent: ...

    async def failed(self, event_id: str, code: str) -> None: ...

    async def settle(self, event_id: str, outcome: OutwardOutcome, now: datetime) -> None: ...

    async def is_switched_off(self, clinic_id: str, endpoint: str) -> bool: ...

    async def switch_off(self, clinic_id: str, endpoint: str, now: datetime) -> None: ...
