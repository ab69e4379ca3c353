"""Rows that the store's tests begin with; every field can be said, none must be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.booking import Treatment
from domain.calendar import Calendar
from domain.clinic import Clinic, Location
from domain.messages import Channel, DeliveryState, DeliveryUpdate
from domain.patient import Condition, Patient, SkinProfile
from domain.records import (
    Booking,
    BookingStatus,
    InboxRow,
    JourneyRecord,
    NewMessage,
    NewQuestion,
    Rendered,
    Task,
    TaskCause,
    Urgency,
)

NOW = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
CLINIC = "glow"


def a_clinic(**more: Any) -> Clinic:
    place = Location(
        calendar=Calendar(timezone="America/New_York"),
        phone="+15005550001",
        sms_sender="+15005550002",
        email_sender="a@example.com",
    )
    return Clinic.model_validate(
        {"id": CLINIC, "name": "Glow", "timezone": "America/New_York", "locations": (place,)} | more
    )


def a_patient(**more: Any) -> Patient:
    known: dict[str, Any] = {
        "id": "p1",
        "clinic_id": CLINIC,
        "first_name": "Ana",
        "phone": "+15005550006",
        "email": "Ana@Example.com",
        "timezone": "America/New_York",
        "birth_date": date(1990, 2, 3),
        "vendor_ids": {"generic": "v1"},
        "profile": SkinProfile(skin_type=2, conditions=frozenset({Condition.ROSACEA, Condition.TAN})),
    }
    return Patient.model_validate(known | more)


def a_journey(**more: Any) -> JourneyRecord:
    known: dict[str, Any] = {
        "id": "j1",
        "clinic_id": CLINIC,
        "patient_id": "p1",
        "workflow_id": "w1",
        "protocol_id": "microneedling-then-laser",
        "protocol_version": "1",
        "starting_ref": "generic:b1",
        "created_at": NOW,
    }
    return JourneyRecord.model_validate(known | more)


def a_booking(**more: Any) -> Booking:
    known: dict[str, Any] = {
        "id": "b-1",
        "clinic_id": CLINIC,
        "source": "generic",
        "ref": "b1",
        "sequence": 1,
        "status": BookingStatus.BOOKED,
        "treatment": Treatment.MICRONEEDLING,
        "starts_at": NOW + timedelta(days=3),
    }
    return Booking.model_validate(known | more)


def a_message(**more: Any) -> NewMessage:
    known: dict[str, Any] = {
        "key": "j1:check_in:laser:1:sms",
        "clinic_id": CLINIC,
        "journey_id": "j1",
        "patient_id": "p1",
        "touchpoint": "check_in",
        "step": "laser",
        "channel": Channel.SMS,
        "due_at": NOW,
    }
    return NewMessage.model_validate(known | more)


def a_text() -> Rendered:
    return Rendered(
        to="+15005550006",
        body="How is your skin today?",
        content_hash="h1",
        template_version="1",
        consent_wording="care-1",
    )


def a_question(**more: Any) -> NewQuestion:
    known: dict[str, Any] = {
        "clinic_id": CLINIC,
        "phone": "+15005550006",
        "patient_id": "p1",
        "journey_id": "j1",
        "question": "state",
        "touchpoint": "check_in",
        "step": "laser",
        "ask_id": "a1",
        "opened_at": NOW,
    }
    return NewQuestion.model_validate(known | more)


def an_update(state: DeliveryState, **more: Any) -> DeliveryUpdate:
    known: dict[str, Any] = {"event_id": f"SM1:{state}:", "provider_id": "SM1", "state": state}
    return DeliveryUpdate.model_validate(known | more)


def a_delivery(number: int, **more: Any) -> InboxRow:
    at = NOW + timedelta(seconds=number)
    known: dict[str, Any] = {
        "id": f"i{number}",
        "clinic_id": CLINIC,
        "source": "twilio",
        "delivery_id": f"SM{number}",
        "key": "phone:+15005550006",
        "body": b"Body=ok\xff",
        "received_at": at,
        "next_try_at": at,
    }
    return InboxRow.model_validate(known | more)


def a_task(**more: Any) -> Task:
    known: dict[str, Any] = {
        "id": "t1",
        "clinic_id": CLINIC,
        "scope": "journey:j1",
        "journey_id": "j1",
        "cause": TaskCause.CONCERN,
        "urgency": Urgency.SAME_DAY,
        "due": NOW + timedelta(hours=3),
        "opened_at": NOW,
    }
    return Task.model_validate(known | more)
