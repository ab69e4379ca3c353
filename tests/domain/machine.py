"""A state machine that lives one journey: bookings, treatments, replies, staff and time in any order."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.booking import Treatment
from domain.calendar import instant_at
from domain.journey import Journey
from domain.journey.events import (
    BookingChange,
    ContactChange,
    DeliveryFailed,
    Outcome,
    Reply,
    Role,
    StaffAction,
    StaffActionKind,
    TreatedChange,
)
from domain.journey.facts import CheckInState, Due, Facts, Gate, minute
from domain.messages import Channel, FailureClass
from domain.patient import Condition, SkinProfile
from domain.plan import Plan
from domain.protocol import Release
from domain.records import BookingStatus, TaskCause
from domain.replies import Label, Question
from tests import builders
from tests.domain.oracle import Appointment, Oracle
from tests.domain.walk import MOST_AT_ONCE, outcome_of

Result = TypeVar("Result")
ZONES = ("America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland", "UTC")
STARTS = (date(2027, 3, 1), date(2027, 9, 27), date(2028, 2, 28), date(2027, 10, 13))
"""Healing weeks that cross a change of the clocks, a leap day, or neither."""
DEPUTY = "Nurse Kim"
AFTER_THE_END = {"day_0", "early", "day_7", "day_14", "final", "ack"}
"""What may still be said when a journey was cancelled: aftercare of what was done, and answers."""
REASSURING = {"stands", "invite", "moved", "pre_visit"}
"""What must never be said about a step behind a shut gate."""
WORRYING = (Label.CONCERN, Label.URGENT)
NOT_AN_ANSWER = (Label.UNCLEAR, Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.OPT_IN, Label.OPT_OUT)

people = st.one_of(
    st.just(builders.HEALTHY),
    st.builds(
        SkinProfile,
        skin_type=st.none() | st.integers(1, 6),
        conditions=st.none() | st.frozensets(st.sampled_from(Condition), max_size=2),
        adult=st.sampled_from([True, True, False, None]),
    ),
)
plans = st.one_of(
    st.just(builders.plan()),
    st.builds(builders.plan, release=st.sampled_from(Release), needlings=st.integers(1, 2), laser_first=st.booleans()),
    st.builds(
        builders.plan,
        people,
        release=st.sampled_from(Release),
        approved_by=st.sampled_from(["Dr. Rivera", "Dr. Rivera", ""]),
        needlings=st.integers(1, 2),
        laser_first=st.booleans(),
    ),
)
labels = st.one_of(st.just(Label.CLEAR), st.sampled_from(Label))
numbers = st.integers(0, 5)
seconds = st.sampled_from([0, 0, 1, 30, 59])


class JourneyMachine(RuleBasedStateMachine):
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
        self.in_flight: Due | None = None
        self.provider = "accepted"
        self.sent: set[str] = set()
        self.occurrences: dict[tuple[str, str, int], str] = {}
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

    restarts = True
    """Whether every event is also given to a journey that was just brought back from JSON (three times the work)."""

    # What is common to all events

    @property
    def facts(self) -> Facts:
        return self.journey.facts

    def happens(self, event: Callable[[Journey], Result], *, twice: bool = False) -> Result:
        """Apply an event; a journey brought back from JSON must do the very same, and a copy changes nothing."""
        if not self.restarts:
            result = event(self.journey)
            self.journey.drain()
            return result
        twin = Journey(Facts.model_validate_json(self.facts.model_dump_json()))
        assert twin.facts == self.facts, "the facts do not survive a round trip"
        result = event(self.journey)
        assert event(twin) == result
        assert twin.facts == self.facts, "a restarted journey goes on differently"
        changes = self.journey.drain()
        assert twin.drain() == changes
        if twice:
            event(twin)
            assert twin.facts == self.facts, "the same event again changed something"
            assert not twin.drain()
        return result

    def next_gate(self) -> Gate | None:
        return self.journey.gates.next_gate()

    def open_check_in(self) -> tuple[Gate, CheckInState] | None:
        gate = self.next_gate()
        return (gate, gate.check_in) if gate and gate.check_in.open_question else None

    # Time and messages

    def hand_out(self) -> Due | None:
        dues = self.journey.due_now(self.now)
        if not dues:
            return None
        due = dues[0]
        self.check_due(due)
        number = self.happens(lambda journey: journey.occurrence(due))
        assert self.occurrences.setdefault((due.key, due.step, number), due.identity) == due.identity
        return due

    def check_due(self, due: Due) -> None:
        wall = minute(self.now).astimezone(self.home)
        allowed = (12 if wall.weekday() == 6 else 9) <= wall.hour < 20
        assert due.any_hour or allowed, f"{due.key} in quiet hours, {wall}"
        assert not self.facts.paused or self.facts.is_final, f"{due.key} in a paused journey"
        assert due.identity not in self.sent, f"{due.identity} goes out twice"
        assert not self.ended or due.key in AFTER_THE_END, f"{due.key} after the journey was cancelled"
        assert self.ended != "deceased", f"{due.key} to somebody who died"
        if due.key in REASSURING:
            assert due.needs_open_gate, f"{due.key} without regard to the gate"
        if due.starts_at and due.booking_id:
            visit = self.oracle.visits[due.booking_id]
            assert visit.ahead, f"{due.key} about a visit that is off"
            assert due.starts_at == visit.starts_at, f"{due.key} about a time that has changed"

    def come_back(self, due: Due, state: str) -> None:
        """The provider's answer, as far as consent, gate and usefulness let it come to that."""
        outcome = outcome_of(due, self.facts, self.now)
        if outcome.state == "accepted" and state != "accepted":
            until = self.now + timedelta(minutes=7, seconds=13) if state == "deferred" else None
            changes = {"state": state, "until": until, "reason": "30008"}
            outcome = Outcome.model_validate({**outcome.model_dump(), **changes})
        if outcome.state in ("accepted", "unknown"):
            self.sent.add(due.identity)
        self.happens(lambda journey: journey.settled(due, [outcome], self.now))

    def send_all(self) -> None:
        """Everything that is due goes out; then a next moment lies strictly ahead."""
        if self.in_flight:
            due, self.in_flight = self.in_flight, None
            self.come_back(due, "accepted")
        for _ in range(MOST_AT_ONCE):
            due_now = self.hand_out()
            if due_now is None:
                coming = self.journey.next_moment(self.now)
                assert coming is None or coming > self.now, "a next moment that does not lie ahead"
                return
            self.come_back(due_now, self.provider)
            self.look()
        raise AssertionError("something stays due: a journey that spins")

    def pass_to(self, moment: datetime) -> None:
        self.send_all()
        while not self.is_over():
            coming = self.journey.next_moment(self.now)
            if coming is None or coming > moment:
                break
            self.move_clock(coming)
        if not self.is_over() and moment > self.now:
            self.move_clock(moment)

    def move_clock(self, moment: datetime) -> None:
        self.now = moment
        self.happens(lambda journey: journey.advance(self.now))
        self.look()
        self.send_all()

    def is_over(self) -> bool:
        return self.journey.is_over(self.now)

    @precondition(lambda self: not self.is_over())
    @rule(count=st.integers(1, 6))
    def next_moments_come(self, count: int) -> None:
        for _ in range(count):
            coming = self.journey.next_moment(self.now)
            if coming is None or self.is_over():
                return
            self.pass_to(coming)

    @precondition(lambda self: not self.is_over())
    @rule(hours=st.sampled_from([1, 5, 24, 24 * 3, 24 * 6, 24 * 15]), second=seconds)
    def time_passes(self, hours: int, second: int) -> None:
        self.pass_to(self.now + timedelta(hours=hours, seconds=second))

    @precondition(lambda self: not self.is_over())
    @rule()
    def check_in_comes(self) -> None:
        """Time until the check-in of the next gate is open, at most some weeks."""
        for _ in range(60):
            coming = self.journey.next_moment(self.now)
            if coming is None or self.is_over() or self.open_check_in():
                return
            self.pass_to(coming)

    @precondition(lambda self: not self.is_over() and self.in_flight is None)
    @rule()
    def message_leaves(self) -> None:
        """A message is on its way while other things happen."""
        self.in_flight = self.hand_out()

    @rule(state=st.sampled_from(["accepted", "accepted", "unknown", "rejected", "skipped", "deferred"]))
    def provider_changes(self, state: str) -> None:
        """From now on the provider answers like that; a deferral happens once."""
        self.send_all()
        if state == "deferred":
            if due := self.hand_out():
                self.come_back(due, state)
        else:
            self.provider = state

    # Bookings and treatments

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

    # Replies

    @precondition(lambda self: not self.is_over() and self.open_check_in())
    @rule(label=labels, call_me=st.booleans(), by_page=st.booleans(), exposed=st.booleans())
    def answers(self, label: Label, call_me: bool, by_page: bool, exposed: bool) -> None:
        found = self.open_check_in()
        assert found is not None
        gate, check_in = found
        assert check_in.open_question is not None
        exposures = ("tan",) if exposed and label is Label.CONCERN else ()
        self.replies(
            label, check_in.open_question, check_in.ask_id, gate, exposures, call_me=call_me and label in WORRYING,
            by_page=by_page,
        )  # fmt: skip

    @precondition(lambda self: not self.is_over() and self.open_check_in())
    @rule(state=st.sampled_from([Label.CLEAR, Label.CLEAR, Label.MILD]))
    def answers_everything(self, state: Label) -> None:
        for _ in range(4):
            found = self.open_check_in()
            if found is None:
                return
            gate, check_in = found
            question = check_in.open_question or Question.STATE
            self.replies(state if question is Question.STATE else Label.CLEAR, question, check_in.ask_id, gate)
            self.send_all()

    @precondition(lambda self: not self.is_over())
    @rule(
        label=labels, call_me=st.booleans(), ask=st.sampled_from(["", "early:microneedling:b0.d3", "check_in:laser:0"])
    )
    def says_something(self, label: Label, call_me: bool, ask: str) -> None:
        """An unsolicited text, or an answer to a question that is long closed."""
        question = Question.STATE if ask else None
        self.replies(label, question, ask, None, call_me=call_me and label in WORRYING)

    @precondition(lambda self: not self.is_over())
    @rule(label=st.sampled_from(WORRYING))
    def worries(self, label: Label) -> None:
        self.replies(label, None, "", None)

    @precondition(lambda self: not self.is_over() and self.facts.asks)
    @rule(label=labels, which=numbers, exposed=st.booleans())
    def answers_other_question(self, label: Label, which: int, exposed: bool) -> None:
        asks = list(self.facts.asks)
        ask = self.facts.asks[asks[which % len(asks)]]
        exposures = ("new_medicine",) if exposed and label is Label.CONCERN else ()
        self.replies(label, ask.question, f"{ask.question}:{ask.step}:x", None, exposures)

    def replies(
        self,
        label: Label,
        question: Question | None,
        ask_id: str,
        gate: Gate | None,
        exposures: tuple[str, ...] = (),
        *,
        call_me: bool = False,
        by_page: bool = False,
    ) -> None:
        self.texts += 1
        unclear_before = gate.check_in.unclear if gate else 0
        reply = Reply(
            reply_id=f"r{self.texts}", label=label, rule="test", ask_id=ask_id, question=question,
            exposures=exposures, call_me=call_me, by_page=by_page,
        )  # fmt: skip
        for cause in exposures:
            self.oracle.hold(cause)
        if label in WORRYING and (not exposures or label is Label.URGENT or call_me):
            about = question.value if question and (gate or self.is_asked(question)) else "unsolicited"
            self.oracle.worries.append("call_me" if call_me and label is Label.CONCERN else about)
        if gate and label is Label.UNCLEAR and unclear_before:
            self.oracle.worries.append("unreadable")
        if gate and question and label not in NOT_AN_ANSWER:
            self.oracle.answers[gate.step, question] = (label, minute(self.now))
        assert self.happens(lambda journey: journey.reply(reply, self.now))
        again = self.facts.model_copy(deep=True)
        assert not self.happens(lambda journey: journey.reply(reply, self.now)), "a copy of a reply counted"
        assert self.facts == again, "the same reply again changed something"
        if any(worry.about == "still_settling" for worry in self.facts.worries):
            self.oracle.worries.append("still_settling")

    def is_asked(self, question: Question) -> bool:
        return any(ask.question is question for ask in self.facts.asks.values())

    @precondition(lambda self: not self.is_over())
    @rule(opted_out=st.booleans())
    def contact_changes(self, opted_out: bool) -> None:
        self.happens(lambda journey: journey.contact(ContactChange(opted_out=opted_out), self.now), twice=True)

    @precondition(lambda self: not self.is_over())
    @rule()
    def delivery_fails(self) -> None:
        failure = DeliveryFailed(identity="check_in:laser:r1.u0", channel=Channel.SMS, failure=FailureClass.NUMBER)
        self.happens(lambda journey: journey.delivery_failed(failure, self.now), twice=True)

    # Staff

    @precondition(lambda self: not self.is_over())
    @rule(
        action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE, StaffActionKind.HOLD]),
        by=st.sampled_from(["Dr. Rivera", "Pat", DEPUTY]),
        role=st.just(Role.CLINICIAN) | st.sampled_from(Role),
        reason=st.sampled_from(["seen", "seen", ""]),
        named=st.booleans(),
    )
    def staff_decides(self, action: StaffActionKind, by: str, role: Role, reason: str, named: bool) -> None:
        gate = self.next_gate()
        step = gate.step if gate else None
        was_open = bool(gate and gate.state.is_open and gate.opening)
        names = tuple(self.oracle.holds)[:1] if named and action is StaffActionKind.WAIVE else ()
        told = StaffAction(action=action, by=by, role=role, reason=reason, step=step, names=names)
        result = self.happens(lambda journey: journey.act(told, self.now))
        if not result.accepted:
            return
        if action is StaffActionKind.HOLD:
            self.oracle.hold("staff", only=step)
            return
        assert role is Role.CLINICIAN or by == DEPUTY, f"{role} may not {action}"
        if step is None:
            self.oracle.waived("", names, self.now, was_open=True)
        elif action is StaffActionKind.WAIVE:
            self.oracle.waived(step, names, minute(self.now), was_open=was_open)
        else:
            self.oracle.released(step, minute(self.now))
            assert self.facts.gates[step].state.is_open, "released, but shut"

    @precondition(lambda self: not self.is_over())
    @rule(action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE]))
    def clinician_decides(self, action: StaffActionKind) -> None:
        self.staff_decides(action, "Dr. Rivera", Role.CLINICIAN, "seen", False)

    @precondition(lambda self: not self.is_over())
    @rule()
    def front_desk_holds(self) -> None:
        told = StaffAction(action=StaffActionKind.HOLD, by="Pat", reason="asked to")
        if self.happens(lambda journey: journey.act(told, self.now)).accepted:
            self.oracle.hold("staff")

    @precondition(lambda self: not self.is_over())
    @rule(
        action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE]),
        role=st.sampled_from([role for role in Role if role is not Role.CLINICIAN]),
    )
    def no_clinician_decides(self, action: StaffActionKind, role: Role) -> None:
        told = StaffAction(action=action, by="Pat", role=role, reason="in a hurry")
        assert not self.happens(lambda journey: journey.act(told, self.now)).accepted, f"{role} may not {action}"

    @precondition(lambda self: not self.is_over())
    @rule(role=st.sampled_from(Role))
    def staff_pauses_or_resumes(self, role: Role) -> None:
        kind = StaffActionKind.RESUME if self.facts.paused else StaffActionKind.PAUSE
        told = StaffAction(action=kind, by="Pat", role=role, reason="asked for it")
        assert self.happens(lambda journey: journey.act(told, self.now)).accepted or self.facts.is_final

    @precondition(lambda self: not self.is_over())
    @rule(reason=st.sampled_from(["moved away", "deceased"]), really=st.integers(0, 9))
    def staff_cancels(self, reason: str, really: int) -> None:
        if really:
            return
        told = StaffAction(action=StaffActionKind.CANCEL, by="Pat", reason=reason)
        if self.happens(lambda journey: journey.act(told, self.now)).accepted:
            self.ended, self.in_flight = reason, None

    @precondition(lambda self: not self.is_over())
    @rule(cause=st.sampled_from([TaskCause.QUESTION, TaskCause.INCIDENT, TaskCause.UNREACHABLE, TaskCause.UNREADABLE]))
    def staff_closes_task(self, cause: TaskCause) -> None:
        self.happens(lambda journey: journey.close_task(cause, self.now), twice=True)

    # What always holds

    @invariant()
    def look(self) -> None:
        """An open gate is one that the oracle has nothing against; visits behind a shut one have a task."""
        if not hasattr(self, "journey"):
            return
        for step in self.facts.plan.steps:
            gate = self.facts.gates.get(step.id)
            if gate is None or step.previous is None or self.oracle.done(step.id):
                continue
            now = minute(self.now)
            self.oracle.saw(step.id, now, is_open=gate.state.is_open)
            if gate.state.is_open:
                against = self.oracle.why_shut(step.id, now)
                assert not against, f"{step.id} is open in spite of {against}"
            elif self.oracle.planned(step.id) and not self.facts.stage.is_final:
                assert self.facts.tasks, f"a visit for {step.id} behind a shut gate, and no task"

    # Look-ups

    def ref(self, which: int) -> str:
        refs = sorted(self.facts.visits)
        return refs[which % len(refs)]

    def slot(self, days: int, hour: int, second: int) -> datetime:
        day = self.oracle.day(self.now) + timedelta(days=days)
        return (instant_at(day, time(hour), str(self.oracle.zone)) + timedelta(seconds=second)).astimezone(UTC)
