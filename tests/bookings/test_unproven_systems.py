"""Boulevard, Zenoti and Mindbody, from what is published about them."""

from typing import Any

import pytest

from bookings.delivery import Probe, RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookedPatient, BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import as_json, at, event_of, events_of
from tests.bookings.samples import boulevard, mindbody, zenoti


@pytest.mark.parametrize("name", ["APPOINTMENT_RESCHEDULED", "appointment.rescheduled", "appointmentRescheduled"])
def test_boulevards_spellings_are_one(name: str) -> None:
    """Event names are read whatever their case and separators."""
    event = event_of("boulevard", boulevard(name))
    assert (event.kind, event.booking_ref) == (BookingKind.RESCHEDULED, "urn:blvd:Appointment:77")
    assert (event.delivery_id, event.sequence, event.hydrated) == ("5d8c", 1803909600000, False)


def test_boulevards_completed_needs_no_call() -> None:
    """A completed treatment counts at once, without asking the API."""
    event = event_of("boulevard", boulevard("APPOINTMENT_COMPLETED"))
    assert (event.kind, event.hydrated) == (BookingKind.COMPLETED, True)


def test_boulevards_other_events_are_kept() -> None:
    """An event that nobody knows is kept, never refused: a refusal could end the subscription."""
    assert event_of("boulevard", boulevard("CLIENT_CREATED")).kind is BookingKind.UNKNOWN


@pytest.mark.parametrize(
    ("system", "raw"),
    [
        ("boulevard", RawDelivery(body=as_json(boulevard("PING")))),
        ("zenoti", RawDelivery(body=b"")),
        ("mindbody", RawDelivery(body=b"", method="HEAD")),
    ],
)
def test_probes_store_nothing(system: str, raw: RawDelivery) -> None:
    """Each vendor's test call is a probe."""
    assert isinstance(ADAPTERS[system].parse(raw), Probe)


def test_a_zenoti_group_is_one_event_per_appointment() -> None:
    """All appointments of a group share its id, have their own delivery ids, and await the guest's phone."""
    first, second = events_of("zenoti", zenoti("AppointmentGroup.Created"))
    assert (first.booking_ref, second.booking_ref) == ("ap-1", "ap-2")
    assert (first.group_ref, second.group_ref) == ("g-1", "g-1")
    assert (first.delivery_id, second.delivery_id) == ("zn-1", "zn-1#2")
    assert (first.services, second.services) == (("s-1",), ("s-2",))
    assert (first.starts_at, first.kind, first.hydrated) == (at("2027-03-04T19:00:00"), BookingKind.BOOKED, False)


def test_zenotis_local_times_use_the_clinics_zone() -> None:
    """Where only the local time is given, it is read in the clinic's zone."""
    data = {"id": "ap-1", "start_time_in_center": "2027-03-04T14:00:00"}
    event = event_of("zenoti", zenoti("AppointmentGroup.Created", data), zone="America/New_York")
    assert event.starts_at == at("2027-03-04T19:00:00")


@pytest.mark.parametrize("name", ["Appointment Completed", "Appointment.Completed"])
def test_zenotis_completed_counts(name: str) -> None:
    """A completed appointment is one, with either spelling of the event."""
    event = event_of("zenoti", zenoti(name, {"appointment_id": "ap-1"}))
    assert (event.kind, event.booking_ref, event.hydrated) == (BookingKind.COMPLETED, "ap-1", True)


def test_zenotis_status_must_be_looked_up() -> None:
    """A status event says only that something changed."""
    event = event_of("zenoti", zenoti("AppointmentGroup.Status", {"appointment_group_id": "g-1", "status": 4}))
    assert (event.kind, event.group_ref, event.hydrated) == (BookingKind.UNKNOWN, "g-1", False)


def test_zenotis_other_events_are_kept() -> None:
    """An invoice is kept and changes nothing."""
    assert event_of("zenoti", zenoti("Invoice.Closed")).kind is BookingKind.UNKNOWN


def test_a_mindbody_booking_arrives_completely() -> None:
    """Mindbody's booking brings local times in the clinic's zone, and the client's contacts."""
    event = event_of("mindbody", mindbody(), zone="America/New_York")
    assert (event.kind, event.booking_ref, event.services) == (BookingKind.BOOKED, "512", ("40",))
    assert (event.starts_at, event.ends_at) == (at("2027-03-04T19:00:00"), at("2027-03-04T20:00:00"))
    assert event.patient == BookedPatient(
        vendor_id="1000", name="Ana Ruiz", first_name="Ana", phone="5005550006", email="ana@example.com"
    )


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "Confirmed"}, BookingKind.BOOKED),
        ({"status": "No-Show"}, BookingKind.NO_SHOW),
        ({"status": "NoShow"}, BookingKind.NO_SHOW),
        ({"status": "Late Cancelled"}, BookingKind.CANCELLED),
        ({"status": "Completed"}, BookingKind.COMPLETED),
        ({"status": "Booked", "hasArrived": True}, BookingKind.ARRIVED),
        ({"status": None}, BookingKind.BOOKED),
    ],
)
def test_mindbodys_update_is_read_by_its_status(changes: dict[str, Any], kind: BookingKind) -> None:
    """An update is what its status says, in every spelling."""
    assert event_of("mindbody", mindbody("appointmentBooking.updated", **changes)).kind is kind


def test_a_mindbody_cancellation_holds_only_ids() -> None:
    """A cancellation with nothing but ids is complete."""
    body = mindbody("appointmentBooking.cancelled") | {"eventData": {"siteId": 123, "appointmentId": 512}}
    event = event_of("mindbody", body)
    assert (event.kind, event.booking_ref, event.hydrated) == (BookingKind.CANCELLED, "512", True)


@pytest.mark.parametrize("name", ["appointmentAddOn.created", "appointmentBooking.noShow", "sale.created"])
def test_mindbodys_other_events_are_kept(name: str) -> None:
    """Events that are not confirmed to exist, or concern other things, change nothing."""
    assert event_of("mindbody", mindbody(name)).kind is BookingKind.UNKNOWN


def test_a_mindbody_booking_without_start_is_refused() -> None:
    """A booking without a start is refused."""
    with pytest.raises(BadInputError, match="start"):
        event_of("mindbody", mindbody(startDateTime=None))
