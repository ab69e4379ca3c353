"""A plan: a protocol made personal, and pinned when a journey starts."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from domain.booking import Treatment
from domain.messages import Frozen
from domain.patient import SkinProfile
from domain.protocol import FLOOR, CheckInRules, Interval, Modifier, Protocol, Release, Touchpoint, When


class HoldOrigin(StrEnum):
    """Where a hold comes from."""

    PROFILE = "profile"
    REPLY = "reply"
    BOOKING = "booking"
    STAFF = "staff"


class Reason(Frozen):
    """One rule that applies to this person, with its source."""

    rule: str
    source: str


class PlanInterval(Frozen):
    """The personal interval between two treatments."""

    after: Treatment
    before: Treatment
    length: timedelta
    """Whole days, never below the floor of 14 days."""
    because: tuple[Reason, ...]


class PlanStep(Frozen):
    """One visit: a repeated step of the protocol becomes several of these."""

    id: str
    treatments: tuple[Treatment, ...]
    usual_treatment: Treatment
    previous: str | None = None
    """The step before it; a step with one has a gate."""
    holds: tuple[Reason, ...] = ()
    reviews: tuple[Reason, ...] = ()


class Plan(Frozen):
    """What a journey follows: timing and gate rules stay as they were when it started."""

    protocol_id: str
    protocol_version: str
    approved_by: str = ""
    release: Release
    steps: tuple[PlanStep, ...]
    intervals: tuple[PlanInterval, ...]
    touchpoints: tuple[Touchpoint, ...]
    check_in: CheckInRules
    release_lapses_after: timedelta
    gate_shut_warning_working_days: int
    gate_shut_task_working_days: int
    invitation_open_for: timedelta
    settle: timedelta
    final_answer_within: timedelta
    slow_skin: int | None = Field(default=None, ge=1, le=6)
    """The skin type that touchpoints with other days go by; the cautious one (6) where it is unknown."""

    def step(self, step_id: str) -> PlanStep:
        """The step of that id; KeyError otherwise."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def interval(self, after: Treatment, before: Treatment) -> PlanInterval:
        """The personal interval; KeyError for a pair that the plan does not have."""
        for interval in self.intervals:
            if interval.after is after and interval.before is before:
                return interval
        raise KeyError((after, before))


def applies(when: When, profile: SkinProfile) -> bool:
    """Whether a rule applies to a person. Unknown is a case of its own."""
    if when.condition is not None:
        return profile.conditions is not None and when.condition in profile.conditions
    if when.skin_types:
        return profile.skin_type in when.skin_types
    if when.needle_deeper_than_mm is not None:
        return profile.needle_depth_mm is not None and profile.needle_depth_mm > when.needle_deeper_than_mm
    if when.minor:
        return profile.adult is False
    return (profile.skin_type if when.unknown == "skin_type" else profile.conditions) is None


def personalise(protocol: Protocol, profile: SkinProfile) -> Plan:
    """Make a protocol personal: intervals, holds and reviews by skin type and conditions, each with its source."""
    modifiers = tuple(rule for rule in protocol.modifiers if applies(rule.when, profile))
    return Plan(
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        approved_by=protocol.approved_by,
        release=protocol.release if protocol.approved_by else Release.CLINICIAN,
        steps=_steps(protocol, modifiers),
        intervals=_intervals(protocol, modifiers),
        touchpoints=protocol.touchpoints,
        check_in=protocol.check_in,
        release_lapses_after=protocol.release_lapses_after,
        gate_shut_warning_working_days=protocol.gate_shut_warning_working_days,
        gate_shut_task_working_days=protocol.gate_shut_task_working_days,
        invitation_open_for=protocol.invitation_open_for,
        settle=protocol.settle,
        final_answer_within=protocol.final_answer_within,
        slow_skin=profile.skin_type or 6,
    )


def _steps(protocol: Protocol, modifiers: tuple[Modifier, ...]) -> tuple[PlanStep, ...]:
    steps: list[PlanStep] = []
    for step in protocol.steps:
        for number in range(1, step.times + 1):
            steps.append(
                PlanStep(
                    id=step.id if number == 1 else f"{step.id}_{number}",
                    treatments=step.treatments,
                    usual_treatment=step.usual_treatment,
                    previous=steps[-1].id if steps else None,
                    holds=_reasons(rule for rule in modifiers if set(rule.hold) & set(step.treatments)),
                    reviews=_reasons(rule for rule in modifiers if set(rule.review) & set(step.treatments)),
                )
            )
    return tuple(steps)


def _reasons(rules: Iterable[Modifier]) -> tuple[Reason, ...]:
    return tuple(Reason(rule=rule.id, source=rule.source) for rule in rules)


def _intervals(protocol: Protocol, modifiers: tuple[Modifier, ...]) -> tuple[PlanInterval, ...]:
    pairs = {
        (after, before): protocol.base_interval(after, before)
        for earlier, later in protocol.consecutive()
        for after in earlier.treatments
        for before in later.treatments
    }
    return tuple(_personal(after, before, base, modifiers) for (after, before), base in pairs.items())


def _personal(after: Treatment, before: Treatment, base: Interval, modifiers: tuple[Modifier, ...]) -> PlanInterval:
    longer = [rule for rule in modifiers if rule.add_days]
    length = timedelta(days=base.days + sum(rule.add_days for rule in longer))
    return PlanInterval(
        after=after,
        before=before,
        length=max(length, FLOOR),
        because=(
            Reason(rule=f"{after}_to_{before}", source=base.source),
            *_reasons(longer),
        ),
    )
