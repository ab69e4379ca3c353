"""One more sending of what nobody knows the fate of, where the touchpoint allows it."""

from datetime import timedelta

from domain.journey.events import SendAgain
from domain.records import MessageRow, MessageState
from tests.relay.conftest import Desk
from tests.store.rows import LEASE, NOW, a_message, a_text

AGAIN = SendAgain(key="moved", step="laser", occurrence=2)


async def lost(desk: Desk, **more: object) -> MessageRow:
    """A message that was handed over, and nobody answered."""
    known = {"key": "j1:moved:laser:2:sms", "touchpoint": "moved", "occurrence": 2, "resends": 1}
    row = await desk.store.ledger.open(a_message(**(known | more)))
    claim = await desk.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await desk.store.ledger.unknown(claim, "timeout", NOW)
    return row


async def test_the_journey_sends_it_again(desk: Desk) -> None:
    """The row is free for one more claim, and its journey is told which message it was."""
    row = await lost(desk)
    await desk.nobody_knows(row.id)
    assert (await desk.store.ledger.get(row.id)).state is MessageState.PENDING
    assert desk.told(SendAgain) == [("j1", AGAIN)]


async def test_a_callback_in_between_keeps_it_from_being_sent_again(desk: Desk) -> None:
    """What turned out to be sent after all stays sent, and nobody is told."""
    row = await lost(desk, resends=0)
    await desk.nobody_knows(row.id)
    assert (await desk.store.ledger.get(row.id)).state is MessageState.UNKNOWN
    assert desk.told(SendAgain) == []


async def test_temporal_away_delays_it(desk: Desk) -> None:
    """The row is freed at once; the journey hears of it when Temporal is back, once."""
    row = await lost(desk)
    desk.journeys.away = True
    await desk.nobody_knows(row.id)
    desk.journeys.away = False
    desk.later(timedelta(minutes=1))
    await desk.relay.once()
    await desk.relay.once()
    assert desk.told(SendAgain) == [("j1", AGAIN)]
    assert (await desk.store.ledger.get(row.id)).resent == 1


async def test_a_safety_text_is_only_freed(desk: Desk) -> None:
    """The safety workflow comes back to its row by itself, so no journey is told."""
    row = await lost(desk, key="urgent-r1:urgent_safety::1:sms", touchpoint="urgent_safety", step="")
    await desk.nobody_knows(row.id)
    assert (await desk.store.ledger.get(row.id)).state is MessageState.PENDING
    assert desk.told(SendAgain) == []


async def test_an_ended_journey_sends_nothing_more(desk: Desk) -> None:
    """The row says why it was not sent again."""
    row = await lost(desk)
    desk.journeys.ended.add("j1")
    await desk.nobody_knows(row.id)
    after = await desk.store.ledger.get(row.id)
    assert (after.state, after.reason) == (MessageState.SKIPPED, "superseded")
