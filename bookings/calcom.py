"""Cal.com webhooks (its sendPayload source and webhook guide; payload versions up to 2026-07-27)."""

from bookings.decode import decode_json
from bookings.delivery import Parsed, Probe, RawDelivery, body_hash, milliseconds
from bookings.fields import Fields
from domain.booking import BookedPatient, BookingEvent, BookingKind
from domain.errors import BadInputError

_KINDS = {
    "BOOKING_REQUESTED": BookingKind.REQUESTED,
    "BOOKING_CREATED": BookingKind.BOOKED,
    "BOOKING_RESCHEDULED": BookingKind.RESCHEDULED,
    "BOOKING_CANCELLED": BookingKind.CANCELLED,
    "BOOKING_REJECTED": BookingKind.CANCELLED,
}
"""MEETING_ENDED is missing on purpose: it fires by the clock and says nothing about a treatment."""

_NO_SHOW = "BOOKING_NO_SHOW_UPDATED"
PLACEHOLDER_MAIL = "@sms.cal.com"
"""Cal.com makes up such an address for people who book with a phone number alone."""


def parse(raw: RawDelivery) -> Parsed:
    """One event, or a probe for the test button."""
    body = Fields(decode_json(raw.body))
    if not body:
        # MEETING_ENDED has been seen with `{}`.
        return (_unknown(body, raw),)
    trigger = body.text("triggerEvent")
    if trigger is None:
        raise BadInputError("'triggerEvent' is missing: remove the custom payload template from the webhook in Cal.com")
    if trigger == "PING":
        return Probe("test button")
    if trigger == _NO_SHOW:
        return (_no_show(body, raw),)
    return (_event(body, raw, _KINDS[trigger]) if trigger in _KINDS else _unknown(body, raw),)


def _payload(body: Fields) -> Fields:
    # MEETING_* arrive flat from older builders and wrapped from newer ones.
    return body.child("payload") if "payload" in body else body


def _event(body: Fields, raw: RawDelivery, kind: BookingKind) -> BookingEvent:
    payload = _payload(body)
    ref = payload.ref("uid")
    previous = payload.maybe_ref("rescheduleUid")
    changed_at = body.time("createdAt")
    service = payload.text("type") or payload.maybe_ref("eventTypeId")
    return BookingEvent(
        source="calcom",
        delivery_id=_delivery_id(body, raw, ref),
        booking_ref=ref,
        previous_booking_ref=previous if previous != ref else None,
        sequence=milliseconds(changed_at or raw.received_at),
        kind=kind,
        starts_at=payload.time("startTime"),
        ends_at=payload.time("endTime"),
        services=(service,) if service else (),
        location=payload.text("location"),
        patient=_patient(payload),
        actor=payload.text("cancelledBy") or payload.text("rescheduledBy"),
        reason=_reason(payload),
        occurred_at=changed_at,
    )


def _reason(payload: Fields) -> str | None:
    if payload.flag("requestReschedule"):
        return "reschedule requested"
    return payload.text("cancellationReason") or payload.text("rejectionReason")


def _patient(payload: Fields) -> BookedPatient:
    attendee = next(iter(payload.children("attendees")), Fields({}))
    email = attendee.text("email")
    return BookedPatient(
        name=attendee.text("name"),
        first_name=attendee.text("firstName"),
        phone=attendee.text("phoneNumber") or _asked_phone(payload),
        email=None if email and email.lower().endswith(PLACEHOLDER_MAIL) else email,
        timezone=attendee.text("timeZone"),
        locale=attendee.child("language").text("locale"),
    )


def _asked_phone(payload: Fields) -> str | None:
    asked = payload.child("responses").child("attendeePhoneNumber")
    return asked.text("value") or payload.text("smsReminderNumber")


def _no_show(body: Fields, raw: RawDelivery) -> BookingEvent:
    """The same trigger tells of marking and of taking the mark back."""
    payload = _payload(body)
    ref = payload.maybe_ref("bookingUid")
    attendees = payload.children("attendees")
    if ref is None or not attendees:
        return _unknown(body, raw)
    absent = any(attendee.flag("noShow") for attendee in attendees)
    changed_at = body.time("createdAt")
    return BookingEvent(
        source="calcom",
        delivery_id=_delivery_id(body, raw, ref),
        booking_ref=ref,
        sequence=milliseconds(changed_at or raw.received_at),
        kind=BookingKind.NO_SHOW if absent else BookingKind.NO_SHOW_CLEARED,
        occurred_at=changed_at,
    )


def _unknown(body: Fields, raw: RawDelivery) -> BookingEvent:
    ref = _payload(body).maybe_ref("uid") or ""
    return BookingEvent(source="calcom", delivery_id=body_hash(raw.body), booking_ref=ref, kind=BookingKind.UNKNOWN)


def _delivery_id(body: Fields, raw: RawDelivery, ref: str) -> str:
    """Cal.com gives no id: trigger, booking and time of the change name one."""
    moment = body.text("createdAt")
    return f"{body.text('triggerEvent')}:{ref}:{moment}"[:255] if moment else body_hash(raw.body)
