"""The send-once protocol while providers misbehave and processes die (docs/send-once.md)."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.records import InboxRow, MessageRow, MessageState
from relay.relay import Relay
from relay.resend_intake import RESEND, ResendIntake
from sandbox.config import SandboxConfig
from store import Store
from tests.chaos.callbacks import edge_server
from tests.chaos.plan import Order, consent, letter, live_clinic
from tests.chaos.poster import email_sender, sms_sender
from tests.fakes import FakeJourneys
from tests.sandbox_server import RunningSandbox, sandbox_server
from worker.message_upkeep import GIVE_UP_AFTER, SETTLE_AFTER, MessageUpkeep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SEED = int(os.environ.get("HEALGATE_CHAOS_SEED", "1"))
ROWS = int(os.environ.get("HEALGATE_CHAOS_ROWS", "120"))
ROOT = Path(__file__).parents[2]
TOKEN = "chaos-auth-token"
BEFORE = {"429": 0.06, "500": 0.06, "hang": 0.04, "drop": 0.08}
AFTER_ACCEPT = {"hang": 0.04, "500": 0.08, "502html": 0.08, "drop": 0.1, "truncated": 0.1}
CALLBACK = {"drop": 0.3, "dup": 0.15, "shuffle": 0.2, "delay": 0.2, "bad_signature": 0.1}
FINAL = {MessageState.ACCEPTED, MessageState.REJECTED, MessageState.NEEDS_REVIEW}


@asynccontextmanager
async def posters(order: Order) -> AsyncIterator[Process]:
    """The process that forks posting processes and kills them."""
    command = (sys.executable, "-m", "tests.chaos.poster", order.model_dump_json())
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0


async def a_round(process: Process, *delays: float) -> list[int]:
    """Two processes post at the same time, each killed after its delay (0: never); their exit codes."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(" ".join(map(str, delays)).encode() + b"\n")
    return [int(code) for code in (await process.stdout.readline()).split()]


async def misbehave(sandbox: RunningSandbox) -> None:
    """About half of the POSTs go wrong, and most callbacks."""
    chances = {"before": BEFORE, "after_accept": AFTER_ACCEPT, "callback": CALLBACK}
    rules = [
        {"where": where, "kind": kind, "probability": chance, "count": None, "seconds": 0.6}
        for where, kinds in chances.items()
        for kind, chance in kinds.items()
    ]
    lookups = {"where": "before", "request": "lookup", "kind": "500", "probability": 0.2, "count": None}
    await sandbox.post("faults", [*rules, lookups])


async def rows_of(store: Store) -> list[MessageRow]:
    now = datetime.now(UTC)
    found = [await store.ledger.by_key(letter(number, now).new.key) for number in range(ROWS)]
    return [row for row in found if row is not None]


async def settle(store: Store, order: Order, ahead: timedelta) -> None:
    """One round of what every worker does for rows without an answer, that much later."""
    sms = sms_sender(order)
    later = MessageUpkeep(store, sms, email_sender(order), None, lambda: datetime.now(UTC) + ahead)
    await later.settle()
    await relay_of(store, later.clock).once()
    sms.close()


def relay_of(store: Store, clock: Callable[[], datetime]) -> Relay:
    """Frees what may be sent once more; nobody here waits for news of failed deliveries."""

    async def heard(_row: InboxRow, _now: datetime) -> None:
        return

    return Relay(store, {"status": heard, RESEND: ResendIntake(store, FakeJourneys()).take}, clock)


async def post_under_fire(process: Process, sandbox: RunningSandbox, store: Store) -> int:
    """Kill and start again until every row was claimed at least once; how many processes were killed."""
    chance, killed, claimed, patience = random.Random(SEED), 0, 0, 1.0
    while claimed < ROWS:
        if chance.random() < 0.3:
            await sandbox.fault(where="before", kind="refuse", seconds=0.15)
        codes = await a_round(process, *(patience * chance.uniform(0.1, 0.9) for _ in range(2)))
        assert set(codes) <= {0, -9}, "a posting process failed"
        killed += codes.count(-9)
        before, claimed = claimed, sum(row.attempt > 0 for row in await rows_of(store))
        if claimed == before:
            patience *= 1.5  # a busy machine: they were killed before they had begun
    return killed


async def until_settled(process: Process, sandbox: RunningSandbox, store: Store, order: Order) -> list[MessageRow]:
    """Look up, give up, send again where the policy allows it, until no row is open."""
    for _ in range(20):
        assert set(await a_round(process, 0, 0)) == {0}
        assert (await sandbox.post("idle", {}))["idle"]
        for ahead in (SETTLE_AFTER, SETTLE_AFTER, GIVE_UP_AFTER):
            await settle(store, order, ahead + timedelta(seconds=10))
        rows = await rows_of(store)
        if all(row.state in FINAL for row in rows):
            return rows
    raise AssertionError("some rows were never settled")


async def test_no_row_is_sent_twice_and_none_is_lost(store: Store, database_url: str, tmp_path: Path) -> None:
    """However processes die and providers answer, each row is accepted as often as allowed, and the ledger knows."""
    async with edge_server(store, tmp_path, TOKEN) as edge:
        config = SandboxConfig(
            step_seconds=0,
            time_scale=20,
            seed=SEED,
            auth_token=TOKEN,
            event_url=f"{edge.url}/webhooks/sendgrid/{live_clinic().id}/events",
        )
        async with sandbox_server(config) as sandbox:
            edge.trust((await sandbox.get("key"))["public_key"])
            order = Order(
                database_url=database_url,
                sandbox_url=sandbox.base_url,
                callback_url=edge.url,
                account_sid=config.account_sid,
                auth_token=TOKEN,
                sendgrid_api_key=config.sendgrid_api_key,
                rows=ROWS,
            )
            await store.clinics.apply(live_clinic())
            for number in range(ROWS):
                await store.consents.record(consent(number, datetime.now(UTC)))
            async with posters(order) as process:
                await misbehave(sandbox)
                killed = await post_under_fire(process, sandbox, store)
                rows = await until_settled(process, sandbox, store, order)
            ledger = (await sandbox.get("ledger"))["messages"]
    tasks = {task.scope for task in await store.tasks.listing(live_clinic().id, limit=ROWS)}
    assert len(rows) == ROWS
    assert tasks >= {f"message:{row.id}" for row in rows if row.state is MessageState.NEEDS_REVIEW}
    assert killed >= 4, "nobody died: make the rounds shorter"
    assert_each_row_is_explained(rows, ledger)


def assert_each_row_is_explained(rows: list[MessageRow], ledger: list[dict[str, Any]]) -> None:
    """The sandbox's ledger is the truth; ours must agree with it, row by row."""
    accepted: dict[str, list[str]] = {row.id: [] for row in rows}
    for entry in ledger:
        accepted[entry["message_id"]].append(entry["id"])
    for row in rows:
        copies = accepted[row.id]
        assert len(copies) <= 1 + row.resends, f"{row.key} was accepted {len(copies)} times"
        if copies:
            assert row.state is MessageState.ACCEPTED, f"{row.key} was accepted, but the ledger says {row.state}"
            assert row.provider_id in copies
        else:
            assert row.state in {MessageState.NEEDS_REVIEW, MessageState.REJECTED}, f"{row.key} is {row.state}"
            assert row.reason
    assert {row.state for row in rows} == FINAL, "the faults should bring rows to every end"
