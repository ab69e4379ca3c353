"""What holds for every booking system, whatever bytes arrive."""

import contextlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.delivery import Probe, RawDelivery
from bookings.registry import ADAPTERS
from bookings.schemes import SCHEMES
from domain.errors import BadInputError
from tests.bookings import samples
from tests.bookings.deliveries import NOW

BROKEN = (
    b"{",
    b"\xff\xfe{}",
    b"null",
    b'{"id": NaN}',
    b'{"id": ' + b"9" * 5000 + b"}",
    b'{"a":' * 20000,
    b"[" * 20000 + b"]" * 20000,
    b'{"id": "' + b"x" * 1_100_000 + b'"}',
    b"a=1&" * 5000,
    b"%00=%ff&id=%00",
)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    1.5,
    "",
    "\u0000",
    "\ud800",
    "x" * 70000,
    [],
    {},
    [[]],
    {"id": []},
    "2027-01-01",
)


def check(system: str, body: bytes) -> None:
    """Parsing ends in events, a probe, or a BadInputError; anything else fails the test."""
    with contextlib.suppress(BadInputError):
        parsed = ADAPTERS[system].parse(RawDelivery(body=body, received_at=NOW))
        assert isinstance(parsed, Probe) or all(len(event.booking_ref) <= 255 for event in parsed)


def encode(system: str, value: Any) -> bytes:
    if system != "acuity":
        return json.dumps(value).encode()
    return urlencode(value if isinstance(value, dict) else {"id": str(value)}, errors="replace").encode()


def replaced(value: Any, choose: Callable[[], bool], odd: Callable[[], Any]) -> Any:
    """A copy of a delivery with some of its values replaced."""
    if choose():
        return odd()
    if isinstance(value, dict):
        return {key: replaced(item, choose, odd) for key, item in value.items()}
    return [replaced(item, choose, odd) for item in value] if isinstance(value, list) else value


def test_every_system_has_a_scheme_and_samples() -> None:
    """Each adapter has its row in the signature table and deliveries to test it with."""
    assert set(ADAPTERS) <= set(SCHEMES)
    assert set(ADAPTERS) == set(samples.BY_SYSTEM)


@pytest.mark.parametrize("system", ADAPTERS)
@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_broken_bytes_never_crash(system: str, body: bytes) -> None:
    """Broken, huge and deeply nested bodies end in a clear refusal or an unknown event."""
    check(system, body)


@pytest.mark.parametrize("system", ADAPTERS)
def test_a_doubled_delivery_has_the_same_id(system: str) -> None:
    """The same bytes twice give the same delivery ids, and two events of one delivery differ in theirs."""
    for sample in samples.BY_SYSTEM[system]:
        raw = RawDelivery(body=encode(system, sample), received_at=NOW)
        first, second = ADAPTERS[system].parse(raw), ADAPTERS[system].parse(raw)
        assert isinstance(first, tuple)
        assert first == second
        assert len({event.delivery_id for event in first}) == len(first)


@pytest.mark.slow
@pytest.mark.parametrize("system", ADAPTERS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_odd_values_anywhere_never_crash(system: str, data: st.DataObject) -> None:
    """A real delivery with any of its values replaced by something odd parses or is refused."""
    sample = data.draw(st.sampled_from(samples.BY_SYSTEM[system]))
    places = data.draw(st.lists(st.integers(0, 9), min_size=60, max_size=60))
    numbers = iter(places * 10)
    odd = st.sampled_from(range(len(ODD)))
    check(system, encode(system, replaced(sample, lambda: next(numbers) == 0, lambda: ODD[data.draw(odd)])))


@pytest.mark.parametrize("system", ADAPTERS)
@given(body=st.binary(max_size=200))
def test_any_bytes_never_crash(system: str, body: bytes) -> None:
    """Any bytes parse or are refused."""
    check(system, body)


@pytest.mark.parametrize(
    ("system", "sample"),
    [
        ("calcom", samples.calcom("BOOKING_CANCELLED") | {"createdAt": None}),
        ("calendly", samples.calendly("invitee.canceled") | {"created_at": None}),
        ("boulevard", samples.boulevard("APPOINTMENT_CANCELLED") | {"timestamp": None}),
        ("zenoti", samples.zenoti("AppointmentGroup.Created") | {"event_timestamp": None}),
        ("mindbody", samples.mindbody() | {"eventInstanceOriginationDateTime": None}),
    ],
)
def test_without_a_time_the_arrival_orders(system: str, sample: Any) -> None:
    """A delivery without a time of change counts as of its arrival, so that it is not taken for a stale one."""
    parsed = ADAPTERS[system].parse(RawDelivery(body=encode(system, sample), received_at=NOW))
    assert isinstance(parsed, tuple)
    assert parsed[0].sequence == 1803909600000
