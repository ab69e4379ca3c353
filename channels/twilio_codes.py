"""What Twilio's status words and error codes mean for us, as data.

Source: Twilio's error dictionary and the guide to outbound message status. Twilio says that codes may change:
they are hints, and one that is not listed counts as failed for an unknown reason.
"""

from domain.messages import DeliveryState, FailureClass

ERROR_CLASSES: dict[int, FailureClass] = {
    20003: FailureClass.CONFIGURATION,  # authentication
    20404: FailureClass.CONFIGURATION,  # no such account or resource
    20429: FailureClass.TRANSIENT,  # too many requests, never processed
    21211: FailureClass.NUMBER,  # invalid To
    21212: FailureClass.CONFIGURATION,  # invalid From
    21217: FailureClass.NUMBER,  # not a phone number
    21265: FailureClass.NUMBER,  # To is a short code
    21266: FailureClass.NUMBER,  # To and From are the same
    21408: FailureClass.CONFIGURATION,  # country not allowed
    21602: FailureClass.CONTENT,  # body missing
    21603: FailureClass.CONFIGURATION,  # From missing
    21604: FailureClass.NUMBER,  # To missing
    21606: FailureClass.CONFIGURATION,  # From cannot send SMS
    21609: FailureClass.CONFIGURATION,  # invalid StatusCallback
    21610: FailureClass.OPTED_OUT,
    21612: FailureClass.NUMBER,  # no route from this From to this To
    21614: FailureClass.NUMBER,  # not a mobile number
    21617: FailureClass.CONTENT,  # longer than 1600
    21701: FailureClass.CONFIGURATION,  # no such Messaging Service
    21703: FailureClass.CONFIGURATION,  # Messaging Service without senders
    30001: FailureClass.TRANSIENT,  # queue overflow
    30002: FailureClass.CONFIGURATION,  # account suspended
    30003: FailureClass.TRANSIENT,  # handset unreachable
    30004: FailureClass.NUMBER,  # blocked by the recipient or carrier
    30005: FailureClass.NUMBER,  # unknown destination
    30006: FailureClass.NUMBER,  # landline or unreachable carrier
    30007: FailureClass.CONTENT,  # filtered
    30008: FailureClass.TRANSIENT,  # unknown error
    30010: FailureClass.CONFIGURATION,  # price limit of the account
    30034: FailureClass.CONFIGURATION,  # US 10DLC sender not registered
    30036: FailureClass.EXPIRED,  # validity period over
}

ONE_RECIPIENT = frozenset({21408})
"""Configuration that concerns some recipients alone (their country is not allowed): the channel itself works."""

STATES: dict[str, DeliveryState] = {
    "accepted": DeliveryState.ACCEPTED,
    "scheduled": DeliveryState.ACCEPTED,
    "queued": DeliveryState.QUEUED,
    "sending": DeliveryState.SENDING,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "partially_delivered": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.UNDELIVERED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.CANCELED,
    "read": DeliveryState.READ,
}


def failure_class(code: int | str | None) -> FailureClass:
    """NONE for no code, UNKNOWN for one that is not in the table."""
    if not code:
        return FailureClass.NONE
    return ERROR_CLASSES.get(int(code), FailureClass.UNKNOWN) if str(code).isdigit() else FailureClass.UNKNOWN


def failure_of(state: DeliveryState, code: int | str | None) -> FailureClass:
    """As `failure_class`, but what failed without a code failed for an unknown reason."""
    failed = state in {DeliveryState.FAILED, DeliveryState.UNDELIVERED}
    return FailureClass.UNKNOWN if failed and not code else failure_class(code)


def delivery_state(status: str) -> DeliveryState:
    """A status word that Twilio adds one day ranks lowest, so it never hides a known one."""
    return STATES.get(status.lower(), DeliveryState.ACCEPTED)
