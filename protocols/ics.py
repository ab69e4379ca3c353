"""Calendar files: one UID per booking, so that a later one updates or cancels it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from domain.messages import Attachment
from domain.wording import CalendarDay, CalendarEntry, CalendarVisit

USUAL_LENGTH: Final = timedelta(hours=1)
"""Shown in the calendar where the booking system gives no end."""


def render_ics(visit: CalendarVisit, summary: str) -> Attachment:
    """The visit as an attachment that calendars take as an invitation or its cancellation (RFC 5545, RFC 5546)."""
    method = "CANCEL" if visit.cancelled else "REQUEST"
    event = _event(visit, summary)
    event.add("organizer", vCalAddress(f"mailto:{visit.organizer}"))
    event.add("attendee", _attendee(visit.attendee))
    return Attachment(
        filename="visit.ics",
        content_type=f"text/calendar; method={method}; charset=utf-8",
        content=_calendar(method, [event]),
    )


def render_calendar(entries: Iterable[CalendarEntry], days: Iterable[CalendarDay], summary: str) -> bytes:
    """Visits under one title, and days, as a calendar that nobody is invited to (method PUBLISH)."""
    return _calendar("PUBLISH", [*(_event(entry, summary) for entry in entries), *(_day(day) for day in days)])


def _calendar(method: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Healgate//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, summary: str) -> Event:
    event = _titled(f"{entry.booking_id}@healgate", summary, entry.stamped_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at or entry.starts_at + USUAL_LENGTH))
    event.add("status", _status(entry))
    if entry.location:
        event.add("location", vText(entry.location))
    return event


def _day(day: CalendarDay) -> Event:
    event = _titled(day.uid, day.summary, day.stamped_at)
    event.add("dtstart", day.day)
    event.add("transp", "TRANSPARENT")
    return event


def _titled(uid: str, summary: str, stamped_at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", _utc(stamped_at))
    event.add("summary", summary)
    event.add("class", "PRIVATE")
    return event


def _status(entry: CalendarEntry) -> str:
    if entry.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.requested else "CONFIRMED"


def _attendee(address: str) -> vCalAddress:
    """Calendars ask nobody to answer: the booking system is where a visit is changed."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
