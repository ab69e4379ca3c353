"""SendGrid's event webhook: verified by the vendor's own verifier over the raw bytes, then read."""

import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sendgrid import EventWebhook

from channels.headers import require_secret, required_header
from channels.sendgrid_email import ATTEMPT_ARG, MESSAGE_ID_ARG
from domain.errors import BadInputError, SignatureError
from domain.messages import DeliveryState, DeliveryUpdate, FailureClass

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
MAX_AGE = timedelta(hours=25)
"""SendGrid retries a webhook for 24 hours; one more for a clock that is off."""
CLOCK_SKEW = timedelta(minutes=5)

_ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")

_EVENTS: dict[str, tuple[DeliveryState, FailureClass]] = {
    "processed": (DeliveryState.QUEUED, FailureClass.NONE),
    "deferred": (DeliveryState.SENDING, FailureClass.NONE),
    "delivered": (DeliveryState.DELIVERED, FailureClass.NONE),
    "bounce": (DeliveryState.UNDELIVERED, FailureClass.NUMBER),
    "blocked": (DeliveryState.UNDELIVERED, FailureClass.TRANSIENT),
    "dropped": (DeliveryState.FAILED, FailureClass.UNKNOWN),
    "spamreport": (DeliveryState.DELIVERED, FailureClass.NONE),
    "unsubscribe": (DeliveryState.DELIVERED, FailureClass.NONE),
    "group_unsubscribe": (DeliveryState.DELIVERED, FailureClass.NONE),
}
"""Opens and clicks are left out: machines make them too, so nothing may rest on them."""
_REVOKING = {"spamreport", "unsubscribe", "group_unsubscribe"}
_DROP_REASONS: tuple[tuple[str, FailureClass], ...] = (
    ("unsubscribed", FailureClass.OPTED_OUT),
    ("spam reporting", FailureClass.OPTED_OUT),
    ("bounced", FailureClass.NUMBER),
    ("invalid", FailureClass.NUMBER),
    ("spam content", FailureClass.CONTENT),
)


def verify(
    raw_body: bytes,
    headers: Mapping[str, str],
    public_key: str,
    now: datetime,
    max_age: timedelta = MAX_AGE,
) -> None:
    """Check that SendGrid signed exactly these bytes, and lately.

    `public_key` is the base64 text that SendGrid shows. Raises `SignatureError`; `BadInputError` for a bad key.
    """
    signature = required_header(headers, SIGNATURE_HEADER)
    timestamp = required_header(headers, TIMESTAMP_HEADER)
    verifier = _verifier(public_key)
    try:
        genuine = verifier.verify_signature(raw_body.decode("utf-8"), signature, timestamp)
    except (binascii.Error, UnicodeError):
        genuine = False
    if not genuine:
        raise SignatureError(f"{SIGNATURE_HEADER} does not fit this request")
    _require_fresh(timestamp, now, max_age)


def parse_events(raw_body: bytes) -> list[DeliveryUpdate]:
    """What happened to our messages. Raises `BadInputError` when the body is no array; odd elements are skipped."""
    try:
        events = json.loads(raw_body)
    except ValueError:
        events = None
    if not isinstance(events, list):
        raise BadInputError("the body is not a JSON array of events: is this URL SendGrid's event webhook?")
    return [_update(one) for one in events if isinstance(one, dict) and one.get("event") in _EVENTS]


def _update(event: dict[str, Any]) -> DeliveryUpdate:
    name = str(event["event"])
    blocked = name == "bounce" and event.get("type") == "blocked"
    state, failure = _EVENTS["blocked" if blocked else name]
    failure = _drop_class(event) if name == "dropped" else failure
    attempt = str(event.get(ATTEMPT_ARG, ""))
    message_id = event.get(MESSAGE_ID_ARG)
    return DeliveryUpdate(
        event_id=str(event.get("sg_event_id") or _digest(event)),
        provider_id=str(event.get("sg_message_id", "")).split(".")[0],
        message_id=str(message_id) if message_id else None,
        attempt=int(attempt) if attempt.isdigit() else None,
        state=state,
        failure=failure,
        code=_code(event, failure),
        revokes_consent=name in _REVOKING or failure is FailureClass.OPTED_OUT,
        at=_moment(event.get("timestamp")),
    )


def _drop_class(event: dict[str, Any]) -> FailureClass:
    reason = str(event.get("reason", "")).lower()
    return next((kind for words, kind in _DROP_REASONS if words in reason), FailureClass.UNKNOWN)


def _code(event: dict[str, Any], failure: FailureClass) -> str:
    """The enhanced status alone: reasons are free text and quote addresses."""
    status = str(event.get("status", ""))
    if _ENHANCED_STATUS.fullmatch(status):
        return status
    return "" if failure is FailureClass.NONE else str(event["event"])


def _moment(timestamp: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(timestamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _digest(event: dict[str, Any]) -> str:
    return sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


def _verifier(public_key: str) -> EventWebhook:
    key = require_secret(public_key, "HEALGATE_SENDGRID_PUBLIC_KEY")
    try:
        return EventWebhook(key)
    except ValueError:
        raise BadInputError(
            "HEALGATE_SENDGRID_PUBLIC_KEY is no public key; copy it from SendGrid's event webhook settings"
        ) from None


def _require_fresh(timestamp: str, now: datetime, max_age: timedelta) -> None:
    moment = _moment(timestamp)
    if moment is None or not now - max_age <= moment <= now + CLOCK_SKEW:
        raise SignatureError(f"{TIMESTAMP_HEADER} is too old or not a time; an old webhook may be a replay")
