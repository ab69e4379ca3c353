"""The relay over a real database, with journeys that only remember."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from activities.post_office import PostOffice
from bookings.registry import ADAPTERS
from domain.clinic import BookingSource, ServiceUse
from domain.records import InboxRow
from domain.replies import ReplyReader
from protocols.load import load_protocol
from protocols.render import Templates
from relay.booking_intake import BookingIntake
from relay.matching import Matching
from relay.relay import Relay
from relay.reply_intake import ReplyIntake
from relay.resend_intake import RESEND, ResendIntake
from relay.starting import Starter
from store import Store
from tests.fakes import FakeJourneys, RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, NOW, a_clinic

PHONE = "+15005550006"


@dataclass
class Desk:
    """What a test says and looks at."""

    store: Store
    journeys: FakeJourneys
    sms: RecordingSms
    relay: Relay
    now: datetime = NOW
    _count: int = field(default=0)

    async def text(self, body: str, *, sender: str = PHONE, sid: str = "") -> None:
        """A patient's text arrives and is relayed."""
        self._count += 1
        form = {"MessageSid": sid or f"SM{self._count}", "From": sender, "To": "+15005550002", "Body": body}
        await self._arrives("twilio", form["MessageSid"], f"phone:{sender}", urlencode(form | {"NumMedia": "0"}))

    async def booking(self, ref: str, kind: str = "booked", service: Any = "microneedling", **more: Any) -> None:
        """A booking event of the generic system arrives and is relayed; `days` from now is the visit."""
        await self.stored(ref, kind, service, **more)
        await self.relay.once()

    async def stored(self, ref: str, kind: str = "booked", service: Any = "microneedling", **more: Any) -> None:
        """The event arrives, and waits for the relay."""
        self._count += 1
        starts_at = self.now + timedelta(days=more.pop("days", 3))
        patient = {"id": "v1", "first_name": "Ana", "phone": PHONE} | more.pop("patient", {})
        body = {
            "id": f"evt-{self._count}",
            "type": f"booking.{kind}",
            "occurred_at": self.now.isoformat(),
            "booking": {"ref": ref, "sequence": self._count, "starts_at": starts_at.isoformat(), **more},
            "patient": patient,
        }
        name = "services" if isinstance(service, list) else "service"
        body["booking"][name] = service
        key = f"booking:generic:{ref}"
        await self._arrives("booking:generic", f"evt-{self._count}", key, json.dumps(body), relayed=False)

    async def nobody_knows(self, message_id: str, resent: int = 0) -> None:
        """The look-ups found nothing, and maintenance asks for one more sending."""
        await self._arrives(RESEND, f"{message_id}:{resent}", f"message:{message_id}", message_id)

    async def _arrives(self, source: str, delivery_id: str, key: str, body: str, *, relayed: bool = True) -> None:
        self._count += 1
        await self.store.inbox.put(
            InboxRow(
                id=f"row{self._count}",
                clinic_id=CLINIC,
                source=source,
                delivery_id=delivery_id,
                key=key,
                body=body.encode(),
                received_at=self.now,
                next_try_at=self.now,
            )
        )
        if relayed:
            await self.relay.once()

    def later(self, span: timedelta) -> None:
        self.now += span

    def told(self, kind: type) -> list[tuple[str, Any]]:
        """What journeys were told of this kind, with the journey."""
        return [(call.journey_id, call.what) for call in self.journeys.calls if isinstance(call.what, kind)]

    async def tasks(self) -> list[tuple[str, str]]:
        """Scope and cause of the open tasks."""
        found = await self.store.tasks.listing(CLINIC)
        return sorted((task.scope.split(":")[0], task.cause.value) for task in found)


@pytest.fixture
async def desk(store: Store, reader: ReplyReader) -> Desk:
    """A clinic without patients."""
    journeys, sms = FakeJourneys(), RecordingSms()
    office = PostOffice(store.ledger, store.consents, Templates(), sms, RecordingEmail())
    starter = Starter(store, journeys, load_protocol, allow_unapproved=True)
    desk: Desk
    handlers = {
        "booking": BookingIntake(store, journeys, starter, Matching(store), ADAPTERS).take,
        "twilio": ReplyIntake(store, journeys, reader, office).take,
        RESEND: ResendIntake(store, journeys).take,
    }
    desk = Desk(store, journeys, sms, Relay(store, handlers, lambda: desk.now))
    sources = {"generic": BookingSource(system="generic", secret_names=())}
    services: dict[str, Any] = {"facial": ServiceUse.IGNORE, "peel": ServiceUse.OTHER_PROCEDURE}
    await store.clinics.apply(a_clinic(sources=sources, services=services, live_from="2027-01-01"))
    return desk
