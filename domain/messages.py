"""What goes to a provider and what comes back: plain models that every channel adapter shares.

Bodies and addresses live here, so these models never travel through Temporal.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"


class Frozen(BaseModel):
    """Base of immutable models; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Attachment(Frozen):
    filename: str
    content_type: str
    content: bytes


class SmsMessage(Frozen):
    """One SMS, ready to send. `message_id` is the ledger row's opaque id, `attempt` counts its POSTs from 1."""

    message_id: str
    attempt: int = 1
    clinic_id: str
    to: str
    """E.164."""
    sender: str
    """E.164 number or a Twilio Messaging Service SID (MG...)."""
    body: str
    valid_for_seconds: int | None = None
    """Remaining usefulness; the provider must not deliver later (Twilio: 1 to 36000)."""


class EmailMessage(Frozen):
    """One e-mail to one person, ready to send."""

    message_id: str
    attempt: int = 1
    clinic_id: str
    to: str
    sender: str
    """Plain address."""
    sender_name: str = ""
    reply_to: str | None = None
    subject: str
    text: str
    html: str
    unsubscribe_url: str | None = None
    """https URL that takes an RFC 8058 one-click POST."""
    attachments: tuple[Attachment, ...] = ()


class Receipt(Frozen):
    """The provider accepted the message."""

    provider_id: str
    """Twilio SID; SendGrid X-Message-Id; SMTP Message-ID."""
    status: str = "accepted"
    """The provider's own word (queued, accepted, ...)."""
    segments: int | None = None


class DeliveryState(StrEnum):
    """Where a message is, in the order of `RANK`; a row never goes down in rank."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    READ = "read"


RANK: dict[DeliveryState, int] = {
    DeliveryState.ACCEPTED: 0,
    DeliveryState.QUEUED: 1,
    DeliveryState.SENDING: 2,
    DeliveryState.SENT: 3,
    DeliveryState.DELIVERED: 4,
    DeliveryState.UNDELIVERED: 4,
    DeliveryState.FAILED: 4,
    DeliveryState.CANCELED: 4,
    DeliveryState.READ: 5,
}
"""Callbacks arrive in any order (reference: Twilio's outbound message status guide)."""


class FailureClass(StrEnum):
    """What a provider's error code means for us; `channels/` maps codes to these as data."""

    NONE = "none"
    NUMBER = "number"
    """Permanent for this number or address."""
    CONTENT = "content"
    """Permanent for this content (filtered)."""
    CONFIGURATION = "configuration"
    """The clinic's set-up is wrong; alarm."""
    OPTED_OUT = "opted_out"
    TRANSIENT = "transient"
    """One or two later tries may help, then another channel."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class DeliveryUpdate(Frozen):
    """One normalised status callback or event, or one answer of a look-up."""

    event_id: str
    """De-duplicates: SendGrid sg_event_id; for Twilio SID:status:error_code."""
    provider_id: str
    message_id: str | None = None
    """Our ledger id where the provider gave it back (`?n=`, custom_args)."""
    attempt: int | None = None
    state: DeliveryState
    failure: FailureClass = FailureClass.NONE
    code: str = ""
    revokes_consent: bool = False
    """Spam report, unsubscribe, opt-out: the contact's consent ends."""
    at: datetime | None = None
    """The provider's own time where it gives one, aware."""


class InboundSms(Frozen):
    """A patient's text as a provider handed it over."""

    provider_id: str
    sender: str
    """E.164 of the person who wrote."""
    to: str
    body: str
    media_count: int = 0
    opt_out_type: str | None = None
    """Twilio's OptOutType (STOP, HELP, START) with Advanced Opt-Out."""
    received_at: datetime | None = None


class SentMessage(Frozen):
    """What a provider's listing says about one message it accepted; used to settle unknown outcomes."""

    provider_id: str
    to: str
    body: str
    created_at: datetime
    state: DeliveryState
    code: str = ""
    message_id: str | None = None
    sender: str = ""
