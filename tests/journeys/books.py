"""Own books about one real journey, kept from what happened to it alone; the gate's oracle is the pure domain's."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.booking import Treatment
from domain.journey.events import Reply
from domain.journey.facts import minute
from domain.plan import Plan
from domain.records import BookingStatus
from domain.replies import Label
from tests.domain.draws import NOT_AN_ANSWER, WORRYING
from tests.domain.oracle import Appointment, Oracle


@dataclass
class Books:
    """What the oracle needs to know, and what patients were promised about messages."""

    plan: Plan
    zone: ZoneInfo
    home: ZoneInfo
    clinic_says: dict[str, Appointment] = field(default_factory=dict)
    """Visits as the clinic's books have them, whether the journey has heard or not."""
    by_staff: set[str] = field(default_factory=set)
    """Treatments that staff recorded: the booking system does not take those back."""
    recordings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(step, booking) -> how often it was recorded as done."""
    opted_out: bool = False
    changed_mind_at: datetime | None = None
    texted_at: datetime | None = None
    gates: dict[str, bool] = field(default_factory=dict)
    """Step -> whether its gate was open when we last heard of it."""

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.plan, self.zone)

    @property
    def visits(self) -> dict[str, Appointment]:
        return self.oracle.visits

    def step_for(self, treatment: Treatment) -> str:
        return next(step.id for step in self.plan.steps if treatment in step.treatments)

    # Visits

    def clinic_has(self, ref: str, treatment: Treatment, starts_at: datetime, status: BookingStatus) -> None:
        self.clinic_says[ref] = Appointment(self.step_for(treatment), treatment, starts_at, status)

    def journey_hears(self, ref: str, now: datetime) -> None:
        """The journey learns what the clinic's books say of this visit."""
        said = self.clinic_says[ref]
        known = self.visits.get(ref)
        if known is None:
            known = self.visits[ref] = Appointment(said.step, said.treatment, said.starts_at, BookingStatus.REQUESTED)
        news = (known.starts_at, known.status) != (said.starts_at, said.status)
        newly_completed = said.status is BookingStatus.COMPLETED and known.status is not said.status
        known.starts_at, known.status = said.starts_at, said.status
        if known.done_at is None:
            known.step, known.treatment = said.step, said.treatment
            if newly_completed:
                self._record(ref, min(said.starts_at, minute(now)))
        elif news and ref not in self.by_staff:
            known.done_at = min(said.starts_at, minute(now)) if said.status is BookingStatus.COMPLETED else None

    def done(self, ref: str, when: datetime | None, now: datetime) -> None:
        self._record(ref, when or min(self.visits[ref].starts_at, minute(now)))
        self.by_staff.add(ref)

    def undone(self, ref: str) -> None:
        self.visits[ref].done_at = None

    def _record(self, ref: str, when: datetime) -> None:
        visit = self.visits[ref]
        self.recordings[visit.step, ref] += visit.done_at is None
        self.by_staff.discard(ref)
        visit.done_at = when

    # Words and decisions

    def hears(self, reply: Reply, now: datetime) -> None:
        """A reply that reached the journey, with the question that it was routed to."""
        for cause in reply.exposures:
            self.oracle.hold(cause)
        if reply.label in WORRYING and (not reply.exposures or reply.label is Label.URGENT or reply.call_me):
            self.oracle.worries.append(reply.rule)
        if reply.question and reply.ask_id.startswith("check_in:") and reply.label not in NOT_AN_ANSWER:
            self.oracle.answers[reply.ask_id.split(":")[1], reply.question] = (reply.label, minute(now))

    def says(self, label: Label, now: datetime) -> None:
        """The patient texts; an opt-out or a return holds at once."""
        self.texted_at = now
        if label in (Label.OPT_OUT, Label.OPT_IN):
            self.opted_out, self.changed_mind_at = label is Label.OPT_OUT, now

    def decides(self, action: str, step: str | None, now: datetime, *, was_open: bool) -> None:
        """An accepted action of staff."""
        if action == "hold":
            self.oracle.hold("staff", only=step)
        elif action == "waive":
            self.oracle.waived(step or "", (), minute(now), was_open=was_open or step is None)
        elif action == "release" and step:
            self.oracle.released(step, minute(now))

    # What is seen

    def ahead(self) -> list[Appointment]:
        """Visits that the clinic has and that nobody recorded as done."""
        done = {ref for ref, visit in self.visits.items() if visit.done_at}
        return [visit for ref, visit in self.clinic_says.items() if visit.ahead and ref not in done]

    def saw(self, step: str, at: datetime, *, is_open: bool) -> None:
        self.gates[step] = is_open
        self.oracle.saw(step, minute(at), is_open=is_open)

    def may_be_texted(self, at: datetime) -> bool:
        """Whether it is not night where the patient lives; on Sundays the morning is longer."""
        wall = minute(at).astimezone(self.home)
        return (12 if wall.weekday() == 6 else 9) <= wall.hour < 20

    def just_texted(self, at: datetime) -> bool:
        """Whether the patient's own text is so recent that this can be the answer to it."""
        return self.texted_at is not None and at - self.texted_at <= timedelta(minutes=30)
