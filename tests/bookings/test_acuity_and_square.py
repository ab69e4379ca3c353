"""Acuity's and Square's webhooks."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookedPatient, BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import NOW, at, event_of
from tests.bookings.samples import acuity, square


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("scheduled", BookingKind.BOOKED),
        ("appointment.scheduled", BookingKind.BOOKED),
        ("rescheduled", BookingKind.RESCHEDULED),
        ("canceled", BookingKind.CANCELLED),
        ("changed", BookingKind.UNKNOWN),
    ],
)
def test_acuity_says_only_where_to_look(action: str, kind: BookingKind) -> None:
    """Acuity's form becomes a thin event that must be fetched."""
    event = event_of("acuity", urlencode(acuity(action)).encode())
    assert (event.kind, event.booking_ref, event.services, event.hydrated) == (kind, "8800", ("55",), False)


def test_acuity_orders_are_kept() -> None:
    """An order is no appointment, even though it has an id."""
    event = event_of("acuity", urlencode(acuity("order.completed")).encode())
    assert (event.kind, event.booking_ref, event.hydrated) == (BookingKind.UNKNOWN, "", True)


def test_a_second_acuity_reschedule_is_no_copy() -> None:
    """Two reschedules have the same bytes in Acuity, and the second one is still looked at."""
    body = urlencode(acuity("rescheduled")).encode()
    first = ADAPTERS["acuity"].parse(RawDelivery(body=body, received_at=NOW))
    second = ADAPTERS["acuity"].parse(RawDelivery(body=body, received_at=NOW + timedelta(seconds=1)))
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert first[0].delivery_id != second[0].delivery_id
    assert first[0].sequence < second[0].sequence


def test_json_instead_of_a_form_is_refused() -> None:
    """A body without form fields is refused by the field that is missing."""
    with pytest.raises(BadInputError, match="'action' is missing"):
        event_of("acuity", b"{}")


def test_a_square_booking_arrives_with_all_its_services() -> None:
    """Square's booking brings version 0 as a sequence, every segment's service, and the sum of their minutes."""
    event = event_of("square", square())
    assert (event.kind, event.booking_ref, event.delivery_id) == (BookingKind.BOOKED, "zkras0xv0xwswx", "5ed6fe9f-2d0b")
    assert (event.sequence, event.services, event.location) == (0, ("RU3P", "XX9Q"), "LEQ0")
    assert (event.starts_at, event.ends_at) == (at("2027-03-04T19:00:00"), at("2027-03-04T20:00:00"))
    assert (event.patient, event.hydrated) == (BookedPatient(vendor_id="7AX4"), False)


@pytest.mark.parametrize(
    ("status", "kind", "actor"),
    [
        ("PENDING", BookingKind.REQUESTED, None),
        ("ACCEPTED", BookingKind.BOOKED, None),
        ("DECLINED", BookingKind.CANCELLED, "seller"),
        ("CANCELLED_BY_CUSTOMER", BookingKind.CANCELLED, "customer"),
        ("CANCELLED_BY_SELLER", BookingKind.CANCELLED, "seller"),
        ("NO_SHOW", BookingKind.NO_SHOW, None),
        ("COMPLETED", BookingKind.UNKNOWN, None),
    ],
)
def test_square_statuses_have_their_kind(status: str, kind: BookingKind, actor: str | None) -> None:
    """Each status has its kind; Square has no completed, so such a word means nothing."""
    event = event_of("square", square("booking.updated", status, 4))
    assert (event.kind, event.actor) == (kind, actor)
    assert event.sequence == (4 if kind is not BookingKind.UNKNOWN else 0)


def test_a_square_no_show_needs_no_customer() -> None:
    """A no-show of a known booking waits for no call."""
    assert event_of("square", square("booking.updated", "NO_SHOW", 4)).hydrated


def test_other_square_events_are_kept() -> None:
    """Events about other things are kept and change nothing."""
    assert event_of("square", square("customer.updated")).kind is BookingKind.UNKNOWN
