"""What staff can do to a journey: domain commands with an actor and a role, accepted or refused with a reason."""

from datetime import datetime

from domain.journey.events import Role, StaffAction, StaffActionKind, StaffResult
from domain.journey.facts import Facts, Gate, GateState, Opening
from domain.journey.gate_keeper import GateKeeper
from domain.journey.holds import Holds
from domain.journey.lateness import Lateness
from domain.plan import HoldOrigin

REFUSED = "needs_clinician"


class Staff:
    """Applies staff actions to the facts."""

    def __init__(self, facts: Facts, gates: GateKeeper, holds: Holds, lateness: Lateness) -> None:
        self._facts = facts
        self._gates = gates
        self._holds = holds
        self._lateness = lateness

    def act(self, action: StaffAction, now: datetime) -> StaffResult:
        """Apply one action; a refused one changes nothing."""
        if not action.by.strip():
            return StaffResult(accepted=False, reason="needs_a_name")
        if self._has_ended_for(action.action):
            return StaffResult(accepted=False, reason="journey_ended")
        apply = {
            StaffActionKind.RELEASE: self._release,
            StaffActionKind.WAIVE: self._waive,
            StaffActionKind.HOLD: self._hold,
            StaffActionKind.PAUSE: self._pause,
            StaffActionKind.RESUME: self._resume,
            StaffActionKind.CANCEL: self._cancel,
            StaffActionKind.SEND: self._send,
        }[action.action]
        return apply(action, now)

    def _has_ended_for(self, action: StaffActionKind) -> bool:
        """Aftercare goes on after the end, and so does the word on a late one."""
        if self._facts.is_final:
            return action is not StaffActionKind.SEND
        return bool(self._facts.cancelled) and action not in (StaffActionKind.HOLD, StaffActionKind.SEND)

    def gate_of(self, action: StaffAction) -> Gate | None:
        """The gate that the action means: the one named, else the next one."""
        if action.step is not None:
            return self._facts.gates.get(action.step)
        held = (gate for gate in self._facts.gates.values() if gate.state is GateState.HELD)
        return self._gates.next_gate() or next(held, None)

    def _decides(self, action: StaffAction) -> bool:
        named = action.by in self._facts.deputies if action.deputy is None else action.deputy
        return action.role is Role.CLINICIAN or named

    def _release(self, action: StaffAction, now: datetime) -> StaffResult:
        gate = self.gate_of(action)
        if not self._decides(action):
            return StaffResult(accepted=False, reason=REFUSED)
        if gate is None:
            return StaffResult(accepted=False, reason="no_gate")
        if against := self._gates.may_release(gate, now):
            return StaffResult(accepted=False, reason=against)
        self._facts.worries.clear()
        gate.opening = Opening(by=f"staff:{action.by}", reason=action.reason or "released", at=now)
        return StaffResult(accepted=True)

    def _waive(self, action: StaffAction, now: datetime) -> StaffResult:
        """Close the named holds and worrying answers; the gate opens once treatment, interval and answers are there."""
        gate = self.gate_of(action)
        if not self._decides(action):
            return StaffResult(accepted=False, reason=REFUSED)
        if not action.reason.strip():
            return StaffResult(accepted=False, reason="needs_a_reason")
        if gate is None:
            return StaffResult(accepted=False, reason="no_gate")
        if unknown := set(action.names) - self._names():
            return StaffResult(accepted=False, reason=f"unknown:{','.join(sorted(unknown))}")
        self._holds.close(action.names)
        self._facts.worries = [
            worry for worry in self._facts.worries if action.names and not {worry.id, worry.about} & set(action.names)
        ]
        held = [other for other in self._facts.gates.values() if other.state is GateState.HELD]
        for waived in (gate, *held):
            if not waived.state.is_open or waived.opening is None:
                waived.opening = Opening(by=f"staff:{action.by}", reason=action.reason, at=now, waiver=True)
        return StaffResult(accepted=True)

    def _names(self) -> set[str]:
        worries = {name for worry in self._facts.worries for name in (worry.id, worry.about)}
        return worries | {hold.cause for hold in self._facts.holds}

    def _hold(self, action: StaffAction, now: datetime) -> StaffResult:
        if not action.reason.strip():
            return StaffResult(accepted=False, reason="needs_a_reason")
        held = self._holds.put(
            "staff", HoldOrigin.STAFF, source=f"staff:{action.by}: {action.reason}", now=now, step=action.step
        )
        return StaffResult(accepted=held, reason="" if held else "nothing_ahead")

    def _pause(self, _action: StaffAction, _now: datetime) -> StaffResult:
        if self._facts.paused:
            return StaffResult(accepted=False, reason="already_paused")
        self._facts.paused = True
        return StaffResult(accepted=True)

    def _resume(self, _action: StaffAction, _now: datetime) -> StaffResult:
        if not self._facts.paused:
            return StaffResult(accepted=False, reason="not_paused")
        self._facts.paused = False
        return StaffResult(accepted=True)

    def _send(self, action: StaffAction, now: datetime) -> StaffResult:
        """Late messages still make sense: those named by their key, or all that wait."""
        if self._lateness.approve(action.names, now):
            return StaffResult(accepted=True)
        return StaffResult(accepted=False, reason="nothing_waits")

    def _cancel(self, action: StaffAction, _now: datetime) -> StaffResult:
        if not action.reason.strip():
            return StaffResult(accepted=False, reason="needs_a_reason")
        self._facts.cancelled = action.reason
        self._facts.queue.clear()
        return StaffResult(accepted=True)
