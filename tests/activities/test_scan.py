"""The daily scan: messages without a row, rows without a message, and second copies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.requests import ScanRequest, ScanResult
from activities.scan import Scan
from domain.messages import DeliveryState, DeliveryUpdate, InboundSms, Receipt, SentMessage
from store import Store
from tests.store.rows import CLINIC, LEASE, a_clinic, a_message, a_text

OURS = a_clinic().main.sms_sender


@dataclass
class Listing:
    """What the provider remembers."""

    sent: list[SentMessage] = field(default_factory=list)

    async def list_outbound(self, since: datetime) -> Sequence[SentMessage]:
        return [one for one in self.sent if one.created_at >= since]

    async def list_inbound(self, since: datetime, to: str | None = None) -> Sequence[InboundSms]:
        return ()

    async def status(self, provider_id: str) -> DeliveryUpdate:
        raise AssertionError(provider_id)


@dataclass
class Rig:
    """A day of sending, and the scan after it."""

    store: Store
    listing: Listing
    began: datetime

    async def accepted(self, number: int) -> None:
        """A row that the provider took three hours ago."""
        row = await self.store.ledger.open(a_message(key=f"j1:day_0::{number}:sms"))
        claim = await self.store.ledger.claim(row.id, a_text(), now=self.began, lease=LEASE)
        assert claim is not None
        await self.store.ledger.accepted(claim, Receipt(provider_id=f"SM{number}"), self.began)

    def listed(self, provider_id: str, body: str = "something else", sender: str = OURS) -> None:
        self.listing.sent.append(
            SentMessage(
                provider_id=provider_id,
                to="+15005550006",
                body=body,
                created_at=self.began,
                state=DeliveryState.DELIVERED,
                sender=sender,
            )
        )

    async def scan(self) -> ScanResult:
        scan = Scan(self.store.ledger, self.store.clinics, self.store.tasks, self.listing)
        return await ActivityEnvironment().run(scan.scan_messages, ScanRequest())

    async def tasks(self) -> list[str]:
        return sorted(task.scope.split(":")[0] for task in await self.store.tasks.listing(CLINIC))


@pytest.fixture
async def rig(store: Store) -> Rig:
    await store.clinics.apply(a_clinic())
    return Rig(store, Listing(), ActivityEnvironment().info.started_time.replace(microsecond=0) - timedelta(hours=3))


async def test_a_ledger_that_agrees_makes_no_task(rig: Rig) -> None:
    """Each row has its message and the other way round."""
    await rig.accepted(1)
    rig.listed("SM1")
    assert await rig.scan() == ScanResult()
    assert await rig.tasks() == []


async def test_a_text_that_nobody_here_sent_is_told(rig: Rig) -> None:
    """From a clinic's own number it is somebody's business; from another number of the account it is not."""
    rig.listed("SM9")
    rig.listed("SM8", sender="+15005550099")
    assert await rig.scan() == ScanResult(orphans=1)
    assert await rig.tasks() == ["channel"]


async def test_a_row_that_the_provider_does_not_know_is_told(rig: Rig) -> None:
    """The provider answered with an id and lists no such text."""
    await rig.accepted(1)
    assert await rig.scan() == ScanResult(missing=1)
    assert await rig.tasks() == ["channel"]


async def test_a_second_copy_is_an_alarm_about_its_row(rig: Rig) -> None:
    """The same words to the same number under an id that no row has: sent twice."""
    await rig.accepted(1)
    rig.listed("SM1", body=a_text().body)
    rig.listed("SM2", body=a_text().body)
    assert await rig.scan() == ScanResult(copies=1)
    assert await rig.tasks() == ["message"]


async def test_a_second_scan_adds_nothing(rig: Rig) -> None:
    """One cause makes one open task, however often it is found."""
    rig.listed("SM9")
    await rig.scan()
    await rig.scan()
    assert await rig.tasks() == ["channel"]


async def test_what_is_just_being_sent_is_left_alone(rig: Rig) -> None:
    """Young messages may still be on their way into either list."""
    rig.began += timedelta(hours=2, minutes=30)
    await rig.accepted(1)
    rig.listed("SM9")
    assert await rig.scan() == ScanResult()
