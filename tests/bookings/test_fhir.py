"""FHIR R4 Appointments by rest-hook."""

from typing import Any

import pytest

from domain.booking import BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import at, event_of, events_of
from tests.bookings.samples import PATIENT, appointment


def test_an_appointment_arrives_with_references() -> None:
    """The resource brings times, one service per concept, and the patient as a reference still to be fetched."""
    event = event_of("fhir", appointment())
    assert (event.kind, event.booking_ref) == (BookingKind.BOOKED, "a1")
    assert (event.starts_at, event.ends_at) == (at("2027-03-04T19:00:00"), at("2027-03-04T20:00:00"))
    assert (event.services, event.location) == (("mn",), "main")
    assert (event.patient.vendor_id, event.hydrated) == ("p1", False)


def test_the_last_change_orders_not_the_version() -> None:
    """meta.lastUpdated orders, down to the millisecond, since a version id is opaque."""
    assert event_of("fhir", appointment()).sequence == 1803909600123


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("proposed", BookingKind.REQUESTED),
        ("pending", BookingKind.REQUESTED),
        ("booked", BookingKind.BOOKED),
        ("arrived", BookingKind.ARRIVED),
        ("checked-in", BookingKind.ARRIVED),
        ("fulfilled", BookingKind.COMPLETED),
        ("cancelled", BookingKind.CANCELLED),
        ("entered-in-error", BookingKind.CANCELLED),
        ("noshow", BookingKind.NO_SHOW),
        ("waitlist", BookingKind.UNKNOWN),
    ],
)
def test_all_ten_statuses_have_their_kind(status: str, kind: BookingKind) -> None:
    """Each of the ten R4 status codes has its kind."""
    assert event_of("fhir", appointment(status)).kind is kind


def test_a_contained_patient_is_enough() -> None:
    """A patient inside the appointment needs no further call."""
    event = event_of("fhir", appointment(contained=[PATIENT]))
    assert (event.patient.phone, event.patient.vendor_id, event.hydrated) == ("+15005550006", "p1", True)


def test_a_contained_id_is_nobodys_identity() -> None:
    """The id of a contained patient holds in its document only, so it never becomes the patient's id."""
    event = event_of("fhir", appointment(contained=[PATIENT], participant=[{"actor": {"reference": "#p1"}}]))
    assert (event.patient.vendor_id, event.patient.email, event.hydrated) == (None, "ana@example.com", True)


@pytest.mark.parametrize("reference", ["Patient/p1", "https://ehr.example/fhir/Patient/p1", "Patient/p1/_history/2"])
def test_references_are_read_in_every_form(reference: str) -> None:
    """A relative, absolute or versioned reference names the same patient."""
    event = event_of("fhir", appointment(participant=[{"actor": {"reference": reference}}]))
    assert event.patient.vendor_id == "p1"


@pytest.mark.parametrize("body", [b"", b"  ", b"{}"])
def test_an_empty_notification_says_search(body: bytes) -> None:
    """A notification without payload becomes a thin event without an id."""
    event = event_of("fhir", body)
    assert (event.kind, event.booking_ref, event.hydrated) == (BookingKind.UNKNOWN, "", False)


@pytest.mark.parametrize(
    ("header", "ref"), [("Appointment/a1", "a1"), ("Patient/p1", ""), ("Appointment/../a", ""), ("x" * 999, "")]
)
def test_a_delete_never_cancels_by_itself(header: str, ref: str) -> None:
    """The unsigned header of a delete is only a place to look, and never more than an id."""
    event = event_of("fhir", b"{}", headers={"x-medplum-deleted-resource": header})
    assert (event.kind, event.booking_ref, event.hydrated) == (BookingKind.UNKNOWN, ref, False)


def test_a_bundle_brings_each_appointment() -> None:
    """A bundle becomes one event per appointment, each with its own delivery id."""
    entries = [{"resource": appointment(id="a1")}, {"resource": PATIENT}, {"resource": appointment(id="a2")}]
    found = events_of("fhir", {"resourceType": "Bundle", "entry": entries})
    assert [event.booking_ref for event in found] == ["a1", "a2"]
    assert len({event.delivery_id for event in found}) == 2


def test_other_resources_are_kept() -> None:
    """A resource that is no appointment is kept and changes nothing."""
    assert event_of("fhir", PATIENT).kind is BookingKind.UNKNOWN


def test_a_proposal_without_a_date_waits() -> None:
    """A proposal may have no date yet: it changes nothing until it has one."""
    assert event_of("fhir", appointment("proposed", start=None)).kind is BookingKind.UNKNOWN


@pytest.mark.parametrize("changes", [{"id": None}, {"start": "2027-03-04"}, {"start": None, "contained": [PATIENT]}])
def test_an_appointment_without_id_or_start_is_refused(changes: dict[str, Any]) -> None:
    """A booked appointment without id or start is refused."""
    with pytest.raises(BadInputError, match=r"id|start"):
        event_of("fhir", appointment(**changes))
