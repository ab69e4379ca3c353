"""Calendly's webhooks."""

from typing import Any

import pytest

from domain.booking import RESCHEDULED, BookedPatient, BookingKind
from tests.bookings.deliveries import at, event_of
from tests.bookings.samples import INVITEE, NEW_INVITEE, calendly


def test_a_booking_arrives_completely() -> None:
    """invitee.created brings times, event type and contacts of the invitee."""
    event = event_of("calendly", calendly("invitee.created"))
    assert (event.kind, event.booking_ref, event.sequence) == (BookingKind.BOOKED, INVITEE, 1803909600000)
    assert (event.starts_at, event.ends_at) == (at("2027-03-04T19:00:00"), at("2027-03-04T20:00:00"))
    assert (event.services, event.location, event.hydrated) == (("ET1",), "12 Main St", True)
    assert event.patient == BookedPatient(
        name="Ana Ruiz",
        first_name="Ana",
        phone="+15005550006",
        email="ana@example.com",
        timezone="America/New_York",
    )


def test_the_appointment_may_stand_under_event() -> None:
    """Where the appointment stands under `event`, it is read there."""
    body = calendly("invitee.created")
    appointment = body["payload"].pop("scheduled_event")
    body["payload"]["event"] = appointment
    event = event_of("calendly", body)
    assert (event.starts_at, event.services) == (at("2027-03-04T19:00:00"), ("ET1",))


def test_both_halves_of_a_reschedule_are_recognised() -> None:
    """The new half names the old booking, and the old half's cancellation says that it is none."""
    created = event_of("calendly", calendly("invitee.created", uri=NEW_INVITEE, old_invitee=INVITEE))
    canceled = event_of("calendly", calendly("invitee.canceled", rescheduled=True, new_invitee=NEW_INVITEE))
    assert (created.kind, created.previous_booking_ref) == (BookingKind.RESCHEDULED, canceled.booking_ref)
    assert (canceled.kind, canceled.reason) == (BookingKind.CANCELLED, RESCHEDULED)


def test_a_real_cancellation_has_its_own_reason() -> None:
    """A cancellation carries who cancelled and why."""
    cancellation = {"reason": "on holiday", "canceler_type": "invitee"}
    event = event_of("calendly", calendly("invitee.canceled", cancellation=cancellation))
    assert (event.kind, event.reason, event.actor) == (BookingKind.CANCELLED, "on holiday", "invitee")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("invitee_no_show.created", BookingKind.NO_SHOW), ("invitee_no_show.deleted", BookingKind.NO_SHOW_CLEARED)],
)
@pytest.mark.parametrize("payload", [{}, {"uri": "https://api.calendly.com/invitee_no_shows/N1", "invitee": INVITEE}])
def test_no_show_comes_and_goes(name: str, kind: BookingKind, payload: dict[str, Any]) -> None:
    """A no-show and its withdrawal concern the invitee, in both shapes of the payload."""
    event = event_of("calendly", calendly(name, **payload))
    assert (event.kind, event.booking_ref) == (kind, INVITEE)


@pytest.mark.parametrize("name", ["routing_form_submission.created", "event_type.updated", ""])
def test_other_events_are_kept(name: str) -> None:
    """Events that are not about invitees are kept and change nothing."""
    assert event_of("calendly", calendly(name)).kind is BookingKind.UNKNOWN


def test_the_phone_may_be_an_answer() -> None:
    """Without a reminder number the answer to the question for a phone counts."""
    asked = [{"question": "Skin type?", "answer": "2"}, {"question": "Mobile number", "answer": "+15005550006"}]
    event = event_of("calendly", calendly("invitee.created", text_reminder_number=None, questions_and_answers=asked))
    assert event.patient.phone == "+15005550006"
