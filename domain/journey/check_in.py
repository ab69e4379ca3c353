"""The check-in before a gated step: when it is asked, in which order, and what its answers mean."""

from datetime import date, datetime, time, timedelta

from domain.calendar import DAY, Calendar
from domain.journey.events import Reply
from domain.journey.facts import Answer, CheckInState, Due, Facts, Gate, Worry
from domain.journey.gate_keeper import GateKeeper
from domain.journey.holds import Holds
from domain.journey.visits import Visits
from domain.plan import HoldOrigin
from domain.replies import Label, Question

KEYS = {
    Question.STATE: "check_in",
    Question.DISCOMFORT: "check_in_discomfort",
    Question.RED_FLAGS: "check_in_red_flags",
    Question.EXPOSURES: "check_in_exposures",
}
REMINDER_KEYS = ("check_in_reminder", "check_in_reminder_last")
LOOK_AHEAD = 90
"""Days within which a clinic day that another one follows must come."""


def ask_day(calendar: Calendar, earliest: date, visit: date | None, days_before: int) -> date:
    """The day to ask on: a clinic day that another follows, at `earliest` or some days before the visit if later.

    Where that leaves no working day for a person before the visit it moves earlier, never before `earliest`.
    """
    wanted = max(earliest, visit - days_before * DAY) if visit else earliest
    later = (wanted + n * DAY for n in range(LOOK_AHEAD))
    day = next((candidate for candidate in later if _staffed_after(calendar, candidate)), wanted)
    if visit is None or _leaves_time(calendar, day, visit):
        return day
    sooner = (visit - n * DAY for n in range(1, (visit - earliest).days + 1))
    fitting = (d for d in sooner if _staffed_after(calendar, d) and _leaves_time(calendar, d, visit))
    return next(fitting, earliest)


def _staffed_after(calendar: Calendar, day: date) -> bool:
    return calendar.is_working(day) and calendar.is_working(day + DAY)


def _leaves_time(calendar: Calendar, day: date, visit: date) -> bool:
    return calendar.next_working_day(day) < visit


class CheckIn:
    """Asks, reminds and understands; the gate is the gate keeper's business."""

    def __init__(self, facts: Facts, visits: Visits, gates: GateKeeper, holds: Holds) -> None:
        self._facts = facts
        self._visits = visits
        self._gates = gates
        self._holds = holds

    # When

    def schedule(self, now: datetime) -> None:
        """Set when the next gate's check-in is due; called whenever a fact changed."""
        gate = self._asked_gate()
        if gate is None:
            return
        gate.check_in.due_at = self._due_at(gate, now) if self._is_to_be_asked(gate, now) else None

    def _asked_gate(self) -> Gate | None:
        """The gate that the patient is asked about: none of a cancelled journey, and none that is open."""
        gate = None if self._facts.cancelled else self._gates.next_gate()
        return None if gate is None or gate.state.is_open else gate

    def _is_to_be_asked(self, gate: Gate, now: datetime) -> bool:
        check_in = gate.check_in
        if gate.state.is_open or check_in.in_progress or check_in.unreachable:
            return False
        return check_in.ended_at is None or self._is_stale(gate, now)

    def _is_stale(self, gate: Gate, now: datetime) -> bool:
        """Answers age: under a standing order the exposures are asked again; what a clinician reviews stays there.

        A release that lapsed waits for a booking: without one there is nothing to ask for. Who has just told of an
        exposure (before a visit, say) is not asked for it again while a clinician decides on its hold.
        """
        check_in, rules = gate.check_in, self._facts.plan.check_in
        told = self._facts.exposures_at
        if self._gates.open_holds(gate.step) and told and now <= told + rules.fresh_for:
            return False
        if gate.openings and self._visits.live(gate.step) is None:
            return False
        if not check_in.complete or check_in.ended_at is None or self._facts.worries:
            return False
        step = self._facts.plan.step(gate.step)
        counts = self._gates.standing_order_counts(step) and not self._gates.not_yet(step, now)
        return counts and now > check_in.ended_at + rules.fresh_for

    def _due_at(self, gate: Gate, now: datetime) -> datetime | None:
        timing = self._gates.timing(self._facts.plan.step(gate.step))
        if timing.first_allowed is None:
            return None
        if self._has_come(gate, timing.first_allowed, now):
            return gate.check_in.due_at
        live, rules = self._visits.live(gate.step), self._facts.plan.check_in
        visit = self._visits.day(live.starts_at) if live else None
        if visit is not None and visit < timing.first_allowed:
            visit = None
        calendar = self._facts.calendar
        earliest = max(timing.first_allowed, calendar.today(now))
        due = calendar.at(ask_day(calendar, earliest, visit, rules.days_before_visit), rules.clock)
        if due < now:
            due = self._next_slot(calendar.today(now) + DAY, visit, now)
        if live and due >= live.starts_at > now:
            return max(now, calendar.at(timing.first_allowed, time(0)))
        return due

    def _has_come(self, gate: Gate, first_allowed: date, now: datetime) -> bool:
        """It is due already and waits for the patient's morning or the end of a pause: that must not put it off."""
        due = gate.check_in.due_at
        return due is not None and due <= now and self._visits.day(due) >= first_allowed

    def _next_slot(self, earliest: date, visit: date | None, now: datetime) -> datetime:
        rules, calendar = self._facts.plan.check_in, self._facts.calendar
        if visit is not None and visit <= earliest:
            return now
        return calendar.at(ask_day(calendar, earliest, visit, rules.days_before_visit), rules.clock)

    def next_moments(self) -> list[datetime]:
        """When this check-in will want attention by itself."""
        gate = self._asked_gate()
        if gate is None:
            return []
        moments = [gate.check_in.due_at, self._reminder_at(gate.check_in)]
        if gate.check_in.complete and gate.check_in.ended_at and not gate.state.is_open:
            moments.append(gate.check_in.ended_at + self._facts.plan.check_in.fresh_for + timedelta(minutes=1))
        return [moment for moment in moments if moment]

    def _reminder_at(self, check_in: CheckInState) -> datetime | None:
        reminders = self._facts.plan.check_in.reminders
        if check_in.silent_since is None or check_in.reminders >= len(reminders):
            return None
        return check_in.silent_since + reminders[check_in.reminders]

    # What to send

    def dues(self, now: datetime) -> list[Due]:
        """The question or reminder that is due now, if any."""
        gate = self._asked_gate()
        if gate is None:
            return []
        check_in = gate.check_in
        if check_in.due_at and check_in.due_at <= now and not check_in.in_progress:
            first = Question.EXPOSURES if self._is_stale(gate, now) or check_in.exposures_only else Question.STATE
            return [self._ask(gate, first, now, any_hour=False)]
        reminder_at = self._reminder_at(check_in)
        if reminder_at and reminder_at <= now and check_in.open_question:
            return [self._remind(gate, reminder_at)]
        return []

    def planned(self) -> list[Due]:
        """The check-in or reminder that will come if nothing changes."""
        gate = self._asked_gate()
        if gate is None:
            return []
        if gate.check_in.due_at and not gate.check_in.in_progress:
            return [self._ask(gate, Question.STATE, gate.check_in.due_at, any_hour=False)]
        reminder_at = self._reminder_at(gate.check_in)
        return [self._remind(gate, reminder_at)] if reminder_at and gate.check_in.open_question else []

    def _ask(self, gate: Gate, question: Question, now: datetime, *, any_hour: bool) -> Due:
        check_in = gate.check_in
        number = check_in.round if check_in.in_progress else check_in.round + 1
        # Who answers a reminder is asked on once more, though the question went out before it.
        again = f".a{check_in.reminders}" if check_in.in_progress and check_in.reminders else ""
        return Due(
            key=KEYS[question],
            step=gate.step,
            tag=f"r{number}.u{check_in.unclear}{again}",
            due_at=now,
            expires_at=now + timedelta(days=3),
            question=question,
            ask_id=f"check_in:{gate.step}:{number}",
            any_hour=any_hour,
            alone=question is Question.EXPOSURES and (check_in.exposures_only or not check_in.in_progress),
            otherwise=self._facts.plan.check_in.undelivered if question is Question.STATE else None,
        )

    def _remind(self, gate: Gate, at: datetime) -> Due:
        check_in = gate.check_in
        only = check_in.open_question is Question.EXPOSURES and check_in.exposures_only
        return Due(
            key=KEYS[Question.EXPOSURES] if only else REMINDER_KEYS[min(check_in.reminders, 1)],
            step=gate.step,
            tag=f"r{check_in.round}.n{check_in.reminders + 1}",
            due_at=at,
            expires_at=at + timedelta(days=2),
            question=Question.EXPOSURES if only else Question.STATE,
            alone=only,
            ask_id=check_in.ask_id,
        )

    # What happened

    def still_asks(self, due: Due) -> bool:
        """Whether a message fits the dialogue still: a question of a round that has ended meanwhile does not."""
        if not due.ask_id.startswith("check_in:"):
            return True
        check_in = self._facts.gates[due.step].check_in
        number = check_in.round if check_in.in_progress else check_in.round + 1
        return due.ask_id == f"check_in:{due.step}:{number}"

    def asked(self, due: Due, now: datetime) -> None:
        """A question or reminder was handed to the provider (or lost on the way: silence looks the same)."""
        gate = self._facts.gates[due.step]
        check_in = gate.check_in
        if due.tag.split(".")[-1].startswith("n"):
            check_in.reminders += 1
            check_in.open_question = due.question
            return
        if not check_in.in_progress:
            self._begin_round(check_in, due, now)
        check_in.open_question, check_in.silent_since = due.question, now

    def _begin_round(self, check_in: CheckInState, due: Due, now: datetime) -> None:
        only = due.question is Question.EXPOSURES
        check_in.round += 1
        check_in.asked_at, check_in.ask_id, check_in.due_at = now, due.ask_id, None
        check_in.reminders, check_in.unclear = 0, 0
        check_in.complete, check_in.ended_at, check_in.exposures_only = False, None, only
        if not only:
            check_in.answers = {}

    def could_not_ask(self, due: Due) -> None:
        """Nobody can be asked on this channel: the gate stays shut, and a person must call."""
        check_in = self._facts.gates[due.step].check_in
        if not check_in.in_progress:
            check_in.unreachable, check_in.due_at = True, None

    def reachable_again(self) -> None:
        """The patient opted in again: what was never answered may be asked again, as a message of its own."""
        for gate in self._facts.gates.values():
            check_in = gate.check_in
            was_unreachable, check_in.unreachable = check_in.unreachable, False
            unanswered = check_in.ended_at and not check_in.complete and not self._facts.worries
            if was_unreachable or unanswered:
                number = check_in.round + was_unreachable
                gate.check_in = CheckInState(round=number, extensions=check_in.extensions)

    def may_be_answered(self, gate: Gate, now: datetime) -> bool:
        """Whether staff may enter answers: it is open, or its date has come and nobody has answered yet."""
        if gate is not self._asked_gate():
            return False
        if gate.check_in.in_progress:
            return True
        first = self._gates.timing(self._facts.plan.step(gate.step)).first_allowed
        has_come = first is not None and self._facts.calendar.today(now) >= first
        return has_come and (not gate.check_in.complete or self._is_stale(gate, now))

    def _begin_by_staff(self, gate: Gate, now: datetime) -> None:
        if not gate.check_in.in_progress:
            self._begin_round(gate.check_in, self._ask(gate, Question.STATE, now, any_hour=True), now)
            gate.check_in.open_question, gate.check_in.silent_since = Question.STATE, now
            gate.check_in.unreachable = False

    def is_about(self, reply: Reply, now: datetime) -> Gate | None:
        """The gate whose open question this reply answers; a page opened from an older link counts as well."""
        if self._facts.cancelled:
            return None
        for gate in self._facts.gates.values():
            check_in = gate.check_in
            same_step = reply.by_page and reply.ask_id.startswith(f"check_in:{gate.step}:")
            if same_step and reply.by_staff and self.may_be_answered(gate, now):
                self._begin_by_staff(gate, now)
            if check_in.in_progress and (same_step or reply.ask_id == check_in.ask_id):
                return gate
        return None

    def take(self, gate: Gate, reply: Reply, now: datetime) -> None:
        """Apply one answer: ask on, ask back once, or end."""
        check_in = gate.check_in
        question = reply.question or check_in.open_question or Question.STATE
        if reply.label is Label.UNCLEAR:
            self._unclear(gate, question, now)
            return
        check_in.answers[question] = Answer(label=reply.label, at=now)
        check_in.unclear = 0
        check_in.by_page = check_in.by_page or reply.by_page
        self.note(reply, about=question.value, now=now)
        if reply.label in (Label.URGENT, Label.OPT_OUT) or reply.call_me:
            self._end(check_in, now, complete=False)
            return
        self._go_on(gate, now)

    def note(self, reply: Reply, *, about: str, now: datetime) -> None:
        """Keep what is worrying in a reply, whatever it answered: a worry, and holds for exposures."""
        if "exposures" in about or "pre_visit" in about:
            self._facts.exposures_at = now
        for cause in reply.exposures:
            self._holds.put(cause, HoldOrigin.REPLY, source=f"reply:{about}", now=now)
        worrying = reply.label in (Label.CONCERN, Label.URGENT)
        if worrying and (not reply.exposures or reply.label is Label.URGENT or reply.call_me):
            about = "call_me" if reply.call_me and reply.label is Label.CONCERN else about
            self._facts.worries.append(Worry(id=f"w{self._facts.number()}", label=reply.label, about=about, at=now))

    def _unclear(self, gate: Gate, question: Question, now: datetime) -> None:
        check_in = gate.check_in
        check_in.unclear += 1
        if check_in.unclear == 1:
            self._facts.queue.append(self._ask(gate, question, now, any_hour=True))
            return
        self._facts.worries.append(
            Worry(id=f"w{self._facts.number()}", label=Label.UNCLEAR, about="unreadable", at=now)
        )
        self._end(check_in, now, complete=False)

    def _go_on(self, gate: Gate, now: datetime) -> None:
        check_in = gate.check_in
        following = next_question(check_in)
        if following is None:
            self._complete(gate, now)
        elif check_in.by_page:
            check_in.open_question, check_in.silent_since = following, now
        else:
            check_in.open_question = following
            self._facts.queue.append(self._ask(gate, following, now, any_hour=True))

    def _complete(self, gate: Gate, now: datetime) -> None:
        check_in = gate.check_in
        self._end(check_in, now, complete=True)
        check_in.exposures_only = False
        labels = {answer.label for answer in check_in.answers.values()}
        if Label.MILD in labels and not self._facts.worries:
            self._extend(gate, now)

    def _extend(self, gate: Gate, now: datetime) -> None:
        """A mild answer lengthens the interval, up to a limit; then a person decides."""
        check_in, rules = gate.check_in, self._facts.plan.check_in
        if check_in.extensions >= rules.mild_at_most:
            self._facts.worries.append(
                Worry(id=f"w{self._facts.number()}", label=Label.MILD, about="still_settling", at=now)
            )
            return
        gate.check_in = CheckInState(round=check_in.round, extensions=check_in.extensions + 1)

    def _end(self, check_in: CheckInState, now: datetime, *, complete: bool) -> None:
        check_in.ended_at, check_in.complete = now, complete
        check_in.open_question = check_in.silent_since = None


def next_question(check_in: CheckInState) -> Question | None:
    """State, discomfort (only after 'back to usual'), red flags, exposures; None when all is answered."""
    if check_in.exposures_only:
        return None if _answered(check_in, Question.EXPOSURES) else Question.EXPOSURES
    state = check_in.answers.get(Question.STATE)
    if state is None:
        return Question.STATE
    usual = state.label is Label.CLEAR
    order = (
        (Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)
        if usual
        else (
            Question.RED_FLAGS,
            Question.EXPOSURES,
        )
    )
    return next((question for question in order if not _answered(check_in, question)), None)


def _answered(check_in: CheckInState, question: Question) -> bool:
    answer = check_in.answers.get(question)
    began = check_in.asked_at
    return answer is not None and (began is None or answer.at >= began)
