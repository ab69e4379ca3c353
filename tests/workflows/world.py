"""A clinic with one patient and one booking on a real Temporal server; its SMS sender records what it is given."""

import asyncio
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.assembly import assemble_activities
from domain.booking import Treatment
from domain.calendar import Calendar
from domain.journey.events import BookingChange, BookingVerdict
from domain.messages import Channel, EmailMessage, Receipt, SentMessage, SmsMessage
from domain.patient import Consent, ConsentStatus, SkinProfile
from domain.plan import personalise
from domain.ports import BookingLists, OutwardSender
from domain.records import BookingStatus, JourneyRecord
from protocols.load import load_protocol
from protocols.render import Templates
from store import Store
from tests.store.rows import CLINIC, NOW, a_booking, a_clinic, a_patient
from workflows.client import Journeys
from workflows.hosting import Queues, build_workers
from workflows.ids import journey_workflow_id, new_id
from workflows.journey import JourneyWorkflow
from workflows.messages import JourneyStart, JourneyView

BOOKING = "b-1"
VISIT = NOW + timedelta(days=10)
PROTOCOL = "microneedling-then-laser"


@dataclass
class RecordingSms:
    """Accepts every SMS while `held` is set; `entered` is set as soon as one is on its way."""

    sent: list[SmsMessage] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.held.set()

    async def send(self, message: SmsMessage) -> Receipt:
        self.sent.append(message)
        self.entered.set()
        await self.held.wait()
        return Receipt(provider_id=f"SM{message.message_id}", status="queued")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        return ()


class DyingSms(RecordingSms):
    """Hands the first SMS over and dies before it can say so, as a killed worker does."""

    async def send(self, message: SmsMessage) -> Receipt:
        receipt = await super().send(message)
        if len(self.sent) == 1:
            raise RuntimeError("the worker died between the POST and the ledger")
        return receipt


@dataclass
class RecordingEmail:
    """Accepts every e-mail."""

    sent: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> Receipt:
        self.sent.append(message)
        return Receipt(provider_id=f"EM{message.message_id}", status="accepted")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        return ()


@dataclass
class World:
    """One journey that may be started, and all that it needs."""

    client: Client
    store: Store
    journeys: Journeys
    start: JourneyStart
    queue: str
    sms: RecordingSms = field(default_factory=RecordingSms)
    outward: OutwardSender | None = None

    def worker(self, lists: BookingLists | None = None) -> Worker:
        """A new worker, whose cache of workflows is empty."""
        activities = assemble_activities(
            self.store,
            Templates(),
            self.sms,
            RecordingEmail(),
            "https://visit.example",
            outward=self.outward,
            lists=lists,
        )
        (worker,) = build_workers(
            self.client, activities, Queues(self.queue, self.queue, self.queue), drain=timedelta(seconds=1)
        )
        return worker

    async def booked(
        self, update_id: str = "evt-1", *, starts_at: datetime = VISIT, sequence: int = 1
    ) -> BookingVerdict:
        """Deliver the booking; the verdict."""
        change = BookingChange(
            booking_id=BOOKING,
            treatment=Treatment.MICRONEEDLING,
            starts_at=starts_at,
            status=BookingStatus.BOOKED,
            sequence=sequence,
        )
        return await self.journeys.start_with_booking(self.start, change, update_id)


async def at_rest(world: World) -> JourneyView:
    """The journey, once it waits for something that lies ahead."""
    handle = world.journeys.handle(world.start.journey_id)
    async with asyncio.timeout(60):
        for pause in itertools.repeat(0.1):
            pulse = await handle.query(JourneyWorkflow.pulse)
            if pulse.settled and (pulse.next_moment is None or pulse.next_moment > pulse.now):
                break
            await asyncio.sleep(pause)
    return await world.journeys.state(world.start.journey_id)


async def a_world(client: Client, store: Store) -> World:
    """It is the first of March 2027, nine in the morning in New York, whatever the clock on the wall says."""
    queue = f"workflows-{secrets.token_hex(4)}"
    start = _start()
    await store.clinics.apply(a_clinic(live_from=NOW.date() - timedelta(days=1)))
    await store.patients.add(a_patient(email=None))
    await store.bookings.apply(a_booking(id=BOOKING, patient_id="p1", starts_at=VISIT))
    await store.journeys.reserve(_record(start))
    await store.consents.record(
        Consent(
            clinic_id=CLINIC,
            channel=Channel.SMS,
            address="+15005550006",
            status=ConsentStatus.GRANTED,
            origin="test",
            at=NOW,
        )
    )
    return World(client, store, Journeys(client, queue, queue), start, queue)


def _start() -> JourneyStart:
    profile = SkinProfile(skin_type=2, conditions=frozenset(), adult=True)
    return JourneyStart(
        clinic_id=CLINIC,
        journey_id=new_id(),
        patient_id="p1",
        plan=personalise(load_protocol(PROTOCOL), profile),
        calendar=Calendar(timezone="America/New_York"),
        patient_zone="America/New_York",
        skew=NOW - datetime.now(UTC),
    )


def _record(start: JourneyStart) -> JourneyRecord:
    return JourneyRecord(
        id=start.journey_id,
        clinic_id=CLINIC,
        patient_id="p1",
        workflow_id=journey_workflow_id(start.journey_id),
        protocol_id=start.plan.protocol_id,
        protocol_version=start.plan.protocol_version,
        starting_ref="generic:b1",
        created_at=NOW,
    )
