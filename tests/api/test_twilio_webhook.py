"""Twilio's webhooks: patients' texts, and what became of ours."""

import pytest

from domain.messages import DeliveryState, DeliveryUpdate, Receipt
from tests.api.world import World
from tests.store.rows import CLINIC, LEASE, NOW, a_message, a_text

TEXT = {"MessageSid": "SM1", "From": "+15005550006", "To": "+15005550002", "Body": "all good & fine", "NumMedia": "0"}


async def test_a_text_is_stored_as_it_came(world: World) -> None:
    """A signed text waits in the inbox under the sender's phone, and Twilio is told to answer nothing."""
    answer = await world.twilio("message", TEXT)
    (row,) = await world.inbox()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")
    assert (row.source, row.delivery_id, row.key) == ("twilio", "SM1", "phone:+15005550006")
    assert b"Body=all+good+%26+fine" in row.body


async def test_a_doubled_text_is_one(world: World) -> None:
    """Twilio's retry gets the same answer and stores nothing."""
    answers = [await world.twilio("message", TEXT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await world.inbox_count() == 1


async def test_a_photo_without_text_is_stored(world: World) -> None:
    """A blank Body is signed too: dropping it would break the signature."""
    answer = await world.twilio("message", TEXT | {"Body": "", "NumMedia": "1"})
    assert (answer.status_code, await world.inbox_count()) == (200, 1)


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "bm8="}])
@pytest.mark.parametrize("path", ["message", "status"])
async def test_a_bad_signature_stores_nothing(world: World, path: str, headers: dict[str, str]) -> None:
    """A missing or wrong signature is 403, and the inbox stays empty."""
    answer = await world.http.post(f"/webhooks/twilio/{CLINIC}/{path}", data=TEXT, headers=headers)
    assert (answer.status_code, await world.inbox_count()) == (403, 0)


async def test_the_configured_url_counts_and_not_the_host_header(world: World) -> None:
    """A signature for the public URL holds behind a proxy that calls us by another host."""
    answer = await world.twilio("message", TEXT)
    world.http.base_url = "http://10.0.0.7:8080"
    behind_proxy = await world.twilio("message", TEXT | {"MessageSid": "SM2"})
    assert (answer.status_code, behind_proxy.status_code) == (200, 200)


async def test_a_text_waits_on_disk_while_the_database_is_down(world: World) -> None:
    """A text that arrives in an outage is acknowledged from the spool, and drained later."""
    await world.twilio("message", TEXT)
    world.database.down = True
    answer = await world.twilio("message", TEXT | {"MessageSid": "SM2"})
    world.database.down = False
    assert (answer.status_code, await world.spool.drain(world.store.inbox)) == (200, 1)
    assert [row.delivery_id for row in await world.inbox()] == ["SM1", "SM2"]


async def _sent(world: World) -> str:
    """A message that the provider accepted; its id."""
    row = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.accepted(claim, Receipt(provider_id="SM7"), NOW)
    return row.id


def _status(status: str, code: str = "") -> dict[str, str]:
    return {"MessageSid": "SM7", "MessageStatus": status} | ({"ErrorCode": code} if code else {})


async def test_a_delivered_text_moves_the_ledger_alone(world: World) -> None:
    """The ordinary callback is 204, moves the row, and no journey hears of it."""
    message_id = await _sent(world)
    answer = await world.twilio("status", _status("delivered"), query=f"n={message_id}&a=1")
    row = await world.store.ledger.get(message_id)
    assert (answer.status_code, row.delivery, await world.inbox_count()) == (204, DeliveryState.DELIVERED, 0)


async def test_a_failed_text_also_goes_to_the_inbox_once(world: World) -> None:
    """A failure that comes twice is one inbox row that names our message."""
    message_id = await _sent(world)
    for _ in range(2):
        await world.twilio("status", _status("undelivered", "30005"), query=f"n={message_id}&a=1")
    (row,) = await world.inbox()
    update = DeliveryUpdate.model_validate_json(row.body)
    assert (row.source, row.key, row.delivery_id) == ("status", f"message:{message_id}", "SM7:undelivered:30005")
    assert (update.message_id, update.state) == (message_id, DeliveryState.UNDELIVERED)


async def test_a_failure_whose_row_was_lost_on_the_way_is_told_by_its_copy(world: World) -> None:
    """A process that died between the ledger and the inbox loses nothing: the retried callback stores the row."""
    message_id = await _sent(world)
    update = DeliveryUpdate(
        event_id="SM7:undelivered:30005", provider_id="SM7", state=DeliveryState.UNDELIVERED, code="30005"
    )
    await world.store.ledger.callback(update, NOW)
    await world.twilio("status", _status("undelivered", "30005"), query=f"n={message_id}&a=1")
    assert await world.inbox_count() == 1


async def test_a_second_copy_at_the_provider_raises_an_alarm(world: World) -> None:
    """A callback for our row under another provider id is an incident for a person."""
    message_id = await _sent(world)
    await world.twilio("status", _status("sent") | {"MessageSid": "SM8"}, query=f"n={message_id}&a=1")
    (task,) = await world.store.tasks.listing(CLINIC)
    assert (task.cause, task.scope) == ("incident", f"message:{message_id}")


async def test_an_unknown_message_is_acknowledged(world: World) -> None:
    """A callback that no row knows is 204: sending it again would not help."""
    answer = await world.twilio("status", _status("delivered"))
    assert (answer.status_code, await world.inbox_count()) == (204, 0)


async def test_an_outage_asks_for_the_callback_again(world: World) -> None:
    """A callback that cannot be applied now is 503."""
    message_id = await _sent(world)
    await world.twilio("status", _status("sent"), query=f"n={message_id}&a=1")
    world.database.down = True
    answer = await world.twilio("status", _status("delivered"), query=f"n={message_id}&a=1")
    assert answer.status_code == 503
