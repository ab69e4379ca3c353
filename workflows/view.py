"""What a query shows of a journey."""

from datetime import datetime

from domain.journey import Journey
from domain.journey.facts import Facts
from workflows.messages import (
    GateView,
    JourneyExplanation,
    JourneyView,
    Settled,
    TaskView,
    VisitView,
    upcoming,
)


def view(journey: Journey, now: datetime) -> JourneyView:
    """The journey as staff sees it."""
    facts = journey.facts
    return JourneyView(
        stage=facts.stage,
        paused=facts.paused,
        opted_out=facts.opted_out,
        gates=_gates(journey, now),
        visits=_visits(facts),
        holds=tuple(journey.holds.causes()),
        worries=tuple(f"{worry.id}:{worry.about}:{worry.label}" for worry in facts.worries),
        tasks=tuple(
            TaskView(cause=cause, urgency=task.urgency, why=task.detail) for cause, task in facts.tasks.items()
        ),
        upcoming=tuple(upcoming(due, at) for due, at in journey.agenda.upcoming(now)),
        next_moment=journey.next_moment(now),
    )


def explanation(journey: Journey, now: datetime) -> JourneyExplanation:
    """What was settled and what is planned, with the gates as they stand."""
    facts = journey.facts
    settled = [_settled(facts, identity, at) for identity, at in facts.sent.items()]
    return JourneyExplanation(
        settled=tuple(sorted(settled, key=lambda one: (one.at, one.key))),
        upcoming=tuple(upcoming(due, at) for due, at in journey.agenda.upcoming(now)),
        gates=_gates(journey, now),
    )


def _settled(facts: Facts, identity: str, at: datetime) -> Settled:
    key, step, *_ = identity.split(":")
    return Settled(key=key, step=step, at=at, outcomes=facts.outcomes.get(identity, ()))


def details(journey: Journey, now: datetime) -> str:
    """A few lines of Markdown for the Temporal UI: plan codes and dates, nothing about a person."""
    shown = view(journey, now)
    gates = [f"- before **{gate.step}**: {gate.state} {', '.join(gate.reasons)}" for gate in shown.gates]
    planned = [f"- {one.at:%Y-%m-%d %H:%M} UTC: {one.key} {one.step}" for one in shown.upcoming[:5]]
    tasks = [f"- {task.cause} ({task.urgency})" for task in shown.tasks]
    parts: dict[str, list[str]] = {f"Stage: {shown.stage}": [], "Gates": gates, "Next": planned, "Open tasks": tasks}
    return "\n\n".join("\n".join([f"**{name}**", *lines]) for name, lines in parts.items())


def _gates(journey: Journey, now: datetime) -> tuple[GateView, ...]:
    return tuple(
        GateView(
            step=gate.step,
            state=gate.state,
            reasons=gate.reasons,
            opens_on=gate.opens_on,
            opened_by=gate.opening.by if gate.opening else None,
            check_in_open=journey.check_in.may_be_answered(gate, now),
        )
        for gate in journey.facts.gates.values()
    )


def _visits(facts: Facts) -> tuple[VisitView, ...]:
    ordered = sorted(facts.visits.values(), key=lambda visit: visit.starts_at)
    return tuple(
        VisitView(
            booking_id=visit.booking_id,
            step=visit.step,
            treatment=visit.treatment.value,
            starts_at=visit.starts_at,
            status=visit.status.value,
            treated_at=visit.treated_at,
        )
        for visit in ordered
    )
