"""Visits of a journey: which step an appointment belongs to, and what the rules say to it."""

from datetime import date, datetime

from domain.booking import Treatment
from domain.calendar import local_date
from domain.journey.events import BookingChange, BookingVerdict, TreatedChange
from domain.journey.facts import Facts, Visit
from domain.plan import PlanStep
from domain.records import BookingStatus

BOOKING_SYSTEM = "booking_system"
GONE = (BookingStatus.CANCELLED, BookingStatus.NO_SHOW)


class Visits:
    """Reads and changes the visits in the facts."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def of_step(self, step: str) -> list[Visit]:
        """Visits of the step, earliest first."""
        found = [visit for visit in self._facts.visits.values() if visit.step == step]
        return sorted(found, key=lambda visit: (visit.starts_at, visit.booking_id))

    def live(self, step: str) -> Visit | None:
        """The step's next visit that is booked and not recorded as done."""
        return next((visit for visit in self.of_step(step) if visit.is_live), None)

    def treated(self, step: str) -> Visit | None:
        """The step's latest recorded treatment (an extra one counts: skin heals from the last)."""
        done = [visit for visit in self.of_step(step) if visit.treated_at]
        return max(done, key=lambda visit: visit.treated_at or visit.starts_at, default=None)

    def newest(self, step: str) -> Visit | None:
        """What the skin heals from: the latest recorded treatment, or the last visit planned after it."""
        done = self.treated(step)
        planned = next((visit for visit in reversed(self.of_step(step)) if visit.is_live), None)
        if done and planned and done.treated_at and planned.starts_at > done.treated_at:
            return planned
        return done or planned

    def day(self, instant: datetime) -> date:
        return local_date(instant, self._facts.calendar.timezone)

    def upsert(self, change: BookingChange, now: datetime) -> Visit | None:
        """Apply a booking change; None when it is older than what is known or fits no step."""
        known = self._facts.visits.get(change.booking_id)
        if known is None:
            return self._add(change, now)
        if change.sequence < known.sequence:
            return None
        if known.treated_at:
            return self._after_the_fact(known, change, now)
        if change.treatment is not known.treatment:
            step = self.step_for(change.treatment, change.booking_id)
            if step is None:
                return None
            known.step, known.treatment = step.id, change.treatment
        if (known.starts_at, known.status) != (change.starts_at, change.status):
            known.changed_at = now
        known.starts_at, known.status, known.sequence = change.starts_at, change.status, change.sequence
        return known

    def _after_the_fact(self, known: Visit, change: BookingChange, now: datetime) -> Visit:
        """The booking system may take back or redate what it recorded itself, never what staff recorded."""
        news = (known.starts_at, known.status) != (change.starts_at, change.status)
        known.starts_at, known.status, known.sequence = change.starts_at, change.status, change.sequence
        if news and known.recorded_by == BOOKING_SYSTEM:
            done = change.status is BookingStatus.COMPLETED
            known.treated_at = min(change.starts_at, now) if done else None
        return known

    def _add(self, change: BookingChange, now: datetime) -> Visit | None:
        step = self.step_for(change.treatment, change.booking_id)
        if step is None:
            return None
        visit = Visit(
            booking_id=change.booking_id,
            step=step.id,
            treatment=change.treatment,
            starts_at=change.starts_at,
            status=change.status,
            sequence=change.sequence,
            booked_at=now,
            changed_at=now,
            told_start=change.starts_at,
        )
        self._facts.visits[change.booking_id] = visit
        return visit

    def step_for(self, treatment: Treatment, booking_id: str) -> PlanStep | None:
        """The first step for it that nobody has booked or done; else the last one for it (an extra visit)."""
        fitting = [step for step in self._facts.plan.steps if treatment in step.treatments]
        free = (step for step in fitting if not self._taken(step.id, booking_id))
        return next(free, fitting[-1] if fitting else None)

    def _taken(self, step: str, booking_id: str) -> bool:
        others = [visit for visit in self.of_step(step) if visit.booking_id != booking_id]
        return any(visit.treated_at or visit.status not in GONE for visit in others)

    def record(self, change: TreatedChange, now: datetime) -> Visit | None:
        """Record a treatment as done, redate it or take it back; None for a booking this journey does not have."""
        visit = self._facts.visits.get(change.booking_id)
        if visit is None:
            return None
        if change.undone:
            visit.treated_at = visit.recorded_at = None
            return visit
        visit.recordings += visit.treated_at is None
        visit.treated_at = change.treated_at or min(visit.starts_at, now)
        visit.recorded_at, visit.recorded_by = now, change.by
        return visit

    def same_day_as(self, visit: Visit) -> list[Visit]:
        """Visits of other steps on the same calendar day in the clinic's zone."""
        day = self.day(visit.treated_at or visit.starts_at)
        others = [other for other in self._facts.visits.values() if other.step != visit.step]
        return [
            other
            for other in others
            if (other.is_live or other.treated_at) and self.day(other.treated_at or other.starts_at) == day
        ]

    def verdict(self, visit: Visit, *, first_allowed: date | None, shut: bool, only_waits: bool) -> BookingVerdict:
        """What the rules say to a live visit, given its gate."""
        if not visit.is_live:
            return BookingVerdict.ACCEPTED
        if self.same_day_as(visit):
            return BookingVerdict.SAME_VISIT
        if not shut:
            return BookingVerdict.ACCEPTED
        if first_allowed is not None and self.day(visit.starts_at) < first_allowed:
            return BookingVerdict.TOO_EARLY
        return BookingVerdict.ACCEPTED if only_waits else BookingVerdict.GATE_CLOSED
