"""Clinics' own systems are told, on the real server and by real HTTP: late, twice, after a crash, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.common import RetryPolicy

from channels.outward_webhook import OutwardWebhooks
from domain.clinic import Webhook
from domain.journey.events import Role, StaffAction, StaffActionKind
from domain.outward import OutwardEvent, OutwardOutcome
from domain.records import TaskCause
from store import Store
from tests.outward import SECRET, SECRETS, a_webhook, verified
from tests.store.rows import CLINIC, NOW, a_clinic, a_task
from tests.webhook_sink import SILENT, Hit, WebhookSink, webhook_sink
from tests.workflows.world import World
from worker.admin import webhook_finding
from worker.outward import OutwardPost
from workflows import options
from workflows.client import start_outward
from workflows.ids import new_id, outward_workflow_id

pytestmark = pytest.mark.slow

QUICK = timedelta(milliseconds=100)


def clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Crashing:
    """Posts the first event and dies before it can say so, as a killed worker does; then it posts like the other."""

    sender: OutwardWebhooks
    crashes: int = 1

    async def send(self, webhook: Webhook, event: OutwardEvent) -> None:
        await self.sender.send(webhook, event)
        if self.crashes:
            self.crashes -= 1
            raise RuntimeError("the worker died between the POST and the store")


@dataclass
class House:
    """A clinic that has named one endpoint, the endpoint's system, and a worker's dispatcher."""

    world: World
    sink: WebhookSink
    sender: OutwardWebhooks

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def post(self) -> OutwardPost:
        return OutwardPost(self.store, self.world.client, self.world.queue, clock)

    async def apply(self, *webhooks: Webhook) -> None:
        """The clinic file names these endpoints."""
        await self.store.clinics.apply(a_clinic(live_from=NOW.date() - timedelta(days=1), webhooks=webhooks))

    def endpoint(self, name: str = "ehr", **more: Any) -> Webhook:
        return a_webhook(name, f"{self.sink.base_url}/{name}", **more)

    async def change(self) -> str:
        """A change to tell of; the last of its events. The server is shared by all tests, so its id is its own."""
        task_id = new_id()
        await self.store.tasks.open(a_task(id=task_id, scope=f"journey:{task_id}"))
        return (await self.store.outbox.waiting(100))[-1]

    async def outcome(self, event_id: str) -> str:
        """How the workflow of the event ended."""
        handle = self.world.client.get_workflow_handle(outward_workflow_id(event_id))
        return str(await asyncio.wait_for(handle.result(), 30))

    async def incidents(self) -> list[dict[str, Any]]:
        """What the open tasks about endpoints say."""
        listed = await self.store.tasks.listing(CLINIC)
        return [task.detail for task in listed if task.cause is TaskCause.INCIDENT]


@pytest.fixture
async def house(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Tries follow each other quickly, and there are few."""
    hurry = RetryPolicy(initial_interval=QUICK, backoff_coefficient=1, maximum_attempts=4)
    monkeypatch.setattr(options, "OUTWARD_RETRY", hurry)
    async with webhook_sink() as sink, httpx.AsyncClient() as http:
        sender = OutwardWebhooks(http, SECRETS.get, timeout=3)
        world.outward = sender
        house = House(world, sink, sender)
        await house.apply(house.endpoint())
        yield house


def ids(hits: list[Hit]) -> set[str]:
    return {hit.headers["webhook-id"] for hit in hits}


def test_tries_go_on_for_three_days() -> None:
    """Each pause is twice as long up to six hours, and all of them together are about three days."""
    policy = options.OUTWARD_RETRY
    longest = policy.maximum_interval or timedelta()
    pauses = [min(policy.initial_interval * 2**n, longest) for n in range(policy.maximum_attempts - 1)]
    assert timedelta(days=2.8) < sum(pauses, timedelta()) < timedelta(days=3.2)


async def test_an_endpoint_that_fails_first_is_told_in_the_end(house: House) -> None:
    """After a 500 and a silence the third try arrives, under the same id, each signed anew."""
    house.sink.answers = [500, SILENT]
    event_id = await house.change()
    async with house.world.worker():
        await house.post.start()
        assert await house.outcome(event_id) == OutwardOutcome.DELIVERED
    assert ids(house.sink.hits) == {event_id}
    assert [verified(hit)["type"] for hit in house.sink.hits] == ["task.opened"] * 3
    assert (await house.store.outbox.get(event_id)).outcome is OutwardOutcome.DELIVERED
    assert await house.incidents() == []


async def test_many_starts_are_one_delivery(house: House) -> None:
    """Two workers see the event at the same time, and one of them died earlier between start and mark: one POST."""
    event_id = await house.change()
    async with house.world.worker():
        await start_outward(house.world.client, event_id, house.world.queue)
        await asyncio.gather(house.post.start(), house.post.start())
        await house.outcome(event_id)
        handle = house.world.client.get_workflow_handle(outward_workflow_id(event_id))
        first_run = (await handle.describe()).run_id
        await start_outward(house.world.client, event_id, house.world.queue)
        assert (await handle.describe()).run_id == first_run
    assert len(house.sink.hits) == 1
    assert await house.store.outbox.waiting(100) == []


async def test_a_worker_that_dies_after_the_post_sends_a_copy_that_is_known(house: House) -> None:
    """At least once: the second POST has the first one's id and body."""
    house.world.outward = Crashing(house.sender)
    event_id = await house.change()
    async with house.world.worker():
        await house.post.start()
        assert await house.outcome(event_id) == OutwardOutcome.DELIVERED
    first, second = house.sink.hits
    assert ids([first, second]) == {event_id}
    assert first.body == second.body


async def test_another_worker_carries_on(house: House) -> None:
    """Started by a worker that is gone, with Temporal holding the event: the next worker delivers it."""
    event_id = await house.change()
    await house.post.start()
    assert house.sink.hits == []
    async with house.world.worker():
        assert await house.outcome(event_id) == OutwardOutcome.DELIVERED
    assert ids(house.sink.hits) == {event_id}


async def test_after_the_last_try_a_person_knows(house: House) -> None:
    """Two lost events make one task, of which the other endpoint is told and the failing one is not."""
    await house.apply(house.endpoint("crm"), a_webhook("ehr", "http://127.0.0.1:9/"))
    lost = [await house.change(), await house.change()]
    async with house.world.worker():
        await house.post.start()
        assert [await house.outcome(event_id) for event_id in lost] == [OutwardOutcome.GIVEN_UP] * 2
        news = [await house.store.outbox.get(event_id) for event_id in await house.store.outbox.waiting(100)]
        assert [event.endpoint for event in news] == ["crm"]
        await house.post.start()
        told = await house.sink.wait_count(3)
    expected = {"why": "a webhook endpoint did not take an event", "endpoint": "ehr", "code": "ConnectError"}
    assert await house.incidents() == [expected]
    assert {hit.path for hit in told} == {"/crm"}
    assert len(told) == 3


async def test_410_switches_the_endpoint_off_until_the_clinic_file_is_applied(house: House) -> None:
    """One POST, one task; what was waiting is not posted, what changes later is not stored; then it is told again."""
    house.sink.answers = [410]
    first, second = await house.change(), await house.change()
    async with house.world.worker():
        await start_outward(house.world.client, first, house.world.queue)
        assert await house.outcome(first) == OutwardOutcome.GONE
        await house.post.start()
        assert await house.outcome(second) == OutwardOutcome.SWITCHED_OFF
        await house.store.tasks.open(a_task())
        assert await house.store.outbox.waiting(100) == []
        assert [detail["code"] for detail in await house.incidents()] == ["http_410"]
        await house.apply(house.endpoint())
        third = await house.change()
        await house.post.start()
        assert await house.outcome(third) == OutwardOutcome.DELIVERED
    assert [hit.headers["webhook-id"] for hit in house.sink.hits] == [first, third]


async def test_an_endpoint_that_was_taken_out_is_left_alone(house: House) -> None:
    """The admin has decided: no POST and no task; a new address is used at the next try."""
    gone, moved = house.endpoint(), house.endpoint("crm")
    await house.apply(gone, moved)
    await house.change()
    crm, ehr = await house.store.outbox.waiting(100)
    await house.apply(a_webhook("crm", f"{house.sink.base_url}/new"))
    async with house.world.worker():
        await house.post.start()
        assert [await house.outcome(event_id) for event_id in (crm, ehr)] == ["delivered", "removed"]
    assert [hit.path for hit in house.sink.hits] == ["/new"]
    assert await house.incidents() == []


async def test_a_journey_is_told_of_without_a_word_about_the_patient(house: House) -> None:
    """Stages, gates and tasks of a real journey arrive; names, numbers, reasons, causes and replies do not."""
    hold = StaffAction(action=StaffActionKind.HOLD, by="Dr. Rivera", role=Role.CLINICIAN, reason="pus, see photo")
    async with house.world.worker():
        await house.world.booked()
        await house.world.journeys.staff(house.world.start.journey_id, hold, "staff-1")
        cancel = StaffAction(action=StaffActionKind.CANCEL, by="Dr. Rivera", role=Role.CLINICIAN, reason="pregnant")
        await house.world.journeys.staff(house.world.start.journey_id, cancel, "staff-2")
        await house.world.journeys.handle(house.world.start.journey_id).result()
        await house.post.start()
        hits = await house.sink.wait(lambda hits: len({verified(hit)["type"] for hit in hits}) >= 4)
    bodies = [verified(hit) for hit in hits]
    assert {"gate.changed", "task.opened", "task.closed", "journey.changed"} == {body["type"] for body in bodies}
    assert {body["data"]["journey"] for body in bodies} == {house.world.start.journey_id}
    assert "held" in {body["data"].get("to") for body in bodies}
    everything = b"\n".join(hit.body for hit in hits).decode().lower()
    personal = ("ana", "5550006", "rivera", "pus", "photo", "pregnant", "reason", "cause", "hold", '"p1"', "staff")
    assert [word for word in personal if word in everything] == []


async def test_doctor_names_what_must_be_mended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret, one that is none, and an endpoint that is off are bad; the rest is well."""
    monkeypatch.delenv(SECRET, raising=False)

    async def said() -> tuple[str, str]:
        finding = await webhook_finding(house.store, CLINIC, house.endpoint())
        assert finding["what"] == "webhook glow/ehr"
        return finding["state"], finding["says"]

    state, says = await said()
    assert (state, SECRET in says) == ("bad", True)
    monkeypatch.setenv(SECRET, "not-a-secret")
    state, says = await said()
    assert (state, "whsec_" in says, "not-a-secret" in says) == ("bad", True, False)
    monkeypatch.setenv(SECRET, SECRETS[SECRET])
    assert (await said())[0] == "ok"
    await house.store.outbox.switch_off(CLINIC, "ehr", NOW)
    assert (await said())[0] == "bad"
