"""What goes into the workflows and comes out of their queries. Opaque ids, plan codes and categories only."""

from datetime import date, datetime, timedelta

from activities.requests import GateSummary
from domain.calendar import Calendar, QuietHours, Zone
from domain.journey.facts import Due, Facts, GateState, JourneyStage
from domain.messages import Frozen
from domain.plan import Plan
from domain.records import TaskCause, Urgency


class JourneyStart(Frozen):
    """Starts a journey, or carries it over a continue-as-new."""

    clinic_id: str
    journey_id: str
    patient_id: str
    plan: Plan
    calendar: Calendar
    patient_zone: Zone
    quiet_hours: QuietHours = QuietHours()
    deputies: tuple[str, ...] = ()
    messaging_queue: str | None = None
    """Task queue of `deliver`, which may be rate-limited; None: the journey's own."""
    skew: timedelta = timedelta()
    """Added to the workflow's clock: zero in production, the simulator's way to any start date."""
    facts: Facts | None = None
    batch: int = 0


class JourneyResult(Frozen):
    """How a journey ended."""

    stage: JourneyStage
    at: datetime


class GateView(Frozen):
    """One gate, as staff sees it."""

    step: str
    state: GateState
    reasons: tuple[str, ...]
    opens_on: date | None
    opened_by: str | None = None
    check_in_open: bool = False
    """Staff may enter answers to the check-in before this step."""


class VisitView(Frozen):
    booking_id: str
    step: str
    treatment: str
    starts_at: datetime
    status: str
    treated_at: datetime | None


class TaskView(Frozen):
    cause: TaskCause
    urgency: Urgency
    why: str


class Upcoming(Frozen):
    """A message that is planned, and what would change it."""

    key: str
    step: str
    at: datetime
    channels: tuple[str, ...]
    changes_if: tuple[str, ...]


class JourneyView(Frozen):
    """The state of a journey."""

    stage: JourneyStage
    paused: bool
    opted_out: bool
    gates: tuple[GateView, ...]
    visits: tuple[VisitView, ...]
    holds: tuple[str, ...]
    worries: tuple[str, ...]
    tasks: tuple[TaskView, ...]
    upcoming: tuple[Upcoming, ...]
    next_moment: datetime | None


class Settled(Frozen):
    """A message that was due: when it was settled, and what became of it on each channel."""

    key: str
    step: str
    at: datetime
    outcomes: tuple[str, ...]
    """Such as `sms:accepted` or `email:skipped:no_consent`; the ledger has the texts and deliveries."""


class JourneyExplanation(Frozen):
    """What was sent, what was not and why, what comes next and what would change it."""

    settled: tuple[Settled, ...]
    upcoming: tuple[Upcoming, ...]
    gates: tuple[GateView, ...]


class Pulse(Frozen):
    """Whether the journey waits, and until when; what drives virtual time needs no more."""

    settled: bool
    now: datetime
    next_moment: datetime | None
    over: bool


def gate_summaries(facts: Facts) -> dict[str, GateSummary]:
    return {
        step: GateSummary(
            state=gate.state, reasons=gate.reasons, opens_on=gate.opens_on.isoformat() if gate.opens_on else None
        )
        for step, gate in facts.gates.items()
    }


def upcoming(due: Due, at: datetime) -> Upcoming:
    """A planned message with what would change it."""
    changes = []
    if due.starts_at:
        changes.append("the visit moves or is cancelled")
    if due.needs_open_gate:
        changes.append("the gate is shut then")
    if due.asks_staff:
        changes.append("it is late by then: staff says whether it still makes sense")
    if due.shift_to:
        changes.append("it is late by then: it waits for the next morning")
    if not due.any_hour:
        changes.append("the patient opts out")
    return Upcoming(key=due.key, step=due.step, at=at, channels=due.channels, changes_if=tuple(changes))
