"""What is usual in a booking system's silence, in opening hours."""

from datetime import date, datetime, timedelta

from domain.silence import ENOUGH, longest_usual, open_time, working_day
from tests.builders import at, calendar

MONDAY = at("2027-03-01", "09:00")


def test_only_opening_hours_count() -> None:
    """From Friday noon to Monday ten o'clock a clinic that opens from nine to five was open for six hours."""
    assert open_time(calendar(), at("2027-03-05", "12:00"), at("2027-03-08", "10:00")) == timedelta(hours=6)


def test_holidays_and_clock_changes_do_not_count() -> None:
    """A closed Monday adds nothing; the night in which the clocks change neither adds nor takes an hour."""
    friday, tuesday = at("2027-03-12", "17:00"), at("2027-03-16", "09:00")
    assert open_time(calendar(), friday, tuesday) == timedelta(hours=8)
    assert open_time(calendar(date(2027, 3, 15)), friday, tuesday) == timedelta()


def test_the_longest_day_is_a_working_day() -> None:
    """Eight hours here; a clinic that is closed for the whole week has none."""
    assert working_day(calendar(), MONDAY) == timedelta(hours=8)
    closed = calendar(*(date(2027, 3, 1) + timedelta(days=number) for number in range(7)))
    assert working_day(closed, MONDAY) == timedelta()


def every(hours: int, count: int) -> list[datetime]:
    """Deliveries on one Monday and the days after it."""
    return [MONDAY + timedelta(hours=hours * number) for number in range(count)]


def test_twice_the_longest_pause_is_usual() -> None:
    """But never less than a working day."""
    busy, quiet = every(1, ENOUGH), every(72, ENOUGH)
    assert longest_usual(calendar(), busy, MONDAY, lost=False) == timedelta(hours=8)
    assert longest_usual(calendar(), quiet, MONDAY, lost=False) == timedelta(hours=48)


def test_few_deliveries_say_nothing() -> None:
    """Unless the comparison has found what they should have brought: then a working day is enough."""
    assert longest_usual(calendar(), every(1, ENOUGH - 1), MONDAY, lost=False) is None
    assert longest_usual(calendar(), [], MONDAY, lost=True) == timedelta(hours=8)
