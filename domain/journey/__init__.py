"""One patient's journey as plain Python: events in, decisions out. No clock, no I/O, no Temporal.

The workflow (`workflows/journey.py`) is its clock and its hands; `healgate simulate` and the tests drive the same code.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from domain.calendar import DAY, Calendar, QuietHours
from domain.journey.check_in import CheckIn
from domain.journey.events import (
    BookingChange,
    BookingVerdict,
    Change,
    ContactChange,
    DeliveryFailed,
    Incident,
    Outcome,
    QuestionsClosed,
    Reply,
    StaffActed,
    StaffAction,
    StaffActionKind,
    StaffResult,
    StageChanged,
    TreatedChange,
)
from domain.journey.facts import (
    MINUTE,
    Ask,
    CheckInState,
    Due,
    Facts,
    Gate,
    GateState,
    JourneyStage,
    Visit,
    minute,
)
from domain.journey.gate_keeper import GateKeeper
from domain.journey.holds import Holds
from domain.journey.staff import Staff
from domain.journey.tasks import Tasks
from domain.journey.touchpoints import Touchpoints
from domain.journey.visits import BOOKING_SYSTEM, Visits
from domain.plan import Plan
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label, Question

__all__ = ["Due", "Facts", "GateState", "Journey", "JourneyStage", "begin", "minute"]

ACK_EVERY = timedelta(hours=12)
DECEASED = "deceased"
"""The one reason for a cancellation after which nothing is said any more, aftercare included."""
REMEMBERED = 500
"""Ids of applied events kept, so that a second copy changes nothing even after continue-as-new."""
ANSWERED_BY_A_PERSON = (Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.CONCERN, Label.UNCLEAR)


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
        self.visits = Visits(facts)
        self.gates = GateKeeper(facts, self.visits)
        self.holds = Holds(facts, self.visits)
        self.check_in = CheckIn(facts, self.visits, self.gates, self.holds)
        self.touchpoints = Touchpoints(facts, self.visits, self.gates)
        self.tasks = Tasks(facts, self.visits, self.gates, self.holds)
        self.staff = Staff(facts, self.gates, self.holds)
        self._changes: list[Change] = []

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

    def treated(self, change: TreatedChange, now: datetime) -> bool:
        """A treatment was recorded as done, redated or taken back; False for an unknown booking."""
        now = minute(now)
        before = self.facts.visits.get(change.booking_id)
        was_open = before is None or self.facts.gate_is_open(before.step)
        first_time = before is not None and before.treated_at is None
        visit = self.visits.record(change, now)
        if visit is None:
            return False
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
                self._close_questions([check_in.ask_id], visit.treated_at)

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
            self._take(reply, now)
        self._facts_changed(now)
        return True

    def _take(self, reply: Reply, now: datetime) -> None:
        gate = self.check_in.is_about(reply)
        if gate and reply.label not in (Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.OPT_IN):
            self.check_in.take(gate, reply, now)
            self._after_answer(gate, reply, now)
        elif ask := self._ask_of(reply):
            self._take_ask(ask, reply, now)
        else:
            self._take_unsolicited(reply, now)

    def _after_answer(self, gate: Gate, reply: Reply, now: datetime) -> None:
        """Thank for a finished check-in, unless the page did or an opened gate says more."""
        check_in = gate.check_in
        finished = check_in.ended_at == now or (check_in.round and check_in.asked_at is None)
        if finished:
            self._close_questions([reply.ask_id], now)
        self._changes += self.gates.review_all(now)
        quiet = reply.by_page or reply.label in (Label.OPT_OUT, Label.URGENT) or gate.state.is_open
        if finished and not quiet:
            self._queue("check_in_done", now, step=gate.step, any_hour=True)

    def _ask_of(self, reply: Reply) -> Ask | None:
        if reply.question is None:
            return None
        return next(
            (a for key, a in self.facts.asks.items() if reply.ask_id.startswith(key) and a.question is reply.question),
            None,
        )

    def _take_ask(self, ask: Ask, reply: Reply, now: datetime) -> None:
        """An answer to early, final or pre_visit; a wish for a person or a worry is acknowledged."""
        if reply.label is Label.UNCLEAR:
            self._take_unsolicited(reply, now)
            return
        self.check_in.note(reply, about=ask.question.value, now=now)
        self.facts.asks.pop(f"{ask.question}:{ask.step}", None)
        if ask.question is Question.FINAL:
            self.facts.final_answered = True
        self._close_questions([reply.ask_id], now)
        if reply.label in ANSWERED_BY_A_PERSON:
            self._for_a_person(reply, now)

    def _take_unsolicited(self, reply: Reply, now: datetime) -> None:
        self.check_in.note(reply, about="unsolicited", now=now)
        if reply.label in ANSWERED_BY_A_PERSON:
            self._for_a_person(reply, now)

    def _for_a_person(self, reply: Reply, now: datetime) -> None:
        if reply.label is Label.UNCLEAR:
            self.tasks.raise_event(TaskCause.UNREADABLE, Urgency.SAME_DAY, reply.rule)
        elif reply.label is not Label.CONCERN:
            self.tasks.raise_event(TaskCause.QUESTION, Urgency.NEXT_WORKING_DAY, reply.label.value)
        elif self.gates.next_gate() is None:
            self.tasks.raise_event(TaskCause.CONCERN, Urgency.NEXT_WORKING_DAY, reply.rule)
        if self.facts.last_ack is None or now - self.facts.last_ack >= ACK_EVERY:
            self.facts.last_ack = now
            self._queue("ack", now, any_hour=True)

    def act(self, action: StaffAction, now: datetime) -> StaffResult:
        """A staff action, accepted or refused with a reason."""
        now = minute(now)
        gate = self.staff.gate_of(action)
        result = self.staff.act(action, now)
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

    def contact(self, change: ContactChange, now: datetime) -> None:
        """The contact opted out or in elsewhere (provider, staff, another journey)."""
        self._contact(opted_out=change.opted_out)
        self._facts_changed(minute(now))

    def _contact(self, *, opted_out: bool) -> None:
        self.facts.opted_out = opted_out
        if not opted_out:
            self.check_in.reachable_again()

    def delivery_failed(self, failure: DeliveryFailed, now: datetime) -> None:
        """A message did not arrive: for what needs an answer a person must call."""
        self.tasks.raise_event(TaskCause.UNREACHABLE, Urgency.NEXT_WORKING_DAY, failure.identity.split(":")[0])
        self._facts_changed(minute(now))

    def close_task(self, cause: TaskCause, now: datetime) -> None:
        """Staff closed a task that an event had raised; worries stay for a clinician's release or waiver."""
        self.facts.events.pop(cause, None)
        if cause is TaskCause.CONCERN and self.gates.next_gate() is None:
            self.facts.worries.clear()
        self._facts_changed(minute(now))

    # Time

    def advance(self, now: datetime) -> None:
        """Let time have its say: gates, tasks, stage."""
        self._facts_changed(minute(now))

    def _facts_changed(self, now: datetime) -> None:
        self._changes += self.gates.review_all(now)
        self._give_up(now)
        self.facts.queue = [due for due in self.facts.queue if self.check_in.still_asks(due)]
        self.check_in.schedule(now)
        self._set_stage(now)
        self._changes += self.tasks.review(now)

    def due_now(self, now: datetime) -> list[Due]:
        """What is to be handed to `deliver` now: quiet hours and deferrals already moved the rest."""
        now = minute(now)
        if self._is_paused() or self.facts.cancelled == DECEASED:
            return []
        return [due for due in self._candidates(now) if self._ready_at(due, now) <= now]

    def _is_paused(self) -> bool:
        """A pause ends with the journey: aftercare of what was done goes on, and nothing waits for ever."""
        return self.facts.paused and not self.facts.is_final

    def _candidates(self, now: datetime) -> list[Due]:
        return [*self.facts.queue, *self.check_in.dues(now), *self.touchpoints.pending()]

    def _ready_at(self, due: Due, now: datetime) -> datetime:
        """When it may go out: its time, now if it is late, or when `deliver` deferred it to; never in quiet hours."""
        at = max(now, due.due_at, self.facts.deferred.get(due.identity, due.due_at))
        return at if due.any_hour else self.facts.quiet_hours.next_allowed(at, self.facts.patient_zone)

    def next_moment(self, now: datetime) -> datetime | None:
        """The next whole minute at which something happens by itself, always ahead; None: nothing ever will."""
        now = minute(now)
        paused = self._is_paused()
        moments = [] if paused else [self._ready_at(due, now) for due in self._candidates(now)]
        moments += [] if paused else [self._allowed(moment) for moment in self.check_in.next_moments()]
        moments += [*self.tasks.next_moments(), *self._gate_moments(), *self._ending_moments()]
        coming = min((moment for moment in moments if moment > now), default=None)
        return coming if coming is None or coming == minute(coming) else minute(coming) + MINUTE

    def next_label(self, now: datetime) -> str:
        """What the next moment is about, for the timer's summary."""
        planned = self.upcoming(now)
        moment = self.next_moment(now)
        return next((f"{due.key} {due.step}".strip() for due, at in planned if at == moment), "a date of the plan")

    def upcoming(self, now: datetime) -> list[tuple[Due, datetime]]:
        """What is planned as the facts stand, with its time."""
        now = minute(now)
        planned = [(due, self._ready_at(due, now)) for due in (*self._candidates(now), *self.check_in.planned())]
        return sorted(planned, key=lambda pair: (pair[1], pair[0].identity))

    def _allowed(self, moment: datetime) -> datetime:
        return self.facts.quiet_hours.next_allowed(moment, self.facts.patient_zone)

    def _gate_moments(self) -> list[datetime]:
        """Midnights on which an interval ends, and instants at which a release lapses."""
        moments = []
        for gate in self.facts.gates.values():
            if gate.opens_on and not self.visits.treated(gate.step):
                moments.append(self.facts.calendar.at(gate.opens_on, time(0)))
            if gate.opening and gate.opening.opened_at and not self.visits.treated(gate.step):
                moments.append(gate.opening.opened_at + self.facts.plan.release_lapses_after)
        return moments

    # What became of messages

    def settled(self, due: Due, outcomes: Sequence[Outcome], now: datetime) -> None:
        """`deliver` came back: remember what was sent, ask on, or note that nobody could be asked."""
        now = minute(now)
        waits = [outcome.until for outcome in outcomes if outcome.state == "deferred" and outcome.until]
        if waits:
            self.facts.deferred[due.identity] = max(min(waits), now + timedelta(minutes=1))
            return
        self.facts.queue = [queued for queued in self.facts.queue if queued.identity != due.identity]
        self.facts.deferred.pop(due.identity, None)
        self.facts.sent[due.identity] = now
        self.facts.outcomes[due.identity] = tuple(
            f"{outcome.channel}:{outcome.state}" + (f":{outcome.reason}" if outcome.reason else "")
            for outcome in outcomes
        )
        if any(outcome.state in ("accepted", "unknown") for outcome in outcomes):
            self._went_out(due, now)
        else:
            self._did_not_go_out(due, {outcome.reason for outcome in outcomes})
        self._facts_changed(now)

    def _went_out(self, due: Due, now: datetime) -> None:
        if due.key in ("invite", "stands"):
            gate = self.facts.gates[due.step]
            gate.invited_at = gate.invited_at or now
        if due.key == "moved" and due.booking_id and due.starts_at:
            self.facts.visits[due.booking_id].told_start = due.starts_at
        if due.ask_id.startswith("check_in:"):
            if self.check_in.still_asks(due):
                self.check_in.asked(due, now)
        elif due.question:
            ask = Ask(question=due.question, step=due.step, asked_at=now, starts_at=due.starts_at)
            self.facts.asks[f"{due.question}:{due.step}"] = ask

    def _did_not_go_out(self, due: Due, reasons: set[str]) -> None:
        if "opted_out" in reasons:
            self.facts.opted_out = True
        if not due.ask_id.startswith("check_in:") or not self.check_in.still_asks(due):
            return
        if self.facts.gates[due.step].check_in.in_progress:
            self.check_in.asked(due, self.facts.sent[due.identity])
        else:
            self.check_in.could_not_ask(due)

    def occurrence(self, due: Due) -> int:
        """The how-manieth message of this key and step: the same for every try of the same due."""
        self.facts.occurrences.setdefault(due.identity, 1 + self._given_out(due))
        return self.facts.occurrences[due.identity]

    def _given_out(self, due: Due) -> int:
        prefix = f"{due.key}:{due.step}:"
        return sum(1 for identity in self.facts.occurrences if identity.startswith(prefix))

    # Changes, stage, end

    def drain(self) -> list[Change]:
        """The changes since the last call: the workflow records them."""
        changes, self._changes = self._changes, []
        return changes

    def _queue(self, key: str, now: datetime, *, step: str = "", any_hour: bool = False) -> None:
        self.facts.queue.append(
            Due(
                key=key,
                step=step,
                tag=f"n{self.facts.number()}",
                due_at=now,
                expires_at=now + DAY,
                any_hour=any_hour,
            )
        )

    def _close_questions(self, ask_ids: Sequence[str], now: datetime) -> None:
        asks = tuple(ask_id for ask_id in ask_ids if ask_id)
        if asks:
            self._changes.append(QuestionsClosed(at=now, ask_ids=asks))

    def _incident(self, what: str, step: str, now: datetime) -> None:
        self.tasks.raise_event(TaskCause.INCIDENT, Urgency.SAME_DAY, what)
        self._changes.append(Incident(at=now, what=what, step=step))

    def _set_stage(self, now: datetime) -> None:
        stage = self._stage(now)
        if stage is not self.facts.stage or not self.facts.announced:
            self.facts.stage, self.facts.announced = stage, True
            self._changes.append(StageChanged(at=now, stage=stage, reason=self.facts.cancelled or ""))

    def _stage(self, now: datetime) -> JourneyStage:
        if self.facts.is_final:
            return self.facts.stage
        if self.facts.cancelled:
            return JourneyStage.CANCELLED
        if self.facts.not_continued:
            return JourneyStage.NOT_CONTINUED
        if self._all_treated():
            return JourneyStage.COMPLETED if self._aftercare_is_over(now) else JourneyStage.AFTERCARE
        return self._stage_before_last_step()

    def _stage_before_last_step(self) -> JourneyStage:
        gate = self.gates.next_gate()
        if gate is None or not any(visit.treated_at for visit in self.facts.visits.values()):
            return JourneyStage.PREPARING
        return {
            GateState.LOCKED: JourneyStage.HEALING,
            GateState.AWAITING_REPLY: JourneyStage.CHECKING_IN,
            GateState.IN_REVIEW: JourneyStage.IN_REVIEW,
            GateState.HELD: JourneyStage.IN_REVIEW,
            GateState.RELEASED: JourneyStage.READY,
            GateState.WAIVED: JourneyStage.READY,
        }[gate.state]

    def _all_treated(self) -> bool:
        return all(self.visits.treated(step.id) for step in self.facts.plan.steps)

    def _aftercare_is_over(self, now: datetime) -> bool:
        if any(due.key != "moved" for due in self._unsettled()):
            return False
        final = self._final_ask()
        if final is None or self.facts.final_answered:
            return True
        return now >= final.asked_at + self.facts.plan.final_answer_within

    def _unsettled(self) -> list[Due]:
        return [*self.facts.queue, *self.touchpoints.pending()]

    def _final_ask(self) -> Ask | None:
        return next((ask for ask in self.facts.asks.values() if ask.question is Question.FINAL), None)

    def _give_up(self, now: datetime) -> None:
        """Nobody booked the next visit for so long: the journey is not continued."""
        ends_at = self._given_up_at()
        if ends_at is not None and now >= ends_at and not self.facts.cancelled:
            self.facts.not_continued = True

    def _given_up_at(self) -> datetime | None:
        if self._all_treated() or any(visit.is_live for visit in self.facts.visits.values()):
            return None
        gate = self.gates.next_gate()
        if gate and gate.invited_at:
            return max(gate.invited_at, self.facts.last_activity) + self.facts.plan.invitation_open_for
        if any(visit.treated_at for visit in self.facts.visits.values()):
            return None
        return self.facts.last_activity + self.facts.plan.invitation_open_for

    def _ending_moments(self) -> list[datetime]:
        moments = [self._given_up_at()]
        final = self._final_ask()
        if final and not self.facts.final_answered:
            moments.append(final.asked_at + self.facts.plan.final_answer_within)
        return [moment for moment in moments if moment]

    def is_over(self, now: datetime) -> bool:
        """Nothing is left to do: ended, and the aftercare that had begun is through."""
        if self.facts.cancelled == DECEASED:
            return True
        if not self.facts.is_final or self.facts.queue:
            return False
        if self.facts.stage is JourneyStage.COMPLETED:
            return True
        return not self._unsettled() and self._aftercare_is_over(minute(now))
