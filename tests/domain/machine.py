"""A state machine that lives one journey: bookings, treatments, replies, staff and time in any order."""

from collections.abc import Callable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from domain.booking import Treatment
from domain.calendar import instant_at
from domain.journey import Journey
from domain.plan import Plan
from domain.replies import Label
from tests import builders
from tests.domain.draws import DEPUTY, STARTS, ZONES, plans
from tests.domain.oracle import Oracle
from tests.domain.rules_of_bookings import BookingRules
from tests.domain.rules_of_replies import ReplyRules
from tests.domain.rules_of_staff import StaffRules
from tests.domain.rules_of_time import TimeRules


class JourneyMachine(TimeRules, BookingRules, ReplyRules, StaffRules):
    """Whatever happens, in whatever order: what the oracle says must hold, holds."""

    @initialize(
        plan=plans, zone=st.sampled_from(ZONES), home=st.sampled_from(ZONES), start=st.sampled_from(STARTS),
        hour=st.integers(0, 23), head_start=st.integers(0, 6), recorded=st.booleans(),
    )  # fmt: skip
    def begins(self, plan: Plan, zone: str, home: str, start: date, hour: int, head_start: int, recorded: bool) -> None:
        self.now = instant_at(start, time(hour), zone)
        clinic = builders.calendar(start + timedelta(days=29), zone=zone)
        facts = builders.facts(plan, start=self.now, clinic=clinic, patient_zone=home, deputies=(DEPUTY,))
        self.home = ZoneInfo(home)
        self.oracle = Oracle(plan, ZoneInfo(zone))
        self.journey = Journey(facts)
        self.in_flight = None
        self.provider = "accepted"
        self.sent = set()
        self.occurrences = {}
        self.texts = 0
        self.ended = ""
        self.happens(lambda journey: journey.advance(self.now))
        self.runs_ahead(head_start, recorded=recorded)

    def runs_ahead(self, steps: int, *, recorded: bool) -> None:
        """Go some usual steps first: what matters happens weeks into a journey."""
        usual: list[Callable[[], object]] = [
            lambda: self.books_next_step(3, Treatment.LASER_NAFL),
            lambda: self.next_visit_done() if recorded else None,
            lambda: self.books_next_step(40, Treatment.LASER_NAFL) if recorded else None,
            self.check_in_comes,
            lambda: self.open_check_in() and self.answers_everything(Label.CLEAR),
            lambda: self.books_the_same_day(14, Treatment.LASER_NAFL) if self.facts.visits else None,
        ]
        for step in usual[:steps]:
            step()
