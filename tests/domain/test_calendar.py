"""Calendars: working days, quiet hours and local times over changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from domain.calendar import Calendar, QuietHours, instant_at, local
from tests.builders import NEW_YORK, at, calendar

QUIET = QuietHours()


def test_time_in_a_spring_gap_moves_forward() -> None:
    """02:30 does not exist in New York on 2027-03-14 and becomes 03:30 there."""
    assert local(instant_at(date(2027, 3, 14), time(2, 30), NEW_YORK), NEW_YORK).time() == time(3, 30)


def test_doubled_time_in_autumn_is_the_first() -> None:
    """01:30 comes twice in New York on 2027-11-07; the first one, still in summer time, counts."""
    assert instant_at(date(2027, 11, 7), time(1, 30), NEW_YORK) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "expected_day", "expected"),
    [
        ("2027-03-04", "08:59", "2027-03-04", "09:00"),
        ("2027-03-04", "09:00", "2027-03-04", "09:00"),
        ("2027-03-04", "19:59", "2027-03-04", "19:59"),
        ("2027-03-04", "20:00", "2027-03-05", "09:00"),
        ("2027-03-05", "00:30", "2027-03-05", "09:00"),
        ("2027-03-06", "21:00", "2027-03-07", "12:00"),
        ("2027-03-07", "11:59", "2027-03-07", "12:00"),
        ("2027-03-07", "20:00", "2027-03-08", "09:00"),
        ("2027-03-13", "23:00", "2027-03-14", "12:00"),
        ("2027-11-06", "23:00", "2027-11-07", "12:00"),
    ],
)
def test_quiet_hours_end_in_the_morning(day: str, clock: str, expected_day: str, expected: str) -> None:
    """Nobody is texted from 20:00 to 09:00, on Sundays to 12:00, over midnight and changes of the clocks too."""
    assert QUIET.next_allowed(at(day, clock), NEW_YORK) == at(expected_day, expected)


def test_quiet_hours_within_one_day() -> None:
    """A stretch that starts and ends on the same day is quiet on that day alone."""
    siesta = QuietHours(starts=time(13), ends=time(15), sunday_ends=time(15))
    assert siesta.next_allowed(at("2027-03-04", "14:00"), NEW_YORK) == at("2027-03-04", "15:00")
    assert siesta.quiet_until(at("2027-03-04", "22:00"), NEW_YORK) is None


def test_working_days_leave_out_weekends_and_holidays() -> None:
    """The next working day after Friday is Tuesday where Monday is a holiday; backwards likewise."""
    days = calendar(date(2027, 3, 8))
    assert days.next_working_day(date(2027, 3, 5)) == date(2027, 3, 9)
    assert days.next_working_day(date(2027, 3, 5), 2) == date(2027, 3, 10)
    assert days.previous_working_day(date(2027, 3, 9)) == date(2027, 3, 5)
    assert days.previous_working_day(date(2027, 3, 10), 3) == date(2027, 3, 4)
    assert not days.is_working(date(2027, 3, 8))


def test_calendar_that_never_opens_comes_to_an_end() -> None:
    """A clinic without any working day gives an answer all the same, and it lies ahead."""
    closed = Calendar(timezone=NEW_YORK, hours={})
    assert closed.next_working_day(date(2027, 3, 5)) > date(2027, 3, 5)
    assert closed.previous_working_day(date(2027, 3, 5)) == date(2027, 3, 5)


@pytest.mark.parametrize(
    ("day", "clock", "ends"),
    [
        ("2027-03-05", "16:59", "2027-03-05"),
        ("2027-03-05", "17:00", "2027-03-08"),
        ("2027-03-06", "10:00", "2027-03-08"),
    ],
)
def test_same_day_work_ends_when_the_clinic_closes(day: str, clock: str, ends: str) -> None:
    """Work of the same day is due at closing time; after it, or at the weekend, on the next working day."""
    assert calendar().end_of_this_working_day(at(day, clock)) == at(ends, "17:00")


def test_open_hours_exclude_closing_time_and_holidays() -> None:
    """A clinic is open from its opening minute to the one before it closes, and never on a holiday."""
    days = calendar(date(2027, 3, 8))
    assert days.is_open(at("2027-03-05", "09:00"))
    assert not days.is_open(at("2027-03-05", "17:00"))
    assert not days.is_open(at("2027-03-08", "10:00"))


def test_unknown_zone_is_refused_with_a_hint() -> None:
    """A zone that does not exist is named, with an example of a right one."""
    with pytest.raises(ValidationError, match="America/New_York"):
        Calendar(timezone="America/Springfield")


def test_days_of_a_change_of_clocks_keep_their_hour() -> None:
    """Ten o'clock four weeks later is ten o'clock, whatever the clocks did in between."""
    days = calendar()
    before, after = days.at(date(2027, 3, 4), time(10)), days.at(date(2027, 4, 1), time(10))
    assert after - before == timedelta(days=28) - timedelta(hours=1)
