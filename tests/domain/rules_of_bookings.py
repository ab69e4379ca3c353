"""Rules of bookings and treatments: made, moved, cancelled, missed, done, taken back, in any order."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.booking import Treatment
from domain.journey.events import BookingChange, TreatedChange
from domain.journey.facts import minute
from domain.records import BookingStatus
from tests.domain.draws import numbers, seconds
from tests.domain.lived import LivedJourney
from tests.domain.oracle import Appointment


class BookingRules(LivedJourney):
    """What the booking system and the treatment room say."""

    @precondition(lambda self: not self.is_over() and len(self.facts.visits) < 6)
    @rule(treatment=st.sampled_from(Treatment), days=st.integers(0, 60), hour=st.integers(8, 18), second=seconds)
    def books(self, treatment: Treatment, days: int, hour: int, second: int) -> None:
        starts_at = self.slot(days, hour, second)
        self.booking_says(f"b{len(self.facts.visits)}", treatment, starts_at, BookingStatus.BOOKED)

    @precondition(lambda self: not self.is_over() and len(self.facts.visits) < 6)
    @rule(days=st.integers(1, 50), laser=st.sampled_from([t for t in Treatment if t.is_laser]))
    def books_next_step(self, days: int, laser: Treatment) -> None:
        free = [step for step in self.facts.plan.steps if step.id not in {v.step for v in self.facts.visits.values()}]
        if free:
            treatment = laser if laser in free[0].treatments else free[0].treatments[0]
            self.books(treatment, days, 14, 0)

    @precondition(lambda self: not self.is_over() and 0 < len(self.facts.visits) < 6)
    @rule(hour=st.integers(8, 18), laser=st.sampled_from([t for t in Treatment if t.is_laser]))
    def books_the_same_day(self, hour: int, laser: Treatment) -> None:
        """The newest visit gets company: the next step that is free, or another laser, on its day."""
        newest = list(self.facts.visits.values())[-1]
        days = (self.oracle.day(newest.starts_at) - self.oracle.day(self.now)).days
        free = [step for step in self.facts.plan.steps if step.id not in {v.step for v in self.facts.visits.values()}]
        self.books(free[0].usual_treatment if free else laser, days, hour, 0)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers, days=st.integers(-20, 50), hour=st.integers(8, 18))
    def moves(self, which: int, days: int, hour: int) -> None:
        ref = self.ref(which)
        self.booking_says(ref, self.facts.visits[ref].treatment, self.slot(days, hour, 0), BookingStatus.BOOKED)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers, status=st.sampled_from(BookingStatus))
    def status_changes(self, which: int, status: BookingStatus) -> None:
        visit = self.facts.visits[self.ref(which)]
        self.booking_says(visit.booking_id, visit.treatment, visit.starts_at, status)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers, treatment=st.sampled_from(Treatment))
    def kind_changes(self, which: int, treatment: Treatment) -> None:
        visit = self.facts.visits[self.ref(which)]
        self.booking_says(visit.booking_id, treatment, visit.starts_at, visit.status)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers, days=st.integers(0, 5))
    def stale_copy(self, which: int, days: int) -> None:
        """An older version of a booking arrives late and changes nothing."""
        visit, before = self.facts.visits[self.ref(which)], self.facts.model_copy(deep=True)
        change = BookingChange(
            booking_id=visit.booking_id,
            treatment=visit.treatment,
            starts_at=self.slot(days, 9, 0),
            status=BookingStatus.COMPLETED,
            sequence=visit.sequence - 1,
        )
        assert self.happens(lambda journey: journey.booking(change, self.now)) == "stale"
        assert self.facts == before

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers, back=st.none() | st.integers(0, 20))
    def treatment_done(self, which: int, back: int | None) -> None:
        ref = self.ref(which)
        when = None if back is None else self.now - timedelta(days=back)
        self.recorded(ref, when)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule()
    def next_visit_done(self) -> None:
        """Time passes until the next visit, and staff records it."""
        ahead = [(ref, visit) for ref, visit in self.oracle.visits.items() if visit.ahead]
        if ahead:
            ref, visit = min(ahead, key=lambda pair: pair[1].starts_at)
            self.pass_to(max(self.now, visit.starts_at + timedelta(hours=1)))
            if not self.is_over():
                self.recorded(ref, None)

    @precondition(lambda self: not self.is_over() and self.facts.visits)
    @rule(which=numbers)
    def treatment_undone(self, which: int) -> None:
        ref = self.ref(which)
        change = TreatedChange(booking_id=ref, undone=True, by="staff:Kim")
        self.oracle.visits[ref].done_at = None
        self.happens(lambda journey: journey.treated(change, self.now), twice=True)

    def recorded(self, ref: str, when: datetime | None) -> None:
        change = TreatedChange(booking_id=ref, treated_at=when, by="staff:Kim")
        visit = self.oracle.visits[ref]
        visit.done_at = when or min(visit.starts_at, minute(self.now))
        self.happens(lambda journey: journey.treated(change, self.now), twice=True)
        assert self.facts.visits[ref].treated_at == visit.done_at

    def booking_says(self, ref: str, treatment: Treatment, starts_at: datetime, status: BookingStatus) -> None:
        known = self.facts.visits.get(ref)
        change = BookingChange(
            booking_id=ref,
            treatment=treatment,
            starts_at=starts_at,
            status=status,
            sequence=known.sequence + 1 if known else 1,
        )
        by_staff = known is not None and known.treated_at is not None and known.recorded_by != "booking_system"
        was_done = known is not None and known.treated_at is not None
        verdict = self.happens(lambda journey: journey.booking(change, self.now), twice=True)
        if verdict in ("unmapped", "stale"):
            return
        visit = self.facts.visits[ref]
        mine = self.oracle.visits.setdefault(ref, Appointment(visit.step, treatment, starts_at, status))
        mine.step, mine.treatment = visit.step, visit.treatment
        again = was_done and (mine.starts_at, mine.status) == (starts_at, status)
        newly_done = status is BookingStatus.COMPLETED and (known is None or mine.status is not status or not was_done)
        mine.starts_at, mine.status = starts_at, status
        if not by_staff and not again:
            was_known_done = newly_done and visit.treated_at is not None
            mine.done_at = min(starts_at, minute(self.now)) if was_known_done else None
        assert visit.treated_at == mine.done_at or visit.treated_at is None
