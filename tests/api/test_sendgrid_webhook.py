"""SendGrid's event webhook."""

import json

from domain.messages import Channel, DeliveryState, Receipt
from tests.api.world import World
from tests.store.rows import CLINIC, LEASE, NOW, a_message, a_text


async def _sent(world: World) -> str:
    row = await world.store.ledger.open(a_message(key="j1:day_7:laser:1:email", channel=Channel.EMAIL))
    claim = await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.accepted(claim, Receipt(provider_id="mail1"), NOW)
    return row.id


def _events(*events: dict[str, object]) -> bytes:
    shared = {"sg_message_id": "mail1.recvd-1", "timestamp": int(NOW.timestamp())}
    return json.dumps([shared | event for event in events]).encode() + b"\r\n"


async def test_a_batch_moves_the_ledger_and_tells_of_failures(world: World) -> None:
    """Each event of a batch counts; the complaint alone goes to the inbox, however often the batch comes."""
    message_id = await _sent(world)
    body = _events(
        {"event": "delivered", "sg_event_id": "e1"},
        {"event": "open", "sg_event_id": "e2"},
        {"event": "spamreport", "sg_event_id": "e3"},
    )
    answers = [await world.sendgrid(body) for _ in range(2)]
    (row,) = await world.inbox()
    assert [answer.status_code for answer in answers] == [204, 204]
    assert (row.source, row.delivery_id) == ("status", "e3")
    assert (await world.store.ledger.get(message_id)).delivery is DeliveryState.DELIVERED


async def test_unsigned_events_change_nothing(world: World) -> None:
    """Events without a signature, or with the signature of other bytes, are 403."""
    message_id = await _sent(world)
    body = _events({"event": "bounce", "sg_event_id": "e1"})
    unsigned = await world.http.post(f"/webhooks/sendgrid/{CLINIC}/events", content=body)
    headers = (await world.sendgrid(b"[]")).request.headers
    signed = {name: value for name, value in headers.items() if name.startswith("x-twilio")}
    forged = await world.http.post(f"/webhooks/sendgrid/{CLINIC}/events", content=body, headers=signed)
    assert (unsigned.status_code, forged.status_code) == (403, 403)
    assert (await world.store.ledger.get(message_id)).delivery is DeliveryState.ACCEPTED


async def test_a_body_that_is_no_array_is_refused(world: World) -> None:
    """A signed body of another shape is 400 with the mend."""
    answer = await world.sendgrid(b'{"event": "delivered"}')
    assert answer.status_code == 400
    assert "JSON array" in answer.json()["detail"]
