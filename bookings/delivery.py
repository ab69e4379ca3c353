"""What arrives at a booking webhook, and what an adapter makes of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from domain.booking import BookingEvent, BookingKind


@dataclass(frozen=True, kw_only=True)
class RawDelivery:
    """One HTTP request of a booking system, exactly as it came."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Any spelling of names; `header()` ignores case."""
    method: str = "POST"
    url: str = ""
    """The webhook's public URL as configured, never rebuilt from the request: some vendors sign it."""
    zone: tzinfo = UTC
    """The clinic's zone, for vendors that write local times without an offset."""
    received_at: datetime | None = None
    """Orders deliveries that carry no time of their own; the same each time a stored delivery is parsed."""

    def header(self, name: str) -> str:
        """The header's value without outer blanks, '' when missing."""
        wanted = name.lower()
        return next((value.strip() for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True)
class Probe:
    """A vendor's test call: answer 2xx, store nothing."""

    why: str


Parsed = tuple[BookingEvent, ...] | Probe

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def body_hash(body: bytes) -> str:
    """Delivery id of vendors that give none: the same bytes are the same delivery."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def thin_delivery_id(raw: RawDelivery) -> str:
    """Delivery id for bodies that only say 'look again'.

    Two reschedules of one appointment have the same bytes there, so the body alone must not make the second a copy;
    a real copy costs one more look at the vendor and changes nothing.
    """
    moment = raw.received_at.isoformat() if raw.received_at else ""
    return body_hash(raw.body + moment.encode())


def milliseconds(moment: datetime | None) -> int:
    """A change time as a sequence, in whole milliseconds since 1970; 0 when there is none."""
    return (moment - _EPOCH) // timedelta(milliseconds=1) if moment else 0


_NEEDS_START = frozenset({BookingKind.REQUESTED, BookingKind.BOOKED, BookingKind.RESCHEDULED})


def lacks_start(event: BookingEvent) -> bool:
    """A complete event of a live appointment without its start, which nobody can plan by."""
    return event.hydrated and event.kind in _NEEDS_START and event.starts_at is None
