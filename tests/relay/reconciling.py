"""A clinic's desk whose booking systems are the sandbox's stand-ins, and that compares itself with their lists."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.reconcile import Reconcile
from activities.requests import ReconcileRequest, ReconcileResult
from bookings.delivery import RawDelivery
from bookings.registry import ADAPTERS
from domain.clinic import BookingSource
from domain.journey.events import BookingChange
from domain.records import Booking, InboxRow
from protocols.load import load_protocol
from relay.booking_intake import BookingIntake
from relay.matching import Matching
from relay.reconciled_intake import ReconciledIntake
from relay.relay import Relay
from relay.starting import Starter
from tests.bookings import lists
from tests.bookings.test_hydrate import OPTIONS
from tests.bookings.test_robustness import encode
from tests.relay.conftest import Desk
from tests.sandbox_server import RunningSandbox
from tests.store.rows import CLINIC, a_clinic
from worker.assemble import hydrated, named_secret
from worker.booking_lists import VendorLists

TOKEN = "HEALGATE_TEST_API_TOKEN"


@dataclass
class Comparing:
    """One booking system of the clinic."""

    desk: Desk
    vendors: RunningSandbox
    system: str
    relay: Relay = field(init=False)
    work: Reconcile = field(init=False)
    counted: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        store, journeys = self.desk.store, self.desk.journeys
        starter = Starter(store, journeys, load_protocol, allow_unapproved=True)
        intake = BookingIntake(store, journeys, starter, Matching(store), ADAPTERS, hydrated)
        handlers = {"booking": intake.take, "reconciled": ReconciledIntake(store, intake).take}
        self.relay = Relay(store, handlers, lambda: self.desk.now)
        self.work = Reconcile(
            store.clinics,
            store.bookings,
            store.inbox,
            store.tasks,
            store.reconciliations,
            VendorLists(named_secret),
            lambda _system, count: self.counted.append(count),
        )

    async def set_up(self, services: dict[str, Any] | None = None, **more: Any) -> None:
        """The clinic file."""
        options = {
            **OPTIONS,
            "api_token_name": TOKEN,
            "api_base_url": f"{self.vendors.base_url}/booking-apis/{self.system}",
            "api_organization": "https://api.calendly.com/organizations/O1",
            "page_size": "50",
        }
        source = BookingSource(system=self.system, secret_names=(), options=options, **more)
        found = lists.SERVICES if services is None else services
        await self.desk.store.clinics.apply(
            a_clinic(sources={self.system: source}, services=found, live_from="2027-01-01")
        )

    async def listed(self, ref: str, days: int = 3, *, changed: timedelta = timedelta(), **more: Any) -> None:
        """The system's list has a booking that many days from now on, changed just now (or `changed` later)."""
        start = self.desk.now.replace(microsecond=0) + timedelta(days=days)
        await lists.listed(self.vendors, self.system, ref, start, self.desk.now + changed, **more)

    async def compare(self) -> ReconcileResult:
        """One scheduled run, at the desk's time, and the relay after it."""
        return await self._run(self.work.reconcile_bookings)

    async def poll(self) -> ReconcileResult:
        return await self._run(self.work.poll_bookings)

    async def _run(self, activity: Any) -> ReconcileResult:
        environment = ActivityEnvironment()
        skew = self.desk.now - environment.info.started_time
        request = ReconcileRequest(clinic_id=CLINIC, source=self.system, skew=skew)
        result: ReconcileResult = await environment.run(activity, request)
        while await self.relay.once():
            continue
        return result

    async def webhook(self, value: Any, name: str = "w1") -> None:
        """A delivery arrives, and is relayed."""
        await self.arrives(value, name)
        await self.relay.once()

    async def arrives(self, value: Any, name: str = "w1") -> None:
        body = encode(self.system, value)
        raw = ADAPTERS[self.system].parse(RawDelivery(body=body, received_at=self.desk.now))
        assert isinstance(raw, tuple)
        await self.desk.store.inbox.put(
            InboxRow(
                id=f"row-{name}",
                clinic_id=CLINIC,
                source=f"booking:{self.system}",
                delivery_id=name,
                key=f"booking:{self.system}:{raw[0].booking_ref}",
                body=body,
                received_at=self.desk.now,
                next_try_at=self.desk.now,
            )
        )

    async def booking(self, ref: str) -> Booking:
        found = await self.desk.store.bookings.get(CLINIC, self.system, lists.ref_of(self.system, ref))
        assert found is not None
        return found

    def told(self) -> list[tuple[str, str]]:
        """Status and start of what journeys were told, in order."""
        return [(one.status.value, one.starts_at.isoformat()) for _, one in self.desk.told(BookingChange)]

    async def tasks(self) -> list[str]:
        """What the open tasks are about."""
        return sorted(task.scope.split(":")[0] for task in await self.desk.store.tasks.listing(CLINIC))
