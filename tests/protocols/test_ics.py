"""Calendar files follow a booking through its changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from pydantic import ValidationError

from domain.wording import CalendarVisit
from protocols.ics import render_ics

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
VISIT = CalendarVisit(
    booking_id="bk_7",
    sequence=0,
    starts_at=datetime(2027, 3, 4, 14, tzinfo=ZoneInfo("America/New_York")),
    stamped_at=NOW,
    organizer="care@rivera.example",
    attendee="ana@example.com",
    location="1 Main Street, Suite 2",
)


def parsed(visit: CalendarVisit, summary: str = "Visit at Rivera Skin") -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(render_ics(visit, summary).content)
    return calendar, calendar.events[0]


def test_an_invitation() -> None:
    """A booked visit is an invitation in UTC with the clinic's neutral words."""
    calendar, event = parsed(VISIT)
    assert calendar["method"] == "REQUEST"
    assert (event["summary"], event["status"], event["sequence"]) == ("Visit at Rivera Skin", "CONFIRMED", 0)
    assert event.start == datetime(2027, 3, 4, 19, tzinfo=UTC)
    assert event.end - event.start == timedelta(hours=1)
    assert event["location"] == "1 Main Street, Suite 2"


def test_a_change_keeps_its_uid() -> None:
    """A moved visit has the same UID and a higher sequence, so that calendars move the entry."""
    moved = VISIT.model_copy(update={"sequence": 3, "starts_at": VISIT.starts_at + timedelta(days=1)})
    _, first = parsed(VISIT)
    _, second = parsed(moved)
    assert first["uid"] == second["uid"] == "bk_7@healgate"
    assert second["sequence"] == 3


def test_a_cancellation() -> None:
    """A cancelled visit takes its entry out of the calendar."""
    calendar, event = parsed(VISIT.model_copy(update={"cancelled": True, "sequence": 4}))
    assert (calendar["method"], event["status"]) == ("CANCEL", "CANCELLED")
    assert "method=CANCEL" in render_ics(VISIT.model_copy(update={"cancelled": True}), "Visit").content_type


def test_words_cannot_add_lines() -> None:
    """A summary with line breaks stays one property."""
    _, event = parsed(VISIT, "Visit\r\nATTENDEE:mailto:x@example.com")
    assert str(event["attendee"]) == "mailto:ana@example.com"


def test_an_end_that_is_known_counts() -> None:
    """The booking system's own end is shown."""
    _, event = parsed(VISIT.model_copy(update={"ends_at": VISIT.starts_at + timedelta(minutes=20)}))
    assert event.end - event.start == timedelta(minutes=20)


def test_a_time_without_zone_is_refused() -> None:
    """A naive time would be another instant in every calendar."""
    with pytest.raises(ValidationError):
        CalendarVisit.model_validate({**VISIT.model_dump(), "starts_at": datetime.fromisoformat("2027-03-04T14:00")})
