"""Errors of the domain: each carries whether trying again can help, so nobody has to read its text to decide."""

from datetime import datetime, timedelta
from typing import ClassVar


class HealgateError(Exception):
    """Base of every error that Healgate raises on purpose."""

    retryable: ClassVar[bool] = False


class BadInputError(HealgateError):
    """The caller's input is wrong; `str(error)` says what is wrong and how to mend it. Nothing was changed."""


class NotFoundError(HealgateError):
    """What was named does not exist in this clinic."""


class RefusedError(HealgateError):
    """A person asked for something that the rules do not allow now; `reason` is a short code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SignatureError(HealgateError):
    """A webhook's signature is missing, wrong or too old."""


class StoreUnavailableError(HealgateError):
    """The database did not answer."""

    retryable = True


class LineBusyError(HealgateError):
    """Another question was asked at this number and waits for its answer: one at a time. Nothing was changed."""

    retryable = True

    def __init__(self, free_at: datetime) -> None:
        super().__init__("another question waits for its answer on this phone")
        self.free_at = free_at


class DeliveryError(HealgateError):
    """Base of what can go wrong while a message is handed to a provider.

    `code` is the provider's own code where it gave one. No number, address or text is ever part of the message.
    """

    def __init__(self, code: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{type(self).__name__}({code})")
        self.code = code
        self.retry_after = retry_after


class NotSentError(DeliveryError):
    """Provably not accepted (429, DNS, connect or TLS failure): the same row may be tried again."""

    retryable = True


class OutcomeUnknownError(DeliveryError):
    """The provider may have accepted it (read time-out, reset, 5xx, unreadable answer): never post again blindly."""


class RejectedError(DeliveryError):
    """Base of what the provider refused for good."""


class RecipientUnreachableError(RejectedError):
    """This number or address cannot be reached (invalid, landline, bounced)."""


class OptedOutError(RejectedError):
    """The provider says that the recipient opted out (Twilio 21610): mirror it in the consents."""


class ContentRefusedError(RejectedError):
    """This content cannot be sent (empty, too long, filtered)."""


class ChannelMisconfiguredError(RejectedError):
    """Credentials, sender or permissions are wrong: an alarm for the clinic's admin, not the patient's fault."""


class NotTakenError(HealgateError):
    """A clinic's webhook endpoint did not take an event; the same event may be posted again, a copy is known by its id.

    `code` says why (`http_500`, `timeout`, ...); no address is ever part of the message.
    """

    retryable = True

    def __init__(self, code: str) -> None:
        super().__init__(f"{type(self).__name__}({code})")
        self.code = code


class EndpointGoneError(NotTakenError):
    """The endpoint said that it wants no more events (410)."""

    retryable = False
