"""When a booking system has sent nothing for longer than usual, counted in the clinic's opening hours."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise

from domain.calendar import DAY, Calendar

LOOK_BACK = timedelta(weeks=4)
"""What is usual is read from the four weeks before the last delivery."""
ENOUGH = 5
"""Deliveries that say what is usual; fewer say nothing."""
TIMES = 2
"""Longer than twice the longest pause of those weeks is unusual. Nights, weekends and holidays do not count."""


def open_time(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """How long the clinic was open between the two instants."""
    day, last, total = calendar.today(since), calendar.today(until), timedelta()
    while day <= last:
        for span in calendar.hours.get(day.weekday(), ()) if calendar.is_working(day) else ():
            opened, closed = calendar.at(day, span.opens), calendar.at(day, span.closes)
            total += max(min(closed, until) - max(opened, since), timedelta())
        day += DAY
    return total


def working_day(calendar: Calendar, now: datetime) -> timedelta:
    """The opening hours of the longest day of the coming week."""
    midnight = calendar.at(calendar.today(now), time())
    return max(open_time(calendar, midnight + number * DAY, midnight + (number + 1) * DAY) for number in range(7))


def longest_usual(calendar: Calendar, arrivals: Sequence[datetime], now: datetime, *, lost: bool) -> timedelta | None:
    """How much opening time without a delivery is still usual; None where nothing is known of that.

    At least one working day. `lost`: the comparison found what webhooks should have brought, so a day is enough.
    """
    day = working_day(calendar, now)
    if not day:
        return None
    if lost:
        return day
    if len(arrivals) < ENOUGH:
        return None
    pauses = [open_time(calendar, one, other) for one, other in pairwise(sorted(arrivals))]
    return max(TIMES * max(pauses), day)
