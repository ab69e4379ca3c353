"""The aggregate: events in, decisions out."""

from collections.abc import Sequence
from datetime import datetime

from domain.calendar import Calendar, QuietHours
from domain.journey.agenda import Agenda
from domain.journey.check_in import CheckIn
from domain.journey.conversation import Conversation
from domain.journey.course import Course
from domain.journey.events import (
    BookingChange,
    BookingVerdict,
    Change,
    ContactChange,
    DeliveryFailed,
    Incident,
    OtherProcedure,
    Outcome,
    Reply,
    SendAgain,
    StaffActed,
    StaffAction,
    StaffActionKind,
    StaffResult,
    TreatedChange,
)
from domain.journey.facts import CheckInState, Due, Facts, Gate, Visit, minute
from domain.journey.gate_keeper import GateKeeper
from domain.journey.holds import OTHER_PROCEDURE, Holds
from domain.journey.lateness import Lateness
from domain.journey.staff import Staff
from domain.journey.tasks import Tasks
from domain.journey.touchpoints import Touchpoints
from domain.journey.visits import BOOKING_SYSTEM, Visits
from domain.messages import FailureClass
from domain.plan import HoldOrigin, Plan
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label

REMEMBERED = 500
"""Ids of applied events kept, so that a second copy changes nothing even after continue-as-new."""


def begin(
    plan: Plan, calendar: Calendar, patient_zone: str, quiet_hours: QuietHours, deputies: tuple[str, ...], now: datetime
) -> Facts:
    """The facts of a journey that starts now."""
    now = minute(now)
    facts = Facts(
        plan=plan,
        calendar=calendar,
        patient_zone=patient_zone,
        quiet_hours=quiet_hours,
        deputies=deputies,
        started_at=now,
        last_activity=now,
    )
    facts.gates = {step.id: Gate(step=step.id) for step in plan.steps if step.previous or step.holds}
    Holds(facts, Visits(facts)).from_plan(now)
    return facts


class Journey:
    """Applies events to the facts, says what is due, and collects the changes that must be recorded."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._changes: list[Change] = []
        self.visits = Visits(facts)
        self.gates = GateKeeper(facts, self.visits)
        self.holds = Holds(facts, self.visits)
        self.check_in = CheckIn(facts, self.visits, self.gates, self.holds)
        self.touchpoints = Touchpoints(facts, self.visits, self.gates)
        self.lateness = Lateness(facts, self.touchpoints)
        self.tasks = Tasks(facts, self.visits, self.gates, self.holds, self.lateness)
        self.staff = Staff(facts, self.gates, self.holds, self.lateness)
        self.conversation = Conversation(facts, self.gates, self.check_in, self.tasks, self._changes)
        self.course = Course(facts, self.visits, self.gates, self.touchpoints)
        self.agenda = Agenda(
            facts, self.visits, self.check_in, self.touchpoints, self.lateness, self.tasks, self.course
        )

    # Events

    def booking(self, change: BookingChange, now: datetime) -> BookingVerdict:
        """A booking was made, moved, cancelled or missed."""
        now = minute(now)
        known = self.facts.visits.get(change.booking_id)
        was_completed = known is not None and known.status is BookingStatus.COMPLETED
        if known is None and self.visits.step_for(change.treatment, change.booking_id) is None:
            return BookingVerdict.UNMAPPED
        visit = self.visits.upsert(change, now)
        if visit is None:
            return BookingVerdict.STALE
        self.facts.last_activity = now
        self._forget_older_answers(visit)
        if change.status is BookingStatus.COMPLETED and visit.treated_at is None and not was_completed:
            self.treated(TreatedChange(booking_id=change.booking_id, by=BOOKING_SYSTEM), now)
        self._facts_changed(now)
        return self._verdict(visit)

    def _verdict(self, visit: Visit) -> BookingVerdict:
        gate = self.facts.gates.get(visit.step)
        shut = gate is not None and not gate.state.is_open
        step = self.facts.plan.step(visit.step)
        first = self.gates.timing(step).first_allowed if step.previous else None
        waits = gate is not None and self.gates.only_waits(gate)
        return self.visits.verdict(visit, first_allowed=first, shut=shut, only_waits=waits)

    def treated(self, change: TreatedChange, now: datetime, request_id: str = "") -> bool:
        """A treatment was recorded as done, redated or taken back; False for an unknown booking."""
        now = minute(now)
        if self._heard(request_id):
            return True
        before = self.facts.visits.get(change.booking_id)
        was_open = before is None or self.facts.gate_is_open(before.step)
        first_time = before is not None and before.treated_at is None
        visit = self.visits.record(change, now)
        if visit is None:
            return False
        self._remember(request_id)
        self.facts.last_activity = now
        if visit.treated_at:
            self._forget_older_answers(visit)
            if first_time and not was_open:
                self._incident("treated_behind_shut_gate", visit.step, now)
            if first_time and any(other.treated_at for other in self.visits.same_day_as(visit)):
                self._incident("two_treatments_in_one_visit", visit.step, now)
        self._facts_changed(now)
        return True

    def _forget_older_answers(self, visit: Visit) -> None:
        """Answers given before a treatment say nothing about the skin after it."""
        for gate in self.facts.gates.values():
            check_in, step = gate.check_in, self.facts.plan.step(gate.step)
            asked = check_in.ended_at or check_in.asked_at
            if step.previous == visit.step and asked and visit.treated_at and asked < visit.treated_at:
                gate.check_in = CheckInState(round=check_in.round)
                self.conversation.close_questions([check_in.ask_id], visit.treated_at)

    def reply(self, reply: Reply, now: datetime) -> bool:
        """A patient's reply, read by the clinic's rules; False when it was applied before."""
        now = minute(now)
        if reply.reply_id in self.facts.applied:
            return False
        self.facts.applied = [*self.facts.applied[-REMEMBERED:], reply.reply_id]
        if reply.opt_out or reply.label is Label.OPT_OUT:
            self._contact(opted_out=True)
        elif reply.label is Label.OPT_IN:
            self._contact(opted_out=False)
        if not reply.courtesy:
            self.conversation.take(reply, now)
        self._facts_changed(now)
        return True

    def act(self, action: StaffAction, now: datetime, request_id: str = "") -> StaffResult:
        """A staff action, accepted or refused with a reason; the same request again gets the same answer."""
        now = minute(now)
        if self._heard(request_id):
            refused = self.facts.requests[request_id]
            return StaffResult(accepted=not refused, reason=refused)
        gate = self.staff.gate_of(action)
        result = self.staff.act(action, now)
        self._remember(request_id, result.reason)
        self._changes.append(
            StaffActed(
                at=now,
                action=action.action,
                by=action.by,
                role=action.role,
                step=gate.step if gate else "",
                accepted=result.accepted,
                reason=result.reason or action.reason,
            )
        )
        if result.accepted:
            if action.action is StaffActionKind.CANCEL:
                self.facts.last_activity = now
            self._facts_changed(now)
        return result

    def contact(self, change: ContactChange, now: datetime, request_id: str = "") -> None:
        """The contact opted out or in elsewhere (provider, staff, another journey), or moved."""
        if self._heard(request_id):
            return
        self._remember(request_id)
        if change.opted_out is not None:
            self._contact(opted_out=change.opted_out)
        self.facts.patient_zone = change.patient_zone or self.facts.patient_zone
        self.facts.quiet_hours = change.quiet_hours or self.facts.quiet_hours
        self._facts_changed(minute(now))

    def other_procedure(self, change: OtherProcedure, now: datetime, request_id: str = "") -> None:
        """Another procedure holds the steps ahead until a clinician decides, or until it is called off."""
        if self._heard(request_id):
            return
        self._remember(request_id)
        others = [known for known in self.facts.other_procedures if known != change.booking_id]
        self.facts.other_procedures = others if change.called_off else [*others, change.booking_id]
        if not change.called_off:
            self.holds.put(OTHER_PROCEDURE, HoldOrigin.BOOKING, source=BOOKING_SYSTEM, now=minute(now))
        elif not others:
            self.holds.close((OTHER_PROCEDURE,))
        self._facts_changed(minute(now))

    def _contact(self, *, opted_out: bool) -> None:
        self.facts.opted_out = opted_out
        if not opted_out:
            self.check_in.reachable_again()

    def delivery_failed(self, failure: DeliveryFailed, now: datetime, request_id: str = "") -> None:
        """A message did not arrive: another channel where its touchpoint names one, and a person where none is left.

        A number or address that is wrong for good is a person's work in any case.
        """
        if self._heard(request_id):
            return
        self._remember(request_id)
        moved_on = self.agenda.undelivered(failure, minute(now))
        if not moved_on or failure.failure is FailureClass.NUMBER:
            self.tasks.raise_event(TaskCause.UNREACHABLE, Urgency.NEXT_WORKING_DAY, failure.identity.split(":")[0])
        self._facts_changed(minute(now))

    def send_again(self, again: SendAgain, now: datetime) -> None:
        """Nobody knows whether this was sent: hand it to `deliver` once more, if it was allowed that."""
        self.agenda.send_again(again)
        self._facts_changed(minute(now))

    def close_task(self, cause: TaskCause, now: datetime) -> None:
        """Staff closed a task that an event had raised; worries stay for a clinician's release or waiver."""
        self.facts.events.pop(cause, None)
        if cause is TaskCause.CONCERN and self.gates.next_gate() is None:
            self.facts.worries.clear()
        self._facts_changed(minute(now))

    # Copies of events

    def _heard(self, request_id: str) -> bool:
        return request_id in self.facts.requests

    def _remember(self, request_id: str, refused: str = "") -> None:
        if request_id:
            newest = [*self.facts.requests.items()][-REMEMBERED:]
            self.facts.requests = {**dict(newest), request_id: refused}

    # Time and messages

    def advance(self, now: datetime) -> None:
        """Let time have its say: gates, tasks, stage."""
        self._facts_changed(minute(now))

    def due_now(self, now: datetime) -> list[Due]:
        """What is to be handed to `deliver` now: quiet hours and deferrals already moved the rest."""
        return self.agenda.due_now(now)

    def next_moment(self, now: datetime) -> datetime | None:
        """The next whole minute at which something happens by itself, always ahead; None: nothing ever will."""
        return self.agenda.next_moment(now)

    def occurrence(self, due: Due) -> int:
        """The how-manieth message of this key and step: the same for every try of the same due."""
        return self.agenda.occurrence(due)

    def settled(self, due: Due, outcomes: Sequence[Outcome], now: datetime) -> None:
        """`deliver` came back with what became of a due message on each channel."""
        now = minute(now)
        self.agenda.settled(due, outcomes, now)
        self.agenda.forget_the_past(now)
        self._facts_changed(now)

    def is_over(self, now: datetime) -> bool:
        """Nothing is left to do: ended, and the aftercare that had begun is through."""
        return self.course.is_over(now)

    def _facts_changed(self, now: datetime) -> None:
        self._changes += self.gates.review_all(now)
        self.facts.queue = [due for due in self.facts.queue if self.check_in.still_asks(due)]
        self.check_in.schedule(now)
        self._changes += self.course.review(now)
        self._changes += self.tasks.review(now)

    # Changes

    def drain(self) -> list[Change]:
        """The changes since the last call: the workflow records them."""
        changes = list(self._changes)
        self._changes.clear()
        return changes

    def _incident(self, what: str, step: str, now: datetime) -> None:
        self.tasks.raise_event(TaskCause.INCIDENT, Urgency.SAME_DAY, what)
        self._changes.append(Incident(at=now, what=what, step=step))
