"""A clinic's own system is told by the running house, also when the worker is killed while it tells."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.e2e.patient import Visitor, working_day
from tests.e2e.system import System
from tests.outward import a_webhook, verified
from tests.webhook_sink import SILENT, WebhookSink, webhook_sink
from worker.sample import SAMPLE_CLINIC

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
async def listening(system: System) -> AsyncIterator[WebhookSink]:
    """The sample clinic names an endpoint for the time of the test."""
    before = await system.store.clinics.get(SAMPLE_CLINIC)
    async with webhook_sink() as sink:
        webhook = a_webhook(url=f"{sink.base_url}/hooks", events=("journey.changed",))
        await system.store.clinics.apply(before.model_copy(update={"webhooks": (webhook,)}))
        yield sink
        await system.store.clinics.apply(before)


async def test_a_worker_killed_while_it_tells(system: System, patient: Visitor, listening: WebhookSink) -> None:
    """Killed -9 after the POST and before any answer: the event comes once more, under the same id."""
    listening.answers = [SILENT]
    await patient.register()
    await patient.book("first", "microneedling", working_day(datetime.now(UTC), 4))
    (first,) = await listening.wait(lambda hits: len(hits) == 1, seconds=60)
    old = system.kill("worker")
    await system.started_again("worker", old)
    hits = await listening.wait(lambda hits: len(hits) >= 2, seconds=150)
    await patient.has_begun()
    again = [hit for hit in hits if hit.headers["webhook-id"] == first.headers["webhook-id"]]
    assert len(again) == 2
    assert verified(again[1]) == verified(first)
    assert verified(first)["data"] == {"clinic": SAMPLE_CLINIC, "journey": patient.journey, "stage": "preparing"}
    assert not [word for word in (b"Ana", patient.phone.encode(), b"example.com") if word in first.body]
