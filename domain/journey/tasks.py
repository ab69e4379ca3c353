"""Work for staff, derived from the facts: a task is open exactly while its cause is there.

One open task per journey and cause. What only an event can raise (a question, an incident) stays until staff closes it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.journey.events import Change, TaskChanged
from domain.journey.facts import Ask, Facts, Gate, GateState, Raised, Visit
from domain.journey.gate_keeper import GateKeeper
from domain.journey.holds import Holds
from domain.journey.lateness import Lateness
from domain.journey.visits import Visits
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label, Question

ORDER = (Urgency.INFORMATION, Urgency.NEXT_WORKING_DAY, Urgency.SAME_DAY, Urgency.EMERGENCY)
Wanted = tuple[TaskCause, Urgency, str] | tuple[TaskCause, Urgency, str, datetime]
"""Cause, urgency, why, and a due time where it is not the usual one of that urgency."""


def more_urgent(a: Urgency, b: Urgency) -> bool:
    return ORDER.index(a) > ORDER.index(b)


class Tasks:
    """Compares what should be open with what is."""

    def __init__(self, facts: Facts, visits: Visits, gates: GateKeeper, holds: Holds, lateness: Lateness) -> None:
        self._facts = facts
        self._visits = visits
        self._gates = gates
        self._holds = holds
        self._lateness = lateness

    def review(self, now: datetime) -> list[Change]:
        """Open, raise and close tasks so that they match the facts."""
        wanted: dict[TaskCause, Raised] = {}
        for cause, urgency, detail, *due in self._wanted(now):
            known = wanted.get(cause)
            if known is None or more_urgent(urgency, known.urgency):
                wanted[cause] = Raised(urgency=urgency, detail=detail, due=due[0] if due else None)
        return [*self._opened(wanted, now), *self._closed(wanted, now)]

    def raise_event(self, cause: TaskCause, urgency: Urgency, detail: str) -> None:
        known = self._facts.events.get(cause)
        if known is None or more_urgent(urgency, known.urgency):
            self._facts.events[cause] = Raised(urgency=urgency, detail=detail)

    def next_moments(self) -> list[datetime]:
        """When a task may appear or grow urgent by the passing of time alone."""
        return [moment for visit in self._facts.visits.values() for moment in self._moments(visit)]

    # Compare

    def _opened(self, wanted: dict[TaskCause, Raised], now: datetime) -> Iterator[TaskChanged]:
        for cause, task in wanted.items():
            known = self._facts.tasks.get(cause)
            if known is None or more_urgent(task.urgency, known.urgency):
                self._facts.tasks[cause] = task
                due = task.due or self.due(task.urgency, now)
                yield TaskChanged(at=now, cause=cause, urgency=task.urgency, due=due, detail=task.detail)

    def _closed(self, wanted: dict[TaskCause, Raised], now: datetime) -> Iterator[TaskChanged]:
        for cause in [cause for cause in self._facts.tasks if cause not in wanted]:
            task = self._facts.tasks.pop(cause)
            yield TaskChanged(at=now, cause=cause, urgency=task.urgency, due=now, detail=task.detail, closed=True)

    def due(self, urgency: Urgency, now: datetime) -> datetime:
        """When work of that urgency must be done by, in the clinic's working days."""
        calendar = self._facts.calendar
        match urgency:
            case Urgency.EMERGENCY:
                return now + timedelta(minutes=15)
            case Urgency.SAME_DAY:
                return calendar.end_of_this_working_day(now)
            case Urgency.NEXT_WORKING_DAY:
                return calendar.end_of_next_working_day(now)
            case Urgency.INFORMATION:
                return calendar.closing(calendar.next_working_day(calendar.today(now), 3))

    # Causes

    def _wanted(self, now: datetime) -> Iterator[Wanted]:
        yield from ((cause, task.urgency, task.detail) for cause, task in self._facts.events.items())
        yield from self._from_worries()
        yield from self._from_lateness(now)
        if self._facts.is_final:
            return
        yield from self._from_replies()
        yield from self._from_silence(now)
        for visit in self._facts.visits.values():
            yield from self._from_visit(visit, now)
        if causes := self._holds.causes():
            yield TaskCause.HOLD, Urgency.NEXT_WORKING_DAY, ",".join(causes)

    def _from_worries(self) -> Iterator[Wanted]:
        """Urgent ones are not here: the safety workflow opens their task, with or without a journey."""
        for worry in self._facts.worries:
            if worry.about == "unreadable":
                yield TaskCause.UNREADABLE, Urgency.SAME_DAY, worry.about
            elif worry.label is Label.MILD:
                yield TaskCause.REVIEW, Urgency.NEXT_WORKING_DAY, worry.about
            elif worry.label is Label.CONCERN:
                yield TaskCause.CONCERN, Urgency.NEXT_WORKING_DAY, worry.about

    def _from_lateness(self, now: datetime) -> Iterator[Wanted]:
        """Due in time for the message: what nobody decides on expires."""
        waiting = [] if self._facts.paused else self._lateness.waiting(now)
        if waiting:
            due = min(self.due(Urgency.SAME_DAY, now), *(due.expires_at for due in waiting))
            yield TaskCause.LATE_MESSAGE, Urgency.SAME_DAY, ",".join(sorted({due.key for due in waiting})), due

    def _from_replies(self) -> Iterator[Wanted]:
        for gate in self._facts.gates.values():
            if gate.check_in.unclear and gate.check_in.ended_at is None:
                yield TaskCause.UNREADABLE, Urgency.SAME_DAY, "asked_back"
        if self._facts.opted_out:
            yield TaskCause.OPTED_OUT, Urgency.NEXT_WORKING_DAY, "by_sms"
        yield from self._from_gates()

    def _from_gates(self) -> Iterator[Wanted]:
        gate = self._gates.next_gate()
        if gate is None:
            return
        if gate.state is GateState.IN_REVIEW and not self._facts.worries:
            yield TaskCause.REVIEW, Urgency.NEXT_WORKING_DAY, "release_needed"
        if gate.check_in.extensions and not gate.check_in.complete and not gate.state.is_open:
            yield TaskCause.REVIEW, Urgency.NEXT_WORKING_DAY, "still_settling"

    def _from_silence(self, now: datetime) -> Iterator[Wanted]:
        gate = self._gates.next_gate()
        if gate is None or gate.state.is_open or self._facts.cancelled:
            return
        if gate.check_in.unreachable:
            if not self._facts.opted_out:
                yield TaskCause.UNREACHABLE, Urgency.NEXT_WORKING_DAY, "check_in"
        elif self._gates.past_reminders(gate):
            near = any(self._is_near(visit, now) for visit in self._visits.of_step(gate.step))
            yield TaskCause.NO_REPLY, Urgency.SAME_DAY if near else Urgency.NEXT_WORKING_DAY, "check_in"

    def _from_visit(self, visit: Visit, now: datetime) -> Iterator[Wanted]:
        if self._facts.cancelled:
            return
        if visit.status is BookingStatus.NO_SHOW and not self._is_rebooked(visit):
            yield TaskCause.NO_SHOW, Urgency.NEXT_WORKING_DAY, visit.step
        if not visit.is_live:
            return
        if same_day := self._visits.same_day_as(visit):
            yield TaskCause.SAME_VISIT, Urgency.SAME_DAY, self._later_step(visit, *same_day)
        if now >= self._unrecorded_at(visit):
            yield TaskCause.NOT_RECORDED, Urgency.NEXT_WORKING_DAY, visit.step
        elif gate := self._facts.gates.get(visit.step):
            yield from self._behind_gate(gate, visit, now)
        if self._unanswered_before(visit, now):
            yield TaskCause.NO_REPLY, Urgency.SAME_DAY, "pre_visit"

    def _later_step(self, *visits: Visit) -> str:
        """The one that must wait: it has a first allowed date to propose."""
        return max((visit.step for visit in visits), key=self._position)

    def _position(self, step: str) -> int:
        return self._facts.plan.steps.index(self._facts.plan.step(step))

    def _is_rebooked(self, visit: Visit) -> bool:
        return bool(self._visits.live(visit.step) or self._visits.treated(visit.step))

    def _behind_gate(self, gate: Gate, visit: Visit, now: datetime) -> Iterator[Wanted]:
        if gate.state.is_open or self._visits.same_day_as(visit):
            return
        urgency = Urgency.SAME_DAY if self._is_near(visit, now) else Urgency.NEXT_WORKING_DAY
        if self.is_too_early(visit):
            yield TaskCause.TOO_EARLY, urgency, visit.step
        elif self._gates.only_waits(gate):
            if urgency is Urgency.SAME_DAY:
                yield TaskCause.GATE_SHUT, urgency, visit.step
            else:
                near = self._visits.day(self._near_from(visit))
                yield TaskCause.GATE_SHUT, Urgency.INFORMATION, visit.step, self._facts.calendar.closing(near)
        else:
            yield TaskCause.GATE_SHUT, urgency, visit.step

    def is_too_early(self, visit: Visit) -> bool:
        step = self._facts.plan.step(visit.step)
        first = self._gates.timing(step).first_allowed if step.previous else None
        return first is not None and self._visits.day(visit.starts_at) < first

    # Moments

    def _moments(self, visit: Visit) -> list[datetime]:
        if not visit.is_live:
            return []
        ask = self._asked_before(visit)
        silent = [self._silence_ends(ask.asked_at)] if ask else []
        return [self._near_from(visit), self._unrecorded_at(visit), *silent]

    def _near_from(self, visit: Visit) -> datetime:
        """An hour before closing, three working days ahead: a check-in asked that morning may be answered first."""
        calendar = self._facts.calendar
        day = self._visits.day(visit.starts_at)
        near = calendar.previous_working_day(day, self._facts.plan.gate_shut_task_working_days)
        return calendar.closing(near) - timedelta(hours=1)

    def _is_near(self, visit: Visit, now: datetime) -> bool:
        return visit.is_live and now >= self._near_from(visit)

    def _unrecorded_at(self, visit: Visit) -> datetime:
        """A visit that nobody recorded by the clinic's closing hour of its day needs a person to say what was done."""
        closing = self._facts.calendar.closing(self._visits.day(visit.starts_at))
        return max(closing, visit.starts_at + timedelta(hours=2))

    def _unanswered_before(self, visit: Visit, now: datetime) -> bool:
        ask = self._asked_before(visit)
        return ask is not None and now >= self._silence_ends(ask.asked_at)

    def _asked_before(self, visit: Visit) -> Ask | None:
        """The `pre_visit` that waits for an answer about this very visit."""
        ask = self._facts.asks.get(f"{Question.PRE_VISIT}:{visit.step}")
        return ask if ask and ask.starts_at == visit.starts_at else None

    def _silence_ends(self, asked_at: datetime) -> datetime:
        """`pre_visit` comes three working days ahead; a day without an answer leaves two for a call."""
        return asked_at + timedelta(hours=24)
