"""CloudEvents around the generic webhook's shape, in both modes."""

from typing import Any

import pytest

from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookingEvent, BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import as_json, at

DATA: dict[str, Any] = {
    "booking": {"ref": "b1", "service": "microneedling", "starts_at": "2027-03-04T14:00:00-05:00"},
    "patient": {"id": "p1"},
}
ENVELOPE = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/desk",
    "type": "com.example.booking.booked",
    "time": "2027-03-01T14:00:00Z",
}


def parse(body: bytes, headers: dict[str, str]) -> BookingEvent:
    parsed = ADAPTERS["generic"].parse(RawDelivery(body=body, headers=headers))
    assert isinstance(parsed, tuple)
    (event,) = parsed
    return event


def structured(**changes: Any) -> BookingEvent:
    body = as_json({**ENVELOPE, "datacontenttype": "application/json", "data": DATA} | changes)
    return parse(body, {"Content-Type": "application/cloudevents+json; charset=utf-8"})


def binary(**changes: str) -> BookingEvent:
    headers = {f"ce-{name}": value for name, value in ({**ENVELOPE} | changes).items()}
    return parse(as_json(DATA), headers | {"Content-Type": "application/json"})


@pytest.mark.parametrize("event", [structured(), binary()])
def test_both_modes_say_the_same(event: BookingEvent) -> None:
    """Envelope and data become one event, whose id names the source as well."""
    assert (event.kind, event.booking_ref, event.delivery_id) == (BookingKind.BOOKED, "b1", "/desk#e1")
    assert (event.starts_at, event.occurred_at) == (at("2027-03-04T19:00:00"), at("2027-03-01T14:00:00"))


def test_another_type_is_kept_as_unknown() -> None:
    """An event about something else changes nothing and is no error."""
    assert structured(type="com.example.invoice.paid").kind is BookingKind.UNKNOWN


@pytest.mark.parametrize(
    "changes", [{"data": None}, {"data": "b1"}, {"id": ""}, {"specversion": "9"}, {"time": "yesterday"}, {"type": 5}]
)
def test_a_broken_envelope_is_named(changes: dict[str, Any]) -> None:
    """What the envelope lacks is said, and nothing else escapes."""
    with pytest.raises(BadInputError):
        structured(**changes)
