"""What a query shows of a journey."""

from datetime import datetime

from domain.journey import Journey
from domain.journey.facts import Facts
from workflows.messages import GateView, JourneyView, TaskView, VisitView, upcoming


def view(journey: Journey, now: datetime) -> JourneyView:
    """The journey as staff sees it."""
    facts = journey.facts
    return JourneyView(
        stage=facts.stage,
        paused=facts.paused,
        opted_out=facts.opted_out,
        gates=_gates(facts),
        visits=_visits(facts),
        holds=tuple(journey.holds.causes()),
        worries=tuple(f"{worry.id}:{worry.about}:{worry.label}" for worry in facts.worries),
        tasks=tuple(
            TaskView(cause=cause, urgency=task.urgency, why=task.detail) for cause, task in facts.tasks.items()
        ),
        upcoming=tuple(upcoming(due, at) for due, at in journey.upcoming(now)),
        next_moment=journey.next_moment(now),
    )


def _gates(facts: Facts) -> tuple[GateView, ...]:
    return tuple(
        GateView(
            step=gate.step,
            state=gate.state,
            reasons=gate.reasons,
            opens_on=gate.opens_on,
            opened_by=gate.opening.by if gate.opening else None,
        )
        for gate in facts.gates.values()
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
