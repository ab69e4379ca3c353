"""The generic booking webhook."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import as_json, at


def body(**changes: Any) -> dict[str, Any]:
    """The example of docs/booking-systems/generic.md, with changes."""
    return {
        "id": "evt_1",
        "type": "booking.booked",
        "occurred_at": "2027-03-01T09:00:00-05:00",
        "booking": {
            "ref": "b1",
            "service": "microneedling",
            "starts_at": "2027-03-04T14:00:00-05:00",
            "ends_at": "2027-03-04T15:00:00-05:00",
        },
        "patient": {
            "id": "p1",
            "first_name": "Ana",
            "last_name": "Ruiz",
            "phone": "+15005550006",
            "email": "ana@example.com",
            "timezone": "America/New_York",
            "locale": "en",
            "birth_date": "1990-01-31",
        },
    } | changes


def booking(**changes: Any) -> dict[str, Any]:
    return body(booking=body()["booking"] | changes)


def parse(value: Any) -> BookingEvent:
    parsed = ADAPTERS["generic"].parse(RawDelivery(body=value if isinstance(value, bytes) else as_json(value)))
    assert isinstance(parsed, tuple)
    (event,) = parsed
    return event


def test_the_documented_example_becomes_an_event() -> None:
    """Every field of the documented example arrives in the event."""
    assert parse(body()) == BookingEvent(
        source="generic",
        delivery_id="evt_1",
        booking_ref="b1",
        sequence=1803909600000,
        kind=BookingKind.BOOKED,
        starts_at=at("2027-03-04T19:00:00"),
        ends_at=at("2027-03-04T20:00:00"),
        services=("microneedling",),
        patient=BookedPatient(
            vendor_id="p1",
            name="Ana Ruiz",
            first_name="Ana",
            phone="+15005550006",
            email="ana@example.com",
            timezone="America/New_York",
            locale="en",
            birth_date="1990-01-31",
        ),
        occurred_at=at("2027-03-01T14:00:00"),
    )


@pytest.mark.parametrize("kind", [kind for kind in BookingKind if kind is not BookingKind.UNKNOWN])
def test_every_kind_has_its_type(kind: BookingKind) -> None:
    """Each kind of event is written as booking.<kind>."""
    assert parse(body(type=f"booking.{kind.value}")).kind is kind


def test_an_unknown_type_is_kept_and_changes_nothing() -> None:
    """A type that nobody knows becomes an unknown event, even without a booking."""
    event = parse({"id": "evt_2", "type": "invoice.paid"})
    assert (event.kind, event.delivery_id, event.booking_ref) == (BookingKind.UNKNOWN, "evt_2", "")


def test_a_cancellation_needs_only_the_booking() -> None:
    """A cancellation without patient, service and times is complete."""
    event = parse({"id": "e", "type": "booking.canceled", "occurred_at": "2027-03-01T09:00:00Z", "booking": {"ref": 7}})
    assert (event.kind, event.booking_ref) == (BookingKind.CANCELLED, "7")


def test_a_given_sequence_wins_over_the_time() -> None:
    """The system's own version orders the events where it gives one, zero included."""
    assert parse(booking(sequence=0)).sequence == 0


def test_several_services_stay_apart() -> None:
    """A visit with two treatments keeps both, in order."""
    assert parse(booking(services=["microneedling", "laser_ipl"])).services == ("microneedling", "laser_ipl")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "object"),
        (body(id=None), "'id'"),
        (body(id="a\u0000b"), "'id'"),
        (body(id="x" * 256), "'id'"),
        (body(type=None), "'type'"),
        (body(occurred_at=None), "'occurred_at'"),
        (body(occurred_at="yesterday"), "'occurred_at'"),
        (body(booking=None), "'booking.ref'"),
        (body(booking=[]), "'booking'"),
        (booking(ref=True), "'booking.ref'"),
        (booking(ref="\ud800"), "'booking.ref'"),
        (booking(sequence=-1), "'booking.sequence'"),
        (booking(sequence=10**30), "'booking.sequence'"),
        (booking(starts_at=None), "'booking.starts_at'"),
        (booking(starts_at="2027-03-04T14:00:00"), "'booking.starts_at'"),
        (booking(starts_at="2027-03-04"), "'booking.starts_at'"),
        (booking(starts_at="0001-01-01T00:00:00+23:59"), "'booking.starts_at'"),
        (booking(starts_at=1), "'booking.starts_at'"),
        (booking(ends_at="2027-03-04T13:00:00-05:00"), "'booking.ends_at'"),
        (booking(service=None), "'booking.service'"),
        (booking(services=[None]), "'booking.services.0'"),
        (body(patient={}), "'patient'"),
        (body(patient="Ana"), "'patient'"),
        (body(patient={"id": "p1", "first_name": 5}), "'patient.first_name'"),
        (body(patient={"id": "p1", "birth_date": "31/01/1990"}), "'patient.birth_date'"),
    ],
)
def test_what_is_wrong_is_named(value: Any, field: str) -> None:
    """A bad or missing field is refused with its full name."""
    with pytest.raises(BadInputError, match=field):
        parse(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"id=1&type=booking.booked",
        b"\xff\xfe{}",
        b'{"id": NaN}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b'{"a":' * 20000,
        b"[" * 20000 + b"]" * 20000,
        b'{"id": "' + b"x" * 1_100_000 + b'"}',
        b'{"id": "evt\x00"}',
    ],
)
def test_broken_bodies_get_a_clear_answer(raw: bytes) -> None:
    """Bodies that are no JSON, too large, too deep or in another encoding are refused, never a crash."""
    with pytest.raises(BadInputError):
        parse(raw)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b'{"id": "evt_1", "type": "x", "extra": NaN}', "not valid JSON"),
        (as_json({"id": "evt_1", "type": "x", "extra": "x" * 1_100_000}), "more than 1048576 bytes"),
    ],
)
def test_fields_that_nobody_reads_are_checked_too(raw: bytes, complaint: str) -> None:
    """NaN and a huge body are refused wherever they stand, since other readers of the stored body choke on them."""
    with pytest.raises(BadInputError, match=complaint):
        parse(raw)


def test_unstorable_characters_leave_a_name() -> None:
    """An escaped NUL or half a surrogate pair in a name is dropped, since databases refuse both."""
    patient = {"id": "p1", "first_name": "A\u0000n\ud800a"}
    assert parse(body(patient=patient)).patient.first_name == "Ana"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("2027-03-04T14:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(body())), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_any_json_parses_or_is_refused(value: Any) -> None:
    """Any JSON becomes an event or a BadInputError."""
    changed = body(**value) if isinstance(value, dict) else value
    with contextlib.suppress(BadInputError):
        assert parse(changed).source == "generic"
