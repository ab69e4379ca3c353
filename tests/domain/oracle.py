"""An oracle of what always holds: own books about one journey, and why a gate must be shut. It knows no gate keeper."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.booking import Treatment
from domain.plan import Plan, PlanStep
from domain.records import BookingStatus
from domain.replies import Label, Question

FLOOR = timedelta(days=14)
LAPSES = timedelta(days=30)
FRESH = timedelta(days=14)
ASKED = (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)
BOOKED = (BookingStatus.BOOKED, BookingStatus.ARRIVED, BookingStatus.COMPLETED)


@dataclass
class Appointment:
    """One visit as the clinic knows it."""

    step: str
    treatment: Treatment
    starts_at: datetime
    status: BookingStatus
    done_at: datetime | None = None

    @property
    def ahead(self) -> bool:
        return self.done_at is None and self.status in BOOKED


@dataclass
class Decision:
    """A clinician's last word on one gate."""

    at: datetime
    waiver: bool


@dataclass
class Oracle:
    """Books of one journey, kept from the events alone."""

    plan: Plan
    zone: ZoneInfo
    visits: dict[str, Appointment] = field(default_factory=dict)
    holds: dict[str, set[str]] = field(default_factory=dict)
    worries: list[str] = field(default_factory=list)
    answers: dict[tuple[str, Question], tuple[Label, datetime]] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    opened_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for step in self.plan.steps:
            for reason in step.holds:
                self.holds.setdefault(reason.rule, set()).add(step.id)

    # Books

    def hold(self, cause: str, only: str | None = None) -> None:
        ahead = {step.id for step in self.plan.steps if not self.done(step.id) and only in (None, step.id)}
        if ahead:
            self.holds.setdefault(cause, set()).update(ahead)

    def waived(self, step: str, names: tuple[str, ...], now: datetime, *, was_open: bool) -> None:
        self.holds = {cause: steps for cause, steps in self.holds.items() if names and cause not in names}
        self.worries = [worry for worry in self.worries if names and worry not in names]
        if not was_open:
            self.decisions[step] = Decision(now, waiver=True)

    def released(self, step: str, now: datetime) -> None:
        self.worries.clear()
        self.decisions[step] = Decision(now, waiver=False)

    def saw(self, step: str, now: datetime, *, is_open: bool) -> None:
        """Note a gate's state: a release ends when its gate shuts, and both lapse after 30 days."""
        decision = self.decisions.get(step)
        if is_open:
            self.opened_at.setdefault(step, now)
        elif decision and not decision.waiver:
            self.decisions.pop(step)
        if decision and step in self.opened_at and now >= self.opened_at[step] + LAPSES:
            self.decisions.pop(step, None)
        if not is_open and not (decision and decision.waiver):
            self.opened_at.pop(step, None)

    # What always holds

    def why_shut(self, step_id: str, now: datetime) -> list[str]:
        """Everything that keeps a gate with an earlier step shut; empty where it may be open."""
        step = self.plan.step(step_id)
        assert step.previous is not None
        recorded = self.done(step.previous)
        if not recorded:
            return ["earlier treatment not recorded"]
        latest = max(recorded, key=lambda visit: visit.done_at or now)
        assert latest.done_at is not None
        against = [f"hold {cause}" for cause, steps in self.holds.items() if step_id in steps]
        against += [f"worry {worry}" for worry in self.worries]
        if any(visit.starts_at > latest.done_at for visit in self.planned(step.previous)):
            against.append("another earlier treatment is planned")
        if self.day(now) < self.day(latest.done_at) + self.length(step, latest.treatment):
            against.append("interval")
        if self.shares_its_day(step_id):
            against.append("two treatments in one visit")
        if not self.authority(step, latest.done_at, now):
            against.append("nobody opened it")
        return against

    def length(self, step: PlanStep, after: Treatment) -> timedelta:
        planned = self.planned(step.id)
        before = planned[0].treatment if planned else step.usual_treatment
        lengths = [i.length for i in self.plan.intervals if (i.after, i.before) == (after, before)]
        return max(lengths[0], FLOOR)

    def shares_its_day(self, step: str) -> bool:
        others = [v for v in self.visits.values() if v.step != step and (v.done_at or v.ahead)]
        days = {self.day(v.done_at or v.starts_at) for v in others}
        return any(self.day(visit.starts_at) in days for visit in self.planned(step)[:1])

    def authority(self, step: PlanStep, treated_at: datetime, now: datetime) -> bool:
        """Whether somebody (or an approved standing order with clear answers) may have opened it."""
        opened_at = self.opened_at.get(step.id, now)
        if now >= opened_at + LAPSES:
            return False
        decision = self.decisions.get(step.id)
        if decision and not decision.waiver:
            return decision.at >= treated_at
        answered = {q: self.answers[step.id, q] for q in ASKED if (step.id, q) in self.answers}
        since = {question: label for question, (label, at) in answered.items() if at >= treated_at}
        if decision and since:
            return True
        if self.plan.release != "standing_order" or not self.plan.approved_by or step.holds or step.reviews:
            return False
        newest = max((at for _, at in answered.values()), default=now)
        return all(since.get(q) is Label.CLEAR for q in ASKED) and opened_at <= newest + FRESH

    # Look-ups

    def done(self, step: str) -> list[Appointment]:
        return [visit for visit in self.visits.values() if visit.step == step and visit.done_at]

    def planned(self, step: str) -> list[Appointment]:
        found = [visit for visit in self.visits.values() if visit.step == step and visit.ahead]
        return sorted(found, key=lambda visit: visit.starts_at)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()
