"""What Twilio accepts, refuses, and answers by itself, as data and small checks.

Sources: Twilio's Message resource, error dictionary, test credentials page, support articles on opt-out keywords.
"""

import re
from typing import NamedTuple

E164 = re.compile(r"\+[1-9]\d{6,14}")
LONGEST_BODY = 1600

_MAGIC_PREFIX = "+1500555"
_REFUSED_RECIPIENTS = {
    "0001": (21211, "Invalid 'To' Phone Number"),
    "0002": (21612, "The 'To' phone number is not currently reachable using the 'From' phone number"),
    "0004": (21610, "Attempt to send to unsubscribed recipient"),
    "0009": (21614, "'To' number is not a valid mobile number"),
}
_FATES = {
    "0003": ("undelivered", 30003),
    "0005": ("undelivered", 30005),
    "0007": ("undelivered", 30007),
    "0034": ("failed", 30034),
}

STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
START_WORDS = {"start", "yes", "unstop"}
HELP_WORDS = {"help", "info"}


class TwilioError(Exception):
    """Answered in Twilio's shape: {code, message, more_info, status}."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, object]:
        """The JSON that Twilio answers."""
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more_info, "status": self.status}


class AutoReply(NamedTuple):
    """What Twilio does with an opt-out keyword. `kind` is its OptOutType."""

    kind: str
    text: str


_STOP = AutoReply(
    "STOP",
    "You have successfully been unsubscribed. You will not receive any more messages from this number."
    " Reply START to resubscribe.",
)
_START = AutoReply(
    "START",
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help."
    " Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
)
_HELP = AutoReply("HELP", "Reply STOP to unsubscribe. Msg&Data Rates May Apply.")


def keyword(body: str) -> AutoReply | None:
    """Only a message that is one keyword counts, in any case."""
    word = body.strip().lower()
    if word in STOP_WORDS:
        return _STOP
    if word in START_WORDS:
        return _START
    return _HELP if word in HELP_WORDS else None


def check_order(fields: dict[str, str]) -> None:
    """Raises `TwilioError` 400 for a message that Twilio would not take, in Twilio's order."""
    to, sender = fields.get("To", ""), fields.get("From", "")
    if not sender and not fields.get("MessagingServiceSid"):
        raise TwilioError(400, 21603, "A 'From' phone number is required.")
    if not to:
        raise TwilioError(400, 21604, "A 'To' phone number is required.")
    if not fields.get("Body") and not fields.get("MediaUrl"):
        raise TwilioError(400, 21602, "Message body is required.")
    if len(fields.get("Body", "")) > LONGEST_BODY:
        raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if not E164.fullmatch(to):
        raise TwilioError(400, 21211, "Invalid 'To' Phone Number")
    if sender and not E164.fullmatch(sender):
        raise TwilioError(400, 21212, "The 'From' number is not a valid phone number.")
    if sender == to:
        raise TwilioError(400, 21266, "'To' and 'From' number cannot be the same")
    _check_options(fields)
    _check_recipient(to)


def fate(to: str) -> tuple[str, int | None]:
    """How a message to this number ends: status and error code. Magic numbers fail, all others are delivered."""
    return _FATES.get(_magic(to), ("delivered", None))


def _check_options(fields: dict[str, str]) -> None:
    validity = fields.get("ValidityPeriod", "1")
    if not validity.isdigit() or not 1 <= int(validity) <= 36_000:
        raise TwilioError(400, 20001, "ValidityPeriod must be between 1 and 36000")
    callback = fields.get("StatusCallback", "")
    host = re.match(r"https?://([^/?#]+)", callback)
    if callback and (host is None or "_" in host[1]):
        raise TwilioError(400, 21609, "The 'StatusCallback' URL is not a valid URL.")


def _check_recipient(to: str) -> None:
    refusal = _REFUSED_RECIPIENTS.get(_magic(to))
    if refusal:
        raise TwilioError(400, *refusal)


def _magic(to: str) -> str:
    return to.removeprefix(_MAGIC_PREFIX) if to.startswith(_MAGIC_PREFIX) else ""
