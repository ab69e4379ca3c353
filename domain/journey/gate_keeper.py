"""The gate before a step: when it may open, and what shuts it again. It fails closed.

What always holds: the earlier treatment is recorded as done, the personal interval has passed, no hold is open, and
either the check-in was answered without any worrying sign under a standing order, or a named clinician released it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.booking import Treatment
from domain.calendar import DAY
from domain.journey.events import Change, GateChanged
from domain.journey.facts import Facts, Gate, GateState, Opening
from domain.journey.visits import Visits
from domain.plan import PlanStep
from domain.protocol import FLOOR, Release
from domain.replies import Label, Question

STANDING_ORDER = "rule:standing_order"
WHOLE_CHECK_IN = (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)
"""What a standing order needs a clear answer to, each; a part of them opens nothing."""


@dataclass(frozen=True)
class Timing:
    """When a step may happen, as far as is known."""

    base: date | None
    """The day of the earlier treatment: recorded, else planned."""
    recorded: bool
    length: timedelta
    first_allowed: date | None


@dataclass(frozen=True)
class View:
    """What a gate should be now, and why."""

    state: GateState
    reasons: tuple[str, ...]
    by: str


class GateKeeper:
    """Decides on every gate of a journey."""

    def __init__(self, facts: Facts, visits: Visits) -> None:
        self._facts = facts
        self._visits = visits

    # What is asked of it

    def timing(self, step: PlanStep) -> Timing:
        """The first allowed date of a step, counted in calendar days of the clinic's zone."""
        assert step.previous is not None
        done, earlier = self._visits.treated(step.previous), self._visits.newest(step.previous)
        length = self._length(step, earlier.treatment if earlier else None)
        if earlier is None:
            return Timing(None, recorded=False, length=length, first_allowed=None)
        base = self._visits.day(earlier.treated_at or earlier.starts_at)
        return Timing(base, recorded=earlier is done, length=length, first_allowed=base + length)

    def open_holds(self, step: str) -> list[str]:
        return [hold.cause for hold in self._facts.holds if step in hold.steps]

    def only_waits(self, gate: Gate) -> bool:
        """Shut, but nothing is wrong: it waits for time, or for an answer that was not yet asked for too often."""
        step = self._facts.plan.step(gate.step)
        if step.previous is None or gate.state not in (GateState.LOCKED, GateState.AWAITING_REPLY):
            return False
        ended_without_answers = gate.check_in.ended_at is not None and not gate.check_in.complete
        lost = ended_without_answers or self.past_reminders(gate)
        return not lost and self.timing(step).base is not None

    def past_reminders(self, gate: Gate) -> bool:
        """The patient was reminded as often as the protocol says, or cannot be asked, and has not answered."""
        check_in = gate.check_in
        most = len(self._facts.plan.check_in.reminders)
        return check_in.unreachable or (check_in.silent_since is not None and check_in.reminders >= most)

    def standing_order_counts(self, step: PlanStep) -> bool:
        """A standing order counts for an approved protocol and a plan without review or hold."""
        plan = self._facts.plan
        return plan.release is Release.STANDING_ORDER and bool(plan.approved_by) and not (step.reviews or step.holds)

    def may_release(self, gate: Gate, now: datetime) -> str:
        """Empty, or the code of what stands against a clinician's release now."""
        step = self._facts.plan.step(gate.step)
        if self._visits.treated(gate.step):
            return "already_done"
        if gate.state.is_open:
            return "already_open"
        if self.open_holds(gate.step):
            return "hold_open"
        return next(iter(self.not_yet(step, now)), "")

    # What it does

    def review_all(self, now: datetime) -> list[Change]:
        """Bring every gate to what the facts say; returns the transitions."""
        waiting = [gate for gate in self._facts.gates.values() if not self._visits.treated(gate.step)]
        return [change for gate in waiting if (change := self._review(gate, now))]

    def next_gate(self) -> Gate | None:
        """The gate of the first step that is not done: replies and reminders are about this one."""
        for step in self._facts.plan.steps:
            gate = self._facts.gates.get(step.id)
            if gate and step.previous and not self._visits.treated(step.id):
                return gate
        return None

    def _review(self, gate: Gate, now: datetime) -> GateChanged | None:
        self._drop_lapsed(gate, now)
        view = self._view(gate, now)
        before, gate.state, gate.reasons = gate.state, view.state, view.reasons
        step = self._facts.plan.step(gate.step)
        gate.opens_on = self.timing(step).first_allowed if step.previous else None
        if view.state is before:
            return None
        if view.state.is_open and gate.opening:
            gate.opening.opened_at = now
            gate.openings += 1
        return GateChanged(
            at=now,
            step=gate.step,
            before=before,
            after=view.state,
            by=view.by,
            reasons=view.reasons,
            opens_on=gate.opens_on,
        )

    def _drop_lapsed(self, gate: Gate, now: datetime) -> None:
        """A release that no longer stands is gone for good: what comes after needs a new one."""
        opening = gate.opening
        if opening is None or opening.opened_at is None:
            return
        lapsed = now >= opening.opened_at + self._facts.plan.release_lapses_after
        broken = bool(self._against(gate, now)) or self._answers_predate_treatment(gate)
        if lapsed or (broken and not opening.waiver):
            gate.opening = None
            # Who was released without having been asked is asked everything.
            gate.check_in.exposures_only |= lapsed and gate.check_in.complete

    def _view(self, gate: Gate, now: datetime) -> View:
        step = self._facts.plan.step(gate.step)
        if holds := self.open_holds(gate.step):
            return View(GateState.HELD, tuple(f"hold:{cause}" for cause in holds), "rule:hold")
        if step.previous is None:
            return _without_hold(gate.opening)
        if self._facts.worries and gate is self.next_gate():
            labels = tuple(f"answer:{worry.about}:{worry.label}" for worry in self._facts.worries)
            return View(GateState.IN_REVIEW, labels, "rule:worrying_answer")
        return self._without_worries(gate, step, now)

    def _without_worries(self, gate: Gate, step: PlanStep, now: datetime) -> View:
        not_yet = self.not_yet(step, now)
        if opened := self._opened(gate, step, not_yet, now):
            return opened
        if self._asking(gate):
            return View(GateState.AWAITING_REPLY, (*not_yet, "awaiting_reply"), "rule:check_in")
        if not_yet:
            return View(GateState.LOCKED, not_yet, "rule:interval")
        if gate.check_in.complete and not self.standing_order_counts(step):
            return View(GateState.IN_REVIEW, ("release_needed",), "rule:clinician_releases")
        return View(GateState.LOCKED, ("check_in_needed",), "rule:check_in")

    def _opened(self, gate: Gate, step: PlanStep, not_yet: tuple[str, ...], now: datetime) -> View | None:
        if not_yet:
            return None
        if gate.opening is None and self.standing_order_counts(step) and self._clear_and_fresh(gate, now):
            gate.opening = Opening(by=STANDING_ORDER, reason="clear_answers", at=now)
        opening = gate.opening
        if opening is None or (opening.waiver and not gate.check_in.answered):
            return None
        state = GateState.WAIVED if opening.waiver else GateState.RELEASED
        return View(state, (opening.reason,), opening.by)

    # What it looks at

    def _length(self, step: PlanStep, after: Treatment | None) -> timedelta:
        booked = self._visits.live(step.id)
        kind = booked.treatment if booked else step.usual_treatment
        earlier = after or self._facts.plan.step(step.previous or step.id).usual_treatment
        extra = self._facts.gates[step.id].check_in.extensions * self._facts.plan.check_in.mild_adds_days
        return max(self._facts.plan.interval(earlier, kind).length + extra * DAY, FLOOR)

    def not_yet(self, step: PlanStep, now: datetime) -> tuple[str, ...]:
        """Codes of what time and records still lack; they fail closed."""
        if step.previous is None:
            return ()
        timing = self.timing(step)
        if timing.base is None:
            return ("not_booked",)
        reasons = [] if timing.recorded else ["not_recorded"]
        if timing.first_allowed is None or self._visits.day(now) < timing.first_allowed:
            reasons.append("interval")
        live = self._visits.live(step.id)
        if live and self._visits.same_day_as(live):
            reasons.append("same_visit")
        return tuple(reasons)

    def _against(self, gate: Gate, now: datetime) -> tuple[str, ...]:
        step = self._facts.plan.step(gate.step)
        worries = tuple(worry.id for worry in self._facts.worries)
        return (*self.open_holds(gate.step), *worries, *self.not_yet(step, now))

    def _answers_predate_treatment(self, gate: Gate) -> bool:
        opening, step = gate.opening, self._facts.plan.step(gate.step)
        done = self._visits.treated(step.previous) if step.previous else None
        return bool(opening and done and done.treated_at and opening.at < done.treated_at)

    def _clear_and_fresh(self, gate: Gate, now: datetime) -> bool:
        check_in = gate.check_in
        if not check_in.complete or check_in.ended_at is None:
            return False
        labels = {question: answer.label for question, answer in check_in.answers.items()}
        clear = all(labels.get(question) is Label.CLEAR for question in WHOLE_CHECK_IN)
        return clear and now <= check_in.ended_at + self._facts.plan.check_in.fresh_for

    def _asking(self, gate: Gate) -> bool:
        check_in = gate.check_in
        return check_in.ended_at is None and (check_in.asked_at is not None or check_in.unreachable)


def _without_hold(opening: Opening | None) -> View:
    """The gate before an entry step: open unless it is held, and by whom once a hold was waived."""
    if opening is None:
        return View(GateState.RELEASED, (), "rule:no_hold")
    return View(GateState.WAIVED if opening.waiver else GateState.RELEASED, (opening.reason,), opening.by)
