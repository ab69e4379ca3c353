"""A journey as a calendar file for staff: visits, and the days that its gates wait for."""

import hashlib
from datetime import date
from typing import Final

from fastapi import APIRouter, Response

from api.parts import ApiParts, Parts
from api.staff.live import live_view
from api.staff.scope import OF_CLINIC, ClinicDep, JourneyDep
from domain.calendar import local_date
from domain.clinic import Clinic
from domain.patient import Patient
from domain.records import Booking, BookingStatus, JourneyRecord
from domain.wording import CalendarDay, CalendarEntry, one_line
from protocols.ics import render_calendar
from store.read_model import CHECK_IN

MEDIA_TYPE: Final = "text/calendar"
LARGEST_SEQUENCE: Final = 2**31 - 1
"""RFC 5545 3.3.8. A booking's sequence is a version, or a time in milliseconds: the latter counts in seconds."""

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])


@router.get(
    "/{journey_id}/calendar.ics",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def journey_calendar(clinic: ClinicDep, journey: JourneyDep, parts: Parts) -> Response:
    """Visits, first allowed dates and check-ins. Titles have initials only: calendars are seen by many."""
    patient = await parts.store.patients.get(clinic.id, journey.patient_id)
    bookings = await parts.store.bookings.of_journey(journey.id)
    entries = [_entry(parts, clinic, booking) for booking in bookings]
    days = [] if journey.ended_at else await _days(parts, clinic, journey, _who(patient))
    content = render_calendar(entries, days, f"Visit {_who(patient)}")
    return Response(
        content, media_type=MEDIA_TYPE, headers={"Content-Disposition": 'attachment; filename="journey.ics"'}
    )


def _who(patient: Patient) -> str:
    """Initials, or the beginning of the id."""
    names = (one_line(name) for name in (patient.first_name, patient.last_name))
    return "".join(f"{name[0].upper()}." for name in names if name) or patient.id[:8]


def _entry(parts: ApiParts, clinic: Clinic, booking: Booking) -> CalendarEntry:
    return CalendarEntry(
        booking_id=booking.id,
        sequence=_sequence(booking),
        stamped_at=parts.clock(),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        location=clinic.location(booking.location).address,
        requested=booking.status is BookingStatus.REQUESTED,
        cancelled=booking.status is BookingStatus.CANCELLED,
    )


def _sequence(booking: Booking) -> int:
    sequence = max(booking.sequence, 0)
    return sequence if sequence <= LARGEST_SEQUENCE else min(sequence // 1000, LARGEST_SEQUENCE)


async def _days(parts: ApiParts, clinic: Clinic, journey: JourneyRecord, who: str) -> list[CalendarDay]:
    titled = {"Earliest visit": _first_allowed(journey), "Check-in": await _check_ins(parts, clinic, journey)}
    return [
        CalendarDay(uid=_uid(journey, title, step), day=day, stamped_at=parts.clock(), summary=f"{title} {who}")
        for title, days in titled.items()
        for step, day in sorted(days.items())
    ]


def _uid(journey: JourneyRecord, title: str, step: str) -> str:
    """The same each time, and without the step's name: that is a treatment."""
    digest = hashlib.sha256(f"{journey.id}:{title}:{step}".encode()).hexdigest()
    return f"{digest[:32]}@healgate"


def _first_allowed(journey: JourneyRecord) -> dict[str, date]:
    """By step; a gate whose earlier visit is not booked has none yet."""
    gates = journey.gates.items()
    return {step: date.fromisoformat(gate["opens_on"]) for step, gate in gates if gate.get("opens_on")}


async def _check_ins(parts: ApiParts, clinic: Clinic, journey: JourneyRecord) -> dict[str, date]:
    """By step: the day on which it was asked last, or will be asked, where the workflow can be asked for that."""
    rows = await parts.store.read_model.check_ins_of([journey.id])
    asked = {row.step: local_date(row.due_at, clinic.timezone) for row in rows}
    live = await live_view(parts, journey.id)
    ahead = [message for message in live.upcoming if message.key == CHECK_IN] if live else []
    return asked | {message.step: local_date(message.at, clinic.timezone) for message in ahead}
