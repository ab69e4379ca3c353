"""The course of a journey: its stage, and when it is over."""

from datetime import datetime

from domain.journey.events import Change, StageChanged
from domain.journey.facts import Ask, Due, Facts, GateState, JourneyStage, minute
from domain.journey.gate_keeper import GateKeeper
from domain.journey.touchpoints import Touchpoints
from domain.journey.visits import Visits
from domain.replies import Question

DECEASED = "deceased"
"""The one reason of a cancelled journey that ends aftercare as well."""


class Course:
    """Says where a journey is and whether anything is left to do."""

    def __init__(self, facts: Facts, visits: Visits, gates: GateKeeper, touchpoints: Touchpoints) -> None:
        self._facts = facts
        self._visits = visits
        self._gates = gates
        self._touchpoints = touchpoints

    def review(self, now: datetime) -> list[Change]:
        """Bring the stage to what the facts say; returns the change, if any."""
        self._give_up(now)
        stage = self._stage(now)
        if stage is not self._facts.stage or not self._facts.announced:
            self._facts.stage, self._facts.announced = stage, True
            return [StageChanged(at=now, stage=stage, reason=self._facts.cancelled or "")]
        return []

    def is_over(self, now: datetime) -> bool:
        """Nothing is left to do: ended, and the aftercare that had begun is through."""
        if self._facts.cancelled == DECEASED:
            return True
        if not self._facts.is_final or self._facts.queue:
            return False
        if self._facts.stage is JourneyStage.COMPLETED:
            return True
        return not self._unsettled() and self._aftercare_is_over(minute(now))

    def next_moments(self) -> list[datetime]:
        """When it may end by the passing of time alone."""
        moments = [self._given_up_at()]
        final = self._final_ask()
        if final and not self._facts.final_answered:
            moments.append(final.asked_at + self._facts.plan.final_answer_within)
        return [moment for moment in moments if moment]

    def _stage(self, now: datetime) -> JourneyStage:
        if self._facts.is_final:
            return self._facts.stage
        if self._facts.cancelled:
            return JourneyStage.CANCELLED
        if self._facts.not_continued:
            return JourneyStage.NOT_CONTINUED
        if self._all_treated():
            return JourneyStage.COMPLETED if self._aftercare_is_over(now) else JourneyStage.AFTERCARE
        return self._stage_before_last_step()

    def _stage_before_last_step(self) -> JourneyStage:
        gate = self._gates.next_gate()
        if gate is None or not any(visit.treated_at for visit in self._facts.visits.values()):
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
        return all(self._visits.treated(step.id) for step in self._facts.plan.steps)

    def _aftercare_is_over(self, now: datetime) -> bool:
        if any(due.key != "moved" for due in self._unsettled()):
            return False
        final = self._final_ask()
        if final is None or self._facts.final_answered:
            return True
        return now >= final.asked_at + self._facts.plan.final_answer_within

    def _unsettled(self) -> list[Due]:
        return [*self._facts.queue, *self._touchpoints.pending()]

    def _final_ask(self) -> Ask | None:
        return next((ask for ask in self._facts.asks.values() if ask.question is Question.FINAL), None)

    def _give_up(self, now: datetime) -> None:
        """Nobody booked the next visit for so long: the journey is not continued."""
        ends_at = self._given_up_at()
        if ends_at is not None and now >= ends_at and not self._facts.cancelled:
            self._facts.not_continued = True

    def _given_up_at(self) -> datetime | None:
        if self._all_treated() or any(visit.is_live for visit in self._facts.visits.values()):
            return None
        gate = self._gates.next_gate()
        if gate and gate.invited_at:
            return max(gate.invited_at, self._facts.last_activity) + self._facts.plan.invitation_open_for
        if any(visit.treated_at for visit in self._facts.visits.values()):
            return None
        return self._facts.last_activity + self._facts.plan.invitation_open_for
