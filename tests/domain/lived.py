"""One journey as a machine lives it: its clock, its messages, its oracle, and what is looked at each time."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis.stateful import RuleBasedStateMachine, invariant

from domain.calendar import instant_at
from domain.journey import Journey
from domain.journey.events import Outcome
from domain.journey.facts import CheckInState, Due, Facts, Gate, minute
from tests.domain.oracle import Oracle
from tests.domain.walk import MOST_AT_ONCE, outcome_of

Result = TypeVar("Result")
AFTER_THE_END = {"day_0", "early", "day_7", "day_14", "final", "ack"}
"""What may still be said when a journey was cancelled: aftercare of what was done, and answers."""
REASSURING = {"stands", "invite", "moved", "pre_visit"}
"""What must never be said about a step behind a shut gate."""


class LivedJourney(RuleBasedStateMachine):
    """Base of the rules; `begins` of the machine that is put together of them sets what follows."""

    restarts = True
    """Whether every event is also given to a journey that was just brought back from JSON (three times the work)."""

    now: datetime
    home: ZoneInfo
    oracle: Oracle
    journey: Journey
    in_flight: Due | None
    provider: str
    sent: set[str]
    occurrences: dict[tuple[str, str, int], str]
    texts: int
    ended: str

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
