"""What workflows hand to activities and get back. Opaque ids, plan codes and categories only."""

from datetime import datetime, timedelta

from domain.journey.events import Change, Outcome
from domain.journey.facts import Due, GateState, JourneyStage
from domain.messages import Frozen


class DeliverRequest(Frozen):
    """Send what is due at one touchpoint, on all of its channels."""

    clinic_id: str
    journey_id: str
    patient_id: str
    due: Due
    occurrence: int
    gate_open: bool
    """Whether the gate before the touchpoint's step was open when the workflow asked."""
    skew: timedelta = timedelta()
    """Added to the activity's clock; zero in production."""


class DeliverResult(Frozen):
    outcomes: tuple[Outcome, ...]


class GateSummary(Frozen):
    """One gate, for lists and pages."""

    state: GateState
    reasons: tuple[str, ...] = ()
    opens_on: str | None = None


class RecordRequest(Frozen):
    """Write what a journey says has happened. The same batch again changes nothing."""

    clinic_id: str
    journey_id: str
    patient_id: str
    batch: int
    at: datetime
    changes: tuple[Change, ...]
    stage: JourneyStage
    gates: dict[str, GateSummary]
    ended: bool = False


class ScanRequest(Frozen):
    """Compare the ledger with the provider's listing."""

    skew: timedelta = timedelta()


class ScanResult(Frozen):
    """How many texts have no row, how many rows no text, and how many were sent twice."""

    orphans: int = 0
    missing: int = 0
    copies: int = 0


class ReconcileRequest(Frozen):
    """Compare one booking system of one clinic with its own list, or fetch what has changed there."""

    clinic_id: str
    source: str
    skew: timedelta = timedelta()


class ReconcileResult(Frozen):
    """Changes that are being applied, how many of them a webhook should have brought, and bookings that vanished."""

    applied: int = 0
    lost: int = 0
    vanished: int = 0


class AlarmRequest(Frozen):
    """A reply that cannot wait."""

    clinic_id: str
    reply_id: str
    """The inbox row that holds it; its sender is who gets the safety text."""
    patient_id: str | None = None
    journey_id: str | None = None
    emergency: bool = False
    self_harm: bool = False
    may_text: bool = True
    """False: the contact opted out, so on-call is told to phone."""
    skew: timedelta = timedelta()


class Alarm(Frozen):
    task_id: str
    contacts: int
    """How many people are on the roster."""


class PageRequest(Frozen):
    """Tell one person on the roster about the open task."""

    alarm: AlarmRequest
    task_id: str
    turn: int
    """0 for the first contact; goes round the roster."""


class OutwardRequest(Frozen):
    """Tell an endpoint of one change; the store has both."""

    event_id: str
