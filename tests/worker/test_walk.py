"""The walk of the demo, on whatever day it is taken."""

from datetime import date, timedelta

from worker.sample import sample_clinic
from worker.walk import FIRST_VISIT_IN, visit_after

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(3 * 366)]


def test_the_question_before_the_first_visit_lies_ahead_on_every_day() -> None:
    """Three working days before the visit is after today, weekends and holidays or not: the walk expects that text."""
    calendar = sample_clinic().main.calendar
    visits = {today: visit_after(calendar, today, days=FIRST_VISIT_IN).date() for today in DAYS}
    assert [today for today, visit in visits.items() if calendar.previous_working_day(visit, 3) <= today] == []
