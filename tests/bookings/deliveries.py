"""Signed deliveries made by hand from each vendor's documentation, and the adapters' reading of them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookingEvent

NOW = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-clinic"


def mac(key: bytes, *parts: bytes) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def timed_header(secret: str, body: bytes, at: datetime) -> str:
    """`t=...,v1=...`, as Calendly and the generic webhook sign."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={mac(secret.encode(), seconds.encode(), b'.', body).hex()}"


def at(text: str) -> datetime:
    """An ISO time without offset, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def events_of(
    system: str, value: Any, *, headers: Mapping[str, str] | None = None, zone: str = "UTC"
) -> tuple[BookingEvent, ...]:
    """What the system's adapter makes of a JSON delivery (raw bytes are taken as they are)."""
    body = value if isinstance(value, bytes) else as_json(value)
    raw = RawDelivery(body=body, headers=headers or {}, zone=ZoneInfo(zone), received_at=NOW)
    parsed = ADAPTERS[system].parse(raw)
    assert isinstance(parsed, tuple)
    return parsed


def event_of(system: str, value: Any, *, headers: Mapping[str, str] | None = None, zone: str = "UTC") -> BookingEvent:
    """The one event of the delivery."""
    (event,) = events_of(system, value, headers=headers, zone=zone)
    return event
