"""Holds: reasons that keep gates closed until a named clinician decides."""

from collections.abc import Sequence
from datetime import datetime

from domain.journey.facts import Facts, Gate, GateState, Hold
from domain.journey.visits import Visits
from domain.plan import HoldOrigin

OTHER_PROCEDURE = "other_procedure"
"""Cause of a hold: sources disagree widely on peels, fillers and surgery, so a clinician looks at each."""


class Holds:
    """Opens and closes the holds in the facts."""

    def __init__(self, facts: Facts, visits: Visits) -> None:
        self._facts = facts
        self._visits = visits

    def from_plan(self, now: datetime) -> None:
        """The holds that the person's profile brings along (unknown counts as the cautious case)."""
        for step in self._facts.plan.steps:
            for reason in step.holds:
                self._open(reason.rule, HoldOrigin.PROFILE, (step.id,), reason.source, now)

    def put(self, cause: str, origin: HoldOrigin, *, source: str, now: datetime, step: str | None = None) -> bool:
        """Hold every step that is not done yet (or just the one named); False when nothing is left to hold."""
        ahead = [s.id for s in self._facts.plan.steps if not self._visits.treated(s.id) and step in (None, s.id)]
        if not ahead:
            return False
        self._open(cause, origin, tuple(ahead), source, now)
        return True

    def close(self, names: Sequence[str]) -> None:
        """Close the holds of these causes; no names: all."""
        self._facts.holds = [hold for hold in self._facts.holds if names and hold.cause not in names]

    def causes(self) -> list[str]:
        return sorted({hold.cause for hold in self._facts.holds if any(map(self._ahead, hold.steps))})

    def _ahead(self, step: str) -> bool:
        return self._visits.treated(step) is None

    def _open(self, cause: str, origin: HoldOrigin, steps: tuple[str, ...], source: str, now: datetime) -> None:
        known = next((hold for hold in self._facts.holds if hold.cause == cause), None)
        if known:
            known.steps = tuple(dict.fromkeys((*known.steps, *steps)))
        else:
            self._facts.holds.append(Hold(cause=cause, origin=origin, steps=steps, source=source, at=now))
        for step in steps:
            self._facts.gates.setdefault(step, Gate(step=step, state=GateState.RELEASED))
