"""Outward events: stored with the change that they tell of, for the endpoints that want them."""

import asyncio
from typing import Any

import pytest

from domain.clinic import Webhook
from domain.errors import NotFoundError
from domain.outward import OutwardEvent, OutwardOutcome
from domain.records import AuditEntry
from store import Store, audit
from tests.outward import a_webhook
from tests.store.rows import CLINIC, NOW, a_clinic, a_task


async def told(store: Store) -> list[OutwardEvent]:
    """What waits, oldest first."""
    return [await store.outbox.get(event_id) for event_id in await store.outbox.waiting(100)]


async def kinds(store: Store) -> list[tuple[str, str]]:
    return [(event.endpoint, event.kind.value) for event in await told(store)]


async def apply(store: Store, *webhooks: Webhook) -> None:
    await store.clinics.apply(a_clinic(webhooks=webhooks))


def a_gate_entry(**more: Any) -> AuditEntry:
    known: dict[str, Any] = {"clinic_id": CLINIC, "journey_id": "j1", "at": NOW, "kind": "gate", "actor": "rule:plan"}
    data = {"step": "laser", "from": "locked", "to": "held", "reasons": ["keloid"]}
    return AuditEntry.model_validate(known | {"data": data} | more)


async def write_and_die(store: Store, entry: AuditEntry) -> None:
    async with store.database.write() as connection:
        await audit.append(connection, [entry])
        raise RuntimeError("died before the commit")


async def test_every_change_of_a_task_is_told(store: Store) -> None:
    """Opened, raised and closed by whomever, in this order; what merely adds to a task, or takes it, is not told."""
    await apply(store, a_webhook())
    await store.tasks.open(a_task())
    await store.tasks.open(a_task(id="t2", detail={"more": "seen"}))
    await store.tasks.open(a_task(id="t3", urgency="emergency"))
    await store.tasks.take("t1", "Kim", NOW)
    await store.tasks.close_scope(CLINIC, "journey:j1", outcome="called", by="staff:Kim", now=NOW)
    assert await kinds(store) == [("ehr", "task.opened"), ("ehr", "task.raised"), ("ehr", "task.closed")]
    assert {event.data["task"] for event in await told(store)} == {"t1"}


async def test_an_endpoint_is_told_of_what_it_wants(store: Store) -> None:
    """Each endpoint has its own filter, and an event of its own."""
    await apply(store, a_webhook("crm", events=("gate.changed",)), a_webhook("ehr"))
    await store.tasks.open(a_task())
    await store.audit.append([a_gate_entry()])
    assert await kinds(store) == [("ehr", "task.opened"), ("crm", "gate.changed"), ("ehr", "gate.changed")]
    assert len({event.id for event in await told(store)}) == 3


async def test_without_endpoints_nothing_is_stored(store: Store) -> None:
    """Neither for a clinic without webhooks nor for one that is not there; other clinics' endpoints hear nothing."""
    await apply(store)
    await store.clinics.apply(a_clinic(id="other", webhooks=(a_webhook(),)))
    await store.tasks.open(a_task())
    await store.tasks.open(a_task(id="t2", clinic_id="nobody"))
    assert await told(store) == []


async def test_the_event_shares_the_fate_of_its_change(store: Store) -> None:
    """What is rolled back was never told, and what was written before is not told again."""
    await apply(store, a_webhook())
    with pytest.raises(RuntimeError, match="died"):
        await write_and_die(store, a_gate_entry(dedupe="j1:1:0"))
    assert await told(store) == []
    for _ in range(2):
        await store.audit.append([a_gate_entry(dedupe="j1:1:0")])
    assert await kinds(store) == [("ehr", "gate.changed")]


async def test_none_of_many_at_once_is_lost(store: Store) -> None:
    """Twenty changes from as many transactions at the same time wait to be told, each once."""
    await apply(store, a_webhook())
    await asyncio.gather(*(store.tasks.open(a_task(id=f"t{n}", scope=f"journey:j{n}")) for n in range(20)))
    assert {event.data["task"] for event in await told(store)} == {f"t{n}" for n in range(20)}


async def test_what_was_started_waits_no_more(store: Store) -> None:
    """A started event is still to be read, with what became of it; the first outcome stays."""
    await apply(store, a_webhook())
    await store.audit.append([a_gate_entry()])
    (event,) = await told(store)
    await store.outbox.started(event.id, NOW)
    assert await told(store) == []
    await store.outbox.failed(event.id, "http_500")
    await store.outbox.settle(event.id, OutwardOutcome.DELIVERED, NOW)
    await store.outbox.settle(event.id, OutwardOutcome.GIVEN_UP, NOW)
    settled = await store.outbox.get(event.id)
    assert (settled.code, settled.outcome, settled.body) == ("http_500", OutwardOutcome.DELIVERED, event.body)
    with pytest.raises(NotFoundError):
        await store.outbox.get("nothing")


async def test_an_endpoint_that_is_off_is_told_nothing_until_the_clinic_file_is_applied(store: Store) -> None:
    """Switched off twice is off; the other endpoint is told on; applying its own clinic's file switches it on."""
    await apply(store, a_webhook("crm"), a_webhook("ehr"))
    for _ in range(2):
        await store.outbox.switch_off(CLINIC, "ehr", NOW)
    await store.audit.append([a_gate_entry()])
    assert await kinds(store) == [("crm", "gate.changed")]
    await store.clinics.apply(a_clinic(id="other", webhooks=(a_webhook("ehr"),)))
    assert await store.outbox.is_switched_off(CLINIC, "ehr")
    assert not await store.outbox.is_switched_off("other", "ehr")
    await apply(store, a_webhook("ehr"))
    assert not await store.outbox.is_switched_off(CLINIC, "ehr")
    await store.audit.append([a_gate_entry()])
    assert await kinds(store) == [("crm", "gate.changed"), ("ehr", "gate.changed")]
