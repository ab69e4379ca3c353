"""Walks a journey through time the way the workflow does: what is due goes out at once, then the next moment comes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.booking import Treatment
from domain.calendar import local
from domain.journey import Journey
from domain.journey.events import (
    BookingChange,
    BookingVerdict,
    Change,
    GateChanged,
    Incident,
    Outcome,
    Reply,
    Role,
    StaffAction,
    StaffActionKind,
    StaffResult,
    TaskChanged,
    TreatedChange,
)
from domain.journey.facts import CheckInState, Due, Facts, Gate, GateState, JourneyStage, Raised
from domain.records import BookingStatus, TaskCause
from domain.replies import Label, Question
from tests.builders import at, facts

MOST_AT_ONCE = 40
"""More messages than this at one instant can only be a journey that never comes to rest."""


class Handed(NamedTuple):
    """What was handed to `deliver`, when, and what became of it."""

    at: datetime
    due: Due
    outcome: str


def outcome_of(due: Due, state: Facts, now: datetime) -> Outcome:
    """What `deliver` would say: it looks at consent, gate and usefulness at the moment of sending."""
    reason = ""
    if state.opted_out:
        reason = "opted_out"
    elif due.needs_open_gate and not state.gate_is_open(due.step):
        reason = "gate_shut"
    elif now >= due.expires_at:
        reason = "expired"
    return Outcome(channel=due.channels[0], state="skipped" if reason else "accepted", reason=reason)


@dataclass
class Walk:
    """A journey, its clock, and all that came out of it."""

    journey: Journey
    now: datetime
    handed: list[Handed] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    said: int = 0

    # Time

    def until(self, day: str, clock: str = "09:00") -> "Walk":
        """Let time pass until that wall-clock time of the clinic."""
        return self.pass_to(at(day, clock, self.facts.calendar.timezone))

    def later(self, **delta: float) -> "Walk":
        """Let time pass: `later(hours=2)`."""
        return self.pass_to(self.now + timedelta(**delta))

    def pass_to(self, moment: datetime) -> "Walk":
        self.deliver()
        while (coming := self.journey.next_moment(self.now)) and coming <= moment:
            assert coming > self.now
            self.now = coming
            self.journey.advance(self.now)
            self.deliver()
        self.now = moment
        self.journey.advance(self.now)
        self.deliver()
        return self

    def deliver(self) -> None:
        """Hand out what is due until nothing is."""
        for _ in range(MOST_AT_ONCE):
            dues = self.journey.due_now(self.now)
            if not dues:
                self.changes += self.journey.drain()
                return
            outcome = outcome_of(dues[0], self.facts, self.now)
            was_sent = any(one.due.identity == dues[0].identity and one.outcome == "accepted" for one in self.handed)
            assert not was_sent, f"the ledger sends {dues[0].identity} once"
            self.handed.append(Handed(self.now, dues[0], outcome.reason or outcome.state))
            outcomes = [outcome.model_copy(update={"channel": channel}) for channel in dues[0].channels]
            self.journey.occurrence(dues[0])
            self.journey.settled(dues[0], outcomes, self.now)
        raise AssertionError(f"still due after {MOST_AT_ONCE} messages: {dues[0].identity}")

    # Events

    def book(
        self,
        ref: str,
        treatment: Treatment,
        day: str,
        clock: str = "14:00",
        status: BookingStatus = BookingStatus.BOOKED,
        sequence: int | None = None,
    ) -> BookingVerdict:
        """Book or change a visit; the sequence grows by itself."""
        known = self.facts.visits.get(ref)
        verdict = self.journey.booking(
            BookingChange(
                booking_id=ref,
                treatment=treatment,
                starts_at=at(day, clock, self.facts.calendar.timezone),
                status=status,
                sequence=sequence if sequence is not None else (known.sequence + 1 if known else 1),
            ),
            self.now,
        )
        self.deliver()
        return verdict

    def set_status(self, ref: str, status: BookingStatus) -> BookingVerdict:
        """The booking system says something else of the same visit."""
        visit = self.facts.visits[ref]
        change = BookingChange(
            booking_id=ref,
            treatment=visit.treatment,
            starts_at=visit.starts_at,
            status=status,
            sequence=visit.sequence + 1,
        )
        verdict = self.journey.booking(change, self.now)
        self.deliver()
        return verdict

    def done(self, ref: str, treated_at: datetime | None = None, by: str = "staff:Kim") -> bool:
        applied = self.journey.treated(TreatedChange(booking_id=ref, treated_at=treated_at, by=by), self.now)
        self.deliver()
        return applied

    def undo(self, ref: str) -> bool:
        applied = self.journey.treated(TreatedChange(booking_id=ref, undone=True, by="staff:Kim"), self.now)
        self.deliver()
        return applied

    def say(
        self,
        label: Label,
        *,
        question: Question | None = None,
        ask_id: str = "",
        exposures: Iterable[str] = (),
        call_me: bool = False,
        opt_out: bool = False,
        courtesy: bool = False,
        by_page: bool = False,
        by_staff: bool = False,
        acknowledged: bool = False,
        reply_id: str | None = None,
    ) -> bool:
        """A reply; without `ask_id` an unsolicited one."""
        self.said += 1
        reply = Reply(
            reply_id=reply_id or f"r{self.said}",
            label=label,
            rule="test",
            ask_id=ask_id,
            question=question,
            exposures=tuple(exposures),
            call_me=call_me,
            opt_out=opt_out,
            courtesy=courtesy,
            by_page=by_page,
            by_staff=by_staff,
            acknowledged=acknowledged,
        )
        applied = self.journey.reply(reply, self.now)
        self.deliver()
        return applied

    def answer(self, label: Label, **more: object) -> bool:
        """Answer the question of the check-in that is open."""
        check_in = self.check_in
        assert check_in.open_question is not None, "no question of the check-in is open"
        keywords = {"question": check_in.open_question, "ask_id": check_in.ask_id, **more}
        return self.say(label, **keywords)  # type: ignore[arg-type]  # keywords of say, checked there

    def answer_all(self, label: Label = Label.CLEAR) -> "Walk":
        """Give the same answer to every question of the check-in."""
        while self.check_in.open_question is not None:
            self.answer(label)
        return self

    def act(
        self,
        action: StaffActionKind,
        *,
        by: str = "Dr. Rivera",
        role: Role = Role.CLINICIAN,
        reason: str = "seen on video",
        step: str | None = None,
        names: tuple[str, ...] = (),
    ) -> StaffResult:
        told = StaffAction(action=action, by=by, role=role, reason=reason, step=step, names=names)
        result = self.journey.act(told, self.now)
        self.deliver()
        return result

    def hold(self, reason: str = "asked to") -> StaffResult:
        return self.act(StaffActionKind.HOLD, by="Pat", role=Role.FRONT_DESK, reason=reason)

    # What came of it

    @property
    def facts(self) -> Facts:
        return self.journey.facts

    @property
    def gate(self) -> Gate:
        """The gate before the last step."""
        return self.facts.gates[self.facts.plan.steps[-1].id]

    def state(self) -> GateState:
        """The state of the gate before the last step."""
        return self.gate.state

    def stage(self) -> JourneyStage:
        return self.facts.stage

    @property
    def check_in(self) -> CheckInState:
        return self.gate.check_in

    def task(self, cause: TaskCause) -> Raised | None:
        return self.facts.tasks.get(cause)

    def texts(self) -> list[str]:
        """Keys of the messages in the order in which they went out."""
        return [key for _, key in self.log()]

    def log(self) -> list[tuple[str, str]]:
        """(local time of the clinic, key) of every message that went out."""
        return [(self.clock(handed.at), handed.due.key) for handed in self.handed if handed.outcome == "accepted"]

    def times(self, key: str) -> list[str]:
        """Local times at which messages of that key went out."""
        return [clock for clock, sent in self.log() if sent == key]

    def clock(self, instant: datetime) -> str:
        """Local time of the clinic: `Thu 03-04 14:00`."""
        return local(instant, self.facts.calendar.timezone).strftime("%a %m-%d %H:%M")

    def gates(self) -> list[GateChanged]:
        return [change for change in self.changes if isinstance(change, GateChanged)]

    def tasks(self, cause: TaskCause) -> list[TaskChanged]:
        return [change for change in self.changes if isinstance(change, TaskChanged) and change.cause is cause]

    def incidents(self) -> list[str]:
        return [change.what for change in self.changes if isinstance(change, Incident)]


def begun(state: Facts | None = None) -> Walk:
    """A journey that has just begun."""
    known = state or facts()
    walk = Walk(Journey(known), known.started_at)
    walk.journey.advance(walk.now)
    walk.deliver()
    return walk


def needled(state: Facts | None = None) -> Walk:
    """A journey whose first microneedling was done on Thursday 2027-03-04 at 14:00; it is 16:00 now.

    28 days later is Thursday 2027-04-01, a clinic day that another one follows.
    """
    walk = begun(state)
    walk.book("b1", Treatment.MICRONEEDLING, "2027-03-04")
    walk.until("2027-03-04", "16:00")
    walk.done("b1")
    return walk


def asked(state: Facts | None = None) -> Walk:
    """A journey whose check-in was asked on Thursday 2027-04-01 at 10:00; nothing is booked behind the gate."""
    return needled(state).until("2027-04-01", "10:00")


def opened(state: Facts | None = None) -> Walk:
    """A journey whose gate the standing order opened on Thursday 2027-04-01 at 10:00."""
    walk = asked(state).answer_all()
    assert walk.state() is GateState.RELEASED
    return walk
