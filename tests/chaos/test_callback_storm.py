"""Callbacks by the thousand, shuffled and doubled, over the real edge (docs/send-once.md)."""

import asyncio
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from twilio.request_validator import RequestValidator

from domain.messages import Channel, DeliveryState, Receipt
from domain.records import MessageRow
from store import Store
from tests.chaos.callbacks import edge_server
from tests.store.rows import CLINIC, LEASE, a_clinic, a_message, a_text

pytestmark = pytest.mark.slow

CALLBACKS = int(os.environ.get("HEALGATE_STORM_CALLBACKS", "600"))
SEED = int(os.environ.get("HEALGATE_CHAOS_SEED", "1"))
TOKEN = "storm-auth-token"
STORIES = (
    ("queued", "sending", "sent", "delivered"),
    ("queued", "sent", "undelivered"),
    ("sending", "failed"),
)
AT_ONCE = 32


async def accepted_row(store: Store, number: int) -> MessageRow:
    row = await store.ledger.open(a_message(key=f"j{number}:day_0::1:sms", journey_id=None, channel=Channel.SMS))
    now = datetime.now(UTC)
    claim = await store.ledger.claim(row.id, a_text(), now=now, lease=LEASE)
    assert claim is not None
    await store.ledger.accepted(claim, Receipt(provider_id=f"SM{number:032d}"), now)
    return row


def callback(url: str, row: MessageRow, number: int, status: str) -> tuple[str, dict[str, str], str]:
    """URL, form and signature, as Twilio sends them."""
    address = f"{url}/webhooks/twilio/{CLINIC}/status?n={row.id}&a=1"
    form = {"MessageSid": f"SM{number:032d}", "MessageStatus": status, "From": "+15005550002", "To": "+15005550006"}
    if status in ("undelivered", "failed"):
        form["ErrorCode"] = "30003"
    return address, form, RequestValidator(TOKEN).compute_signature(address, form)


async def test_a_storm_of_callbacks_ends_in_the_truth(store: Store, tmp_path: Path) -> None:
    """However often and in whatever order they come, each row shows its last state, and each failure is told once."""
    await store.clinics.apply(a_clinic())
    chance = random.Random(SEED)
    stories = [STORIES[number % len(STORIES)] for number in range(CALLBACKS // 6)]
    rows = [await accepted_row(store, number) for number in range(len(stories))]
    async with edge_server(store, tmp_path, TOKEN) as edge, httpx.AsyncClient(timeout=60) as http:
        posts = [
            callback(edge.url, rows[number], number, status)
            for number, story in enumerate(stories)
            for status in (*story, *story)
        ]
        chance.shuffle(posts)
        turns = asyncio.Semaphore(AT_ONCE)

        async def post(address: str, form: dict[str, str], signature: str) -> int:
            async with turns:
                return (await http.post(address, data=form, headers={"X-Twilio-Signature": signature})).status_code

        answers = await asyncio.gather(*(post(*one) for one in posts))
    assert set(answers) == {204}
    ended = [(await store.ledger.get(row.id)).delivery for row in rows]
    assert ended == [DeliveryState(story[-1]) for story in stories]
    failures = sum(story[-1] != "delivered" for story in stories)
    assert (await store.inbox.backlog(datetime.now(UTC))).count == failures
