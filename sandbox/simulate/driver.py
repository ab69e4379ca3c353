"""Drives production workflows through virtual time on the real Temporal server, one moment after the other.

Each workflow has a clock of its own. The driver moves all of them to the next moment at which anything happens, lets
them settle, then lets the scenario's events of that moment happen, through the same inbox and relay as in production.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.requests import AlarmRequest
from domain.errors import HealgateError
from domain.journey.events import BookingChange, BookingVerdict, StaffAction, TreatedChange
from domain.journey.facts import minute
from domain.records import AuditEntry, InboxRow
from relay.relay import Relay
from runtime.timeskip import fast_forward, virtual_now
from sandbox.simulate.replies import Patience, ReplyScripts
from sandbox.simulate.scenario import Scenario, SimBooking, SimEvent, SimStaff, SimTreated
from store import Store
from workflows.client import JourneyEndedError, Journeys
from workflows.ids import journey_workflow_id, urgent_workflow_id
from workflows.journey import JourneyWorkflow
from workflows.messages import JourneyStart, Pulse

CLINIC = "sample"
SOURCE = "generic"
PATIENT = "patient-1"
SETTLE_WITHIN = timedelta(seconds=60)
POLL = 0.004
LONGEST_POLL = 0.03
"""Seconds between two looks at a workflow that is still at work: each look costs it a little, too."""


DRIFT = timedelta(minutes=1)
"""The journey's clock counts whole minutes, so less than one changes nothing."""


class ClockOvershotError(HealgateError):
    """Rarely, on a busy machine, the server's time skipping runs on to a later timer: what follows would be wrong."""

    retryable = True


@dataclass
class Clock:
    """The simulation's now, and the skew that a workflow started at this moment needs."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def skew(self) -> timedelta:
        return self.now - datetime.now(UTC)


@dataclass
class Tracked:
    """One running workflow with its own clock."""

    handle: WorkflowHandle[Any, Any]
    skew: timedelta


class TrackingJourneys(Journeys):
    """Remembers which workflows were started, so that the driver can move their clocks."""

    def __init__(self, client: Client, queue: str) -> None:
        super().__init__(client, queue, queue)
        self.running: dict[str, Tracked] = {}

    async def start_with_booking(self, start: JourneyStart, change: BookingChange, update_id: str) -> BookingVerdict:
        verdict = await super().start_with_booking(start, change, update_id)
        self._track(journey_workflow_id(start.journey_id), start.skew)
        return verdict

    async def alarm(self, request: AlarmRequest) -> None:
        await super().alarm(request)
        self._track(urgent_workflow_id(request.reply_id), request.skew)

    def _track(self, workflow_id: str, skew: timedelta) -> None:
        self.running.setdefault(workflow_id, Tracked(self.client.get_workflow_handle(workflow_id), skew))


@dataclass
class Driver:
    """Runs one scenario; `entries` yields what happened, in order, as audit entries."""

    scenario: Scenario
    store: Store
    journeys: TrackingJourneys
    relay: Relay
    clock: Clock
    emit: Callable[[list[AuditEntry]], Awaitable[None]]
    _run: str = field(default_factory=lambda: secrets.token_hex(4))
    """Alarms are keyed by the reply's id, and simulations that share a server share its workflow ids."""
    _seen: int = 0
    _count: int = 0
    _pending: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)

    async def run(self) -> None:
        """From the scenario's start to its end."""
        self._scripts = ReplyScripts(self.scenario.events)
        for event in self.scenario.events:
            if event.at is not None:
                self._plan(self.scenario.moment(event.at), self._happening(event))
        while (moment := await self._next()) is not None and moment <= self.scenario.ends_at:
            self.clock.now = moment
            await self._move_clocks(moment)
            await self._report()
            await self._let_happen(moment)

    # Moments

    def _plan(self, at: datetime, what: Callable[[], Awaitable[None]]) -> None:
        self._count += 1
        self._pending.append((minute(at.astimezone(UTC)), self._count, what))
        self._pending.sort(key=lambda planned: planned[:2])

    async def _next(self) -> datetime | None:
        moments = [planned[0] for planned in self._pending[:1]]
        for tracked in self.journeys.running.values():
            pulse = await self._pulse(tracked)
            if pulse.next_moment is not None:
                moments.append(max(pulse.next_moment, self.clock.now + timedelta(minutes=1)))
        return min(moments, default=None)

    async def _move_clocks(self, moment: datetime) -> None:
        for tracked in self.journeys.running.values():
            ahead = moment - (await virtual_now(self.journeys.client, tracked.handle) + tracked.skew)
            if ahead > timedelta():
                await fast_forward(self.journeys.client, tracked.handle, ahead)
        await self._settle()

    async def _let_happen(self, moment: datetime) -> None:
        while self._pending and self._pending[0][0] <= moment:
            _, _, happen = self._pending.pop(0)
            await happen()
            await self._settle()
            await self._report()

    # Settling

    async def _settle(self) -> None:
        async with asyncio.timeout(SETTLE_WITHIN.total_seconds()):
            while await self.relay.once():
                pass
            for workflow_id, tracked in list(self.journeys.running.items()):
                if not await self._settled(tracked):
                    del self.journeys.running[workflow_id]

    async def _settled(self, tracked: Tracked) -> bool:
        """Wait until the workflow waits for something later than now; False when it has ended."""
        pause = POLL
        while True:
            pulse = await self._pulse(tracked)
            later = pulse.next_moment is None or pulse.next_moment > self.clock.now
            if pulse.settled and later and not pulse.over:
                return True
            if pulse.over:
                description = await tracked.handle.describe()
                if description.status is not WorkflowExecutionStatus.RUNNING:
                    return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_POLL)

    async def _pulse(self, tracked: Tracked) -> Pulse:
        """Each look checks the clock: it may run on after the workflow has settled, too."""
        pulse = await tracked.handle.query(JourneyWorkflow.pulse)
        if pulse.now - self.clock.now >= DRIFT:
            raise ClockOvershotError("the workflow's clock went further than it was moved")
        return pulse

    async def _report(self) -> None:
        """Hand over what is new, and plan the patient's answers to what was just sent."""
        entries = await self.store.audit.since(self._seen, limit=1000)
        if not entries:
            return
        self._seen = entries[-1].id
        await self.emit(entries)
        for entry in entries:
            if entry.kind == "message.sent" and entry.data.get("channel") == "sms":
                for answer in self._scripts.answers_to(str(entry.data["touchpoint"])):
                    self._plan_answer(entry.at, answer)

    def _plan_answer(self, sent_at: datetime, answer: Patience) -> None:
        self._plan(sent_at + answer.after, lambda: self._reply(answer.text, None, 0))

    # Events

    def _happening(self, event: SimEvent) -> Callable[[], Awaitable[None]]:
        if event.booking is not None:
            booking = event.booking
            return lambda: self._book(booking)
        if event.treated is not None:
            treated = event.treated
            return lambda: self._treat(treated)
        if event.staff is not None:
            staff = event.staff
            return lambda: self._act(staff)
        text = event.reply or ""
        return lambda: self._reply(text, event.message_id, event.media_count)

    async def _book(self, booking: SimBooking) -> None:
        self._count += 1
        patient = self.scenario.patient
        occurred = self.clock.now.isoformat()
        body = {
            "id": f"evt-{self._count}",
            "type": f"booking.{booking.status}",
            "occurred_at": occurred,
            "booking": {
                "ref": booking.ref,
                "sequence": booking.sequence if booking.sequence is not None else self._count,
                "service": booking.treatment,
                "starts_at": booking.starts_at.isoformat(),
            },
            "patient": {"id": PATIENT, "first_name": patient.first_name},
        }
        await self._store(
            f"booking:{SOURCE}", f"evt-{self._count}", f"booking:{SOURCE}:{booking.ref}", json.dumps(body)
        )

    async def _reply(self, text: str, message_id: str | None, media_count: int) -> None:
        self._count += 1
        phone = self.scenario.patient.phone or ""
        sid = message_id or f"SMsim{self._count}"
        form = {"MessageSid": sid, "From": phone, "To": "+15550100", "Body": text, "NumMedia": str(media_count)}
        await self._store("twilio", sid, f"phone:{phone}", urlencode(form))

    async def _store(self, source: str, delivery_id: str, key: str, body: str) -> None:
        self._count += 1
        await self.store.inbox.put(
            InboxRow(
                id=f"{self._run}-{self._count}",
                clinic_id=CLINIC,
                source=source,
                delivery_id=delivery_id,
                key=key,
                body=body.encode("utf-8", "surrogateescape"),
                received_at=self.clock.now,
                next_try_at=self.clock.now,
            )
        )

    async def _treat(self, treated: SimTreated) -> None:
        booking = await self.store.bookings.get(CLINIC, SOURCE, treated.ref)
        action = "undone" if treated.undone else "treated"
        if booking is None or booking.journey_id is None:
            await self._note_staff(action, accepted=False, reason="no_journey")
            return
        self._count += 1
        change = TreatedChange(
            booking_id=booking.id,
            undone=treated.undone,
            treated_at=self.scenario.moment(treated.treated_at) if treated.treated_at is not None else None,
            by="staff:front desk",
        )
        try:
            accepted = await self.journeys.treated(booking.journey_id, change, f"treated-{self._count}")
            done_at = change.treated_at or min(booking.starts_at, self.clock.now)
            await self.store.bookings.record_treated(booking.id, None if treated.undone else done_at)
        except JourneyEndedError:
            accepted = False
        await self._note_staff(action, accepted=accepted, reason="" if accepted else "not_in_journey")

    async def _act(self, staff: SimStaff) -> None:
        self._count += 1
        action = StaffAction.model_validate(staff.model_dump())
        for journey in await self.store.journeys.listing(CLINIC, limit=1):
            try:
                await self.journeys.staff(journey.id, action, f"staff-{self._count}")
            except JourneyEndedError:
                await self._note_staff(staff.action.value, accepted=False, reason="journey_ended", by=staff.by)
            return
        await self._note_staff(staff.action.value, accepted=False, reason="no_journey", by=staff.by)

    async def _note_staff(self, action: str, *, accepted: bool, reason: str, by: str = "front desk") -> None:
        entry = AuditEntry(
            clinic_id=CLINIC,
            at=self.clock.now,
            kind="staff",
            actor=f"staff:{by}",
            data={"action": action, "by": by, "accepted": accepted, "reason": reason},
        )
        await self.store.audit.append([entry])


def lines_of(entries: list[AuditEntry]) -> Iterator[AuditEntry]:
    """Entries of one settling in a fixed order: intake first, then the safety workflow, then the journey.

    The two workflows run side by side, so their entries interleave by chance; each keeps its own order.
    """
    yield from sorted(entries, key=_rank)


def _rank(entry: AuditEntry) -> tuple[datetime, int, str]:
    safety = entry.kind == "page" or entry.data.get("cause") == "red_flag"
    safety = safety or entry.data.get("touchpoint") in ("urgent_safety", "crisis")
    by_the_driver = entry.kind == "staff" and entry.journey_id is None
    if entry.kind in ("reply", "booking") or by_the_driver:
        return entry.at, 0, ""
    return (entry.at, 1, {"task": "0", "page": "2"}.get(entry.kind, "1")) if safety else (entry.at, 2, "")
