"""One delivery per event of each system, written from the vendors' documentation with made-up people."""

from typing import Any

CALCOM_PAYLOAD: dict[str, Any] = {
    "uid": "bFJeNb2uX8ANpT3JL5EfXw",
    "bookingId": 91,
    "eventTypeId": 7,
    "type": "microneedling-60",
    "startTime": "2027-03-04T19:00:00Z",
    "endTime": "2027-03-04T20:00:00Z",
    "status": "ACCEPTED",
    "organizer": {"name": "Derm", "timeZone": "America/New_York", "language": {"locale": "en"}},
    "attendees": [
        {
            "name": "Ana Ruiz",
            "email": "ana@example.com",
            "timeZone": "America/New_York",
            "language": {"locale": "es"},
            "utcOffset": -300,
        }
    ],
    "responses": {"attendeePhoneNumber": {"label": "phone", "value": "+15005550006"}},
    "location": "12 Main St",
    "metadata": {},
}


def calcom(trigger: str, **changes: Any) -> dict[str, Any]:
    payload = CALCOM_PAYLOAD | changes
    return {"triggerEvent": trigger, "createdAt": "2027-03-01T14:00:00.000Z", "payload": payload}


CALCOM_NO_SHOW: dict[str, Any] = {
    "triggerEvent": "BOOKING_NO_SHOW_UPDATED",
    "createdAt": "2027-03-04T21:00:00.000Z",
    "payload": {
        "message": "x marked as no-show",
        "bookingUid": CALCOM_PAYLOAD["uid"],
        "bookingId": 91,
        "attendees": [{"email": "ana@example.com", "noShow": True}],
    },
}

INVITEE = "https://api.calendly.com/scheduled_events/EV1/invitees/IN1"
NEW_INVITEE = "https://api.calendly.com/scheduled_events/EV2/invitees/IN2"


def calendly(event: str, **changes: Any) -> dict[str, Any]:
    payload = {
        "uri": INVITEE,
        "event": "https://api.calendly.com/scheduled_events/EV1",
        "name": "Ana Ruiz",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "email": "ana@example.com",
        "timezone": "America/New_York",
        "status": "active",
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
        "text_reminder_number": "+15005550006",
        "questions_and_answers": [],
        "cancellation": None,
        "no_show": None,
        "scheduled_event": {
            "uri": "https://api.calendly.com/scheduled_events/EV1",
            "name": "Microneedling",
            "status": "active",
            "start_time": "2027-03-04T19:00:00.000000Z",
            "end_time": "2027-03-04T20:00:00.000000Z",
            "event_type": "https://api.calendly.com/event_types/ET1",
            "location": {"type": "physical", "location": "12 Main St"},
        },
    }
    return {
        "event": event,
        "created_at": "2027-03-01T14:00:00.000000Z",
        "created_by": "https://api.calendly.com/users/U1",
        "payload": payload | changes,
    }


def acuity(action: str) -> dict[str, str]:
    return {"action": action, "id": "8800", "calendarID": "3", "appointmentTypeID": "55"}


def square(event: str = "booking.created", status: str = "ACCEPTED", version: int = 0) -> dict[str, Any]:
    booking = {
        "id": "zkras0xv0xwswx",
        "version": version,
        "status": status,
        "start_at": "2027-03-04T19:00:00Z",
        "created_at": "2027-03-01T14:00:00Z",
        "updated_at": "2027-03-01T14:00:00Z",
        "location_id": "LEQ0",
        "customer_id": "7AX4",
        "appointment_segments": [
            {
                "duration_minutes": 45,
                "service_variation_id": "RU3P",
                "service_variation_version": 1,
                "team_member_id": "T",
            },
            {
                "duration_minutes": 15,
                "service_variation_id": "XX9Q",
                "service_variation_version": 1,
                "team_member_id": "T",
            },
        ],
    }
    return {
        "merchant_id": "6SSW",
        "location_id": "LEQ0",
        "type": event,
        "event_id": "5ed6fe9f-2d0b",
        "created_at": "2027-03-01T14:00:01Z",
        "data": {"type": "booking", "id": f"zkras0xv0xwswx:{version}", "object": {"booking": booking}},
    }


def appointment(status: str = "booked", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "id": "a1",
        "meta": {"versionId": "7f3c", "lastUpdated": "2027-03-01T09:00:00.123-05:00"},
        "status": status,
        "serviceType": [
            {
                "coding": [{"system": "urn:clinic", "code": "mn"}, {"system": "urn:other", "code": "77"}],
                "text": "Needling",
            }
        ],
        "start": "2027-03-04T14:00:00-05:00",
        "end": "2027-03-04T15:00:00-05:00",
        "participant": [
            {"actor": {"reference": "Practitioner/d1"}, "status": "accepted"},
            {"actor": {"reference": "Patient/p1", "display": "Ana Ruiz"}, "status": "accepted"},
            {"actor": {"reference": "Location/main"}, "status": "accepted"},
        ],
    } | changes


PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"use": "official", "family": "Ruiz", "given": ["Ana", "María"]}],
    "telecom": [
        {"system": "phone", "value": "+15005550001", "use": "old"},
        {"system": "phone", "value": "+15005550002", "use": "home"},
        {"system": "phone", "value": "+15005550006", "use": "mobile"},
        {"system": "email", "value": "ana@example.com"},
    ],
    "birthDate": "1990-01-31",
    "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}}],
}


def boulevard(event: str) -> dict[str, Any]:
    return {
        "idempotencyKey": "5d8c",
        "businessId": "b-1",
        "apiApplicationId": "7f1c",
        "event": event,
        "eventType": "APPOINTMENT",
        "resource": {"id": "urn:blvd:Appointment:77", "type": "Appointment"},
        "timestamp": "2027-03-01T14:00:00Z",
        "webhookId": "w-1",
        "data": {"node": {"id": "urn:blvd:Appointment:77"}},
    }


def zenoti(event: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    one = {
        "service_id": "s-1",
        "service_name": "Microneedling",
        "start_time": "2027-03-04T19:00:00",
        "end_time": "2027-03-04T20:00:00",
        "start_time_in_center": "2027-03-04T14:00:00",
        "end_time_in_center": "2027-03-04T15:00:00",
    }
    group = {
        "appointment_group_id": "g-1",
        "organization_id": "o-1",
        "center_id": "c-1",
        "guest": {"id": "gu-1", "first_name": "Ana", "last_name": "Ruiz", "email": "ana@example.com"},
        "appointments": [one | {"id": "ap-1"}, one | {"id": "ap-2", "service_id": "s-2"}],
    }
    return {
        "id": "zn-1",
        "event_id": "1",
        "event_schema": "v1",
        "event_resource": None,
        "event_type": event,
        "event_timestamp": "2027-03-01T14:00:00",
        "data": group if data is None else data,
    }


def mindbody(event: str = "appointmentBooking.created", **changes: Any) -> dict[str, Any]:
    data = {
        "siteId": 123,
        "appointmentId": 512,
        "sessionTypeId": 40,
        "appointmentName": "Microneedling",
        "status": "Scheduled",
        "startDateTime": "2027-03-04T14:00:00",
        "endDateTime": "2027-03-04T15:00:00",
        "locationId": 1,
        "clientUniqueId": 1000,
        "clientId": "77",
        "clientFirstName": "Ana",
        "clientLastName": "Ruiz",
        "clientPhone": "5005550006",
        "clientEmail": "ana@example.com",
        "hasArrived": False,
    }
    return {
        "messageId": "ASwFMoA2Q5UKw69g3RDbvU",
        "eventId": event,
        "eventSchemaVersion": 1.0,
        "eventInstanceOriginationDateTime": "2027-03-01T14:00:00.377Z",
        "eventData": data | changes,
    }


GENERIC: dict[str, Any] = {
    "id": "evt_1",
    "type": "booking.booked",
    "occurred_at": "2027-03-01T09:00:00-05:00",
    "booking": {"ref": "b1", "service": "microneedling", "starts_at": "2027-03-04T14:00:00-05:00"},
    "patient": {"id": "p1", "first_name": "Ana", "phone": "+15005550006", "birth_date": "1990-01-31"},
}

BY_SYSTEM: dict[str, list[Any]] = {
    "generic": [GENERIC],
    "calcom": [calcom("BOOKING_CREATED"), calcom("BOOKING_RESCHEDULED", rescheduleUid="old"), CALCOM_NO_SHOW],
    "calendly": [calendly("invitee.created"), calendly("invitee.canceled"), calendly("invitee_no_show.created")],
    "acuity": [acuity("scheduled"), acuity("changed"), acuity("order.completed")],
    "square": [square(), square("booking.updated", "NO_SHOW", 3)],
    "fhir": [
        appointment(),
        appointment("booked", contained=[PATIENT]),
        {"resourceType": "Bundle", "entry": [{"resource": appointment()}, {"resource": appointment(id="a2")}]},
    ],
    "boulevard": [boulevard("APPOINTMENT_CREATED"), boulevard("appointment.completed")],
    "zenoti": [zenoti("AppointmentGroup.Created"), zenoti("AppointmentGroup.Status", {"appointment_group_id": "g-1"})],
    "mindbody": [mindbody(), mindbody("appointmentBooking.updated")],
}
