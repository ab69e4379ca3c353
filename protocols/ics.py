"""The calendar file of an appointment mail: one UID per booking, so that a later one updates or cancels it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from domain.messages import Attachment
from domain.wording import CalendarVisit

USUAL_LENGTH: Final = timedelta(hours=1)
"""Shown in the calendar where the booking system gives no end."""


def render_ics(visit: CalendarVisit, summary: str) -> Attachment:
    """The visit as an attachment that calendars take as an invitation or its cancellation (RFC 5545, RFC 5546)."""
    method = "CANCEL" if visit.cancelled else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", "-//Healgate//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(visit, summary))
    return Attachment(
        filename="visit.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        content=calendar.to_ical(),
    )


def _event(visit: CalendarVisit, summary: str) -> Event:
    event = Event()
    event.add("uid", f"{visit.booking_id}@healgate")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", _utc(visit.stamped_at))
    event.add("dtstart", _utc(visit.starts_at))
    event.add("dtend", _utc(visit.ends_at or visit.starts_at + USUAL_LENGTH))
    event.add("summary", summary)
    event.add("status", "CANCELLED" if visit.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("organizer", vCalAddress(f"mailto:{visit.organizer}"))
    event.add("attendee", _attendee(visit.attendee))
    if visit.location:
        event.add("location", vText(visit.location))
    return event


def _attendee(address: str) -> vCalAddress:
    """Calendars ask nobody to answer: the booking system is where a visit is changed."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
