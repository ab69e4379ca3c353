"""Cal.com's webhooks."""

from typing import Any

import pytest

from bookings.delivery import Probe, RawDelivery
from bookings.registry import ADAPTERS
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import BadInputError
from tests.bookings.deliveries import as_json, at, event_of
from tests.bookings.samples import CALCOM_NO_SHOW, CALCOM_PAYLOAD, calcom

UID = CALCOM_PAYLOAD["uid"]


def test_a_booking_arrives_completely() -> None:
    """BOOKING_CREATED becomes a booked event with times, service, and the phone that the form asked for."""
    assert event_of("calcom", calcom("BOOKING_CREATED")) == BookingEvent(
        source="calcom",
        delivery_id=f"BOOKING_CREATED:{UID}:2027-03-01T14:00:00.000Z",
        booking_ref=UID,
        sequence=1803909600000,
        kind=BookingKind.BOOKED,
        starts_at=at("2027-03-04T19:00:00"),
        ends_at=at("2027-03-04T20:00:00"),
        services=("microneedling-60",),
        location="12 Main St",
        patient=BookedPatient(
            name="Ana Ruiz",
            phone="+15005550006",
            email="ana@example.com",
            timezone="America/New_York",
            locale="es",
        ),
        occurred_at=at("2027-03-01T14:00:00"),
    )


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("BOOKING_REQUESTED", BookingKind.REQUESTED),
        ("BOOKING_REJECTED", BookingKind.CANCELLED),
        ("BOOKING_CANCELLED", BookingKind.CANCELLED),
        ("MEETING_STARTED", BookingKind.UNKNOWN),
        ("MEETING_ENDED", BookingKind.UNKNOWN),
        ("BOOKING_PAID", BookingKind.UNKNOWN),
        ("OOO_CREATED", BookingKind.UNKNOWN),
        ("SOMETHING_NEW", BookingKind.UNKNOWN),
    ],
)
def test_triggers_have_their_kind(trigger: str, kind: BookingKind) -> None:
    """Each trigger has its kind; a meeting's end by the clock is never a completed treatment."""
    assert event_of("calcom", calcom(trigger)).kind is kind


def test_a_reschedule_names_both_bookings() -> None:
    """A reschedule carries the new uid and the one it replaces."""
    event = event_of("calcom", calcom("BOOKING_RESCHEDULED", uid="new", rescheduleUid="old"))
    assert (event.kind, event.booking_ref, event.previous_booking_ref) == (BookingKind.RESCHEDULED, "new", "old")


def test_a_requested_reschedule_is_a_cancellation() -> None:
    """When the clinic asks for another date the booking is gone, and the reason says why."""
    event = event_of("calcom", calcom("BOOKING_CANCELLED", requestReschedule=True))
    assert (event.kind, event.reason) == (BookingKind.CANCELLED, "reschedule requested")


@pytest.mark.parametrize(("marked", "kind"), [(True, BookingKind.NO_SHOW), (False, BookingKind.NO_SHOW_CLEARED)])
def test_no_show_can_be_taken_back(marked: bool, kind: BookingKind) -> None:
    """The same trigger marks a no-show and takes it back."""
    payload = CALCOM_NO_SHOW["payload"] | {"attendees": [{"email": "ana@example.com", "noShow": marked}]}
    event = event_of("calcom", CALCOM_NO_SHOW | {"payload": payload})
    assert (event.kind, event.booking_ref) == (kind, UID)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_meetings_end_comes_flat_or_wrapped(wrapped: bool) -> None:
    """MEETING_ENDED is read in both of its shapes, and changes nothing in either."""
    body = calcom("MEETING_ENDED") if wrapped else CALCOM_PAYLOAD | {"triggerEvent": "MEETING_ENDED"}
    event = event_of("calcom", body)
    assert (event.kind, event.booking_ref) == (BookingKind.UNKNOWN, UID)


def test_an_empty_object_is_kept() -> None:
    """MEETING_ENDED has been seen with an empty object: it is kept as unknown."""
    assert event_of("calcom", {}).kind is BookingKind.UNKNOWN


def test_the_test_button_is_a_probe() -> None:
    """Cal.com's ping is answered and not stored."""
    raw = RawDelivery(body=as_json({"triggerEvent": "PING", "createdAt": "2027-03-01T14:00:00Z", "payload": {}}))
    assert isinstance(ADAPTERS["calcom"].parse(raw), Probe)


@pytest.mark.parametrize("body", [{"title": "my own"}, b"title=my+own&uid=1"])
def test_a_custom_template_is_refused_with_the_mend(body: Any) -> None:
    """A webhook with a custom payload template is refused, as JSON and as a form."""
    with pytest.raises(BadInputError, match=r"custom payload template|not valid JSON"):
        event_of("calcom", body)


@pytest.mark.parametrize(
    ("changes", "phone"),
    [
        ({"attendees": [{"phoneNumber": "+15005550001"}]}, "+15005550001"),
        ({"responses": {}, "smsReminderNumber": "+15005550002"}, "+15005550002"),
        ({"responses": {}}, None),
    ],
)
def test_the_phone_is_found_wherever_it_is(changes: dict[str, Any], phone: str | None) -> None:
    """The phone is read from the attendee, the form's answer or the reminder number."""
    assert event_of("calcom", calcom("BOOKING_CREATED", **changes)).patient.phone == phone


def test_a_made_up_address_is_no_email() -> None:
    """The address that Cal.com makes up for people without one is not kept."""
    attendee = {"name": "Ana", "email": "15005550006@sms.cal.com", "phoneNumber": "+15005550006"}
    assert event_of("calcom", calcom("BOOKING_CREATED", attendees=[attendee])).patient.email is None


@pytest.mark.parametrize("changes", [{"startTime": None}, {"startTime": "soon"}, {"uid": None}])
def test_a_booking_without_id_or_start_is_refused(changes: dict[str, Any]) -> None:
    """A booking that nobody could plan by is refused."""
    with pytest.raises(BadInputError, match=r"start|uid"):
        event_of("calcom", calcom("BOOKING_CREATED", **changes))
