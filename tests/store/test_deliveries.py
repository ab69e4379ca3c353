"""Delivery tracking: callbacks in any order, any number of times."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.messages import DeliveryState, DeliveryUpdate, FailureClass, Receipt
from domain.records import CallbackEffect, MessageRow, MessageState, SkipReason
from store import Store
from tests.store.rows import LEASE, NOW, a_message, a_text, an_update

pytestmark = pytest.mark.slow

LATER = NOW + timedelta(minutes=5)
_numbers = itertools.count()

EVENTS = st.lists(
    st.builds(
        DeliveryUpdate,
        event_id=st.sampled_from(["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"]),
        provider_id=st.just("?"),
        state=st.sampled_from(DeliveryState),
        failure=st.sampled_from(FailureClass),
        code=st.sampled_from(["", "30003", "30007"]),
        at=st.sampled_from([NOW, LATER]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda event: event.event_id,
)


async def accepted(store: Store, number: int = 0) -> MessageRow:
    """A row that the provider accepted as SM<number>."""
    row = await store.ledger.open(a_message(key=f"row {number}"))
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    assert await store.ledger.accepted(claim, Receipt(provider_id=f"SM{number}"), NOW)
    return row


async def applied(store: Store, number: int, events: list[DeliveryUpdate]) -> tuple[MessageRow, list[CallbackEffect]]:
    """The row after these events, and what each of them did."""
    row = await accepted(store, number)
    own = [event.model_copy(update={"provider_id": f"SM{number}"}) for event in events]
    effects = [await store.ledger.callback(event, LATER) for event in own]
    return await store.ledger.get(row.id), effects


def outcome(row: MessageRow) -> dict[str, object]:
    """What must not depend on the order of callbacks."""
    names = {"state", "delivery", "failure", "reason", "conflicting", "delivery_at"}
    return row.model_dump(include=names)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=st.data())
async def test_order_and_copies_do_not_matter(store: Store, events: list[DeliveryUpdate], data: st.DataObject) -> None:
    """Any order and doubling of the same callbacks ends in the same state."""
    shuffled = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=8))))
    straight, _ = await applied(store, next(_numbers), events)
    mixed, effects = await applied(store, next(_numbers), shuffled)
    assert outcome(mixed) == outcome(straight)
    assert sum(effect.newly_failed for effect in effects) <= 1


async def test_a_row_never_goes_down_in_rank(store: Store) -> None:
    """'sent' after 'delivered' changes nothing."""
    row = await accepted(store)
    delivered = await store.ledger.callback(an_update(DeliveryState.DELIVERED, provider_id="SM0", at=LATER), LATER)
    sent = await store.ledger.callback(an_update(DeliveryState.SENT, provider_id="SM0", at=NOW), LATER)
    assert (delivered.changed, sent.changed) == (True, False)
    stored = await store.ledger.get(row.id)
    assert (stored.delivery, stored.delivery_at) == (DeliveryState.DELIVERED, LATER)


async def test_the_first_report_of_a_state_gives_its_time(store: Store) -> None:
    """Two events that say the same name the time of the earlier one, whichever came first."""
    row = await accepted(store)
    for event_id, at in (("e1", LATER), ("e2", NOW)):
        update = an_update(DeliveryState.DELIVERED, event_id=event_id, provider_id="SM0", at=at)
        await store.ledger.callback(update, LATER)
    assert (await store.ledger.get(row.id)).delivery_at == NOW


async def test_the_same_event_counts_once(store: Store) -> None:
    """A second copy of a callback has no effect, so it cannot start a second fallback."""
    await accepted(store)
    failed = an_update(DeliveryState.FAILED, provider_id="SM0", failure=FailureClass.NUMBER, code="30003")
    first = await store.ledger.callback(failed, LATER)
    second = await store.ledger.callback(failed, LATER)
    assert (first.newly_failed, second.newly_failed, second.changed) == (True, False, False)
    assert first.row is not None
    assert (first.row.failure, first.row.reason) == (FailureClass.NUMBER, "30003")


@pytest.mark.parametrize("order", list(itertools.permutations([DeliveryState.DELIVERED, DeliveryState.UNDELIVERED])))
async def test_of_different_ends_the_worse_one_counts(store: Store, order: tuple[DeliveryState, ...]) -> None:
    """Mail that was 'delivered' and then bounced has failed, is flagged, and fails once."""
    await accepted(store)
    effects = [await store.ledger.callback(an_update(state, provider_id="SM0"), LATER) for state in order]
    final = effects[-1].row
    assert final is not None
    assert (final.delivery, final.conflicting) == (DeliveryState.UNDELIVERED, True)
    assert [effect.newly_failed for effect in effects].count(True) == 1


async def test_a_callback_settles_an_unknown_row(store: Store) -> None:
    """The provider's own word that it has the message ends the doubt, and is the evidence."""
    row = await store.ledger.open(a_message())
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await store.ledger.unknown(claim, "timeout", NOW)
    effect = await store.ledger.callback(an_update(DeliveryState.SENT, message_id=row.id), LATER)
    assert effect.row is not None
    assert (effect.row.state, effect.row.evidence) == (MessageState.ACCEPTED, "callback")
    assert (effect.row.provider_id, effect.row.delivery, effect.row.sent_at) == ("SM1", DeliveryState.SENT, NOW)
    assert [entry.kind for entry in await store.audit.of_journey("j1")] == ["message.sent"]


async def test_a_callback_may_overtake_the_response(store: Store) -> None:
    """When the callback comes before the provider's own response, both agree afterwards."""
    row = await store.ledger.open(a_message())
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await store.ledger.callback(an_update(DeliveryState.DELIVERED, message_id=row.id), LATER)
    assert await store.ledger.accepted(claim, Receipt(provider_id="SM1"), LATER)
    assert (await store.ledger.get(row.id)).delivery is DeliveryState.DELIVERED


async def test_a_callback_stops_a_resend(store: Store) -> None:
    """A row that waits to be sent again is not, once the first copy turns out to exist."""
    row = await store.ledger.open(a_message(resends=1))
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await store.ledger.unknown(claim, "timeout", NOW)
    await store.ledger.resend(row.id, NOW)
    await store.ledger.callback(an_update(DeliveryState.QUEUED, message_id=row.id), LATER)
    assert await store.ledger.claim(row.id, a_text(), now=LATER, lease=LEASE) is None


async def test_a_second_provider_id_is_an_alarm(store: Store) -> None:
    """A callback for another copy of a bound row leaves the row alone and says so."""
    row = await accepted(store)
    update = an_update(DeliveryState.FAILED, provider_id="SM9", message_id=row.id)
    effect = await store.ledger.callback(update, LATER)
    assert (effect.duplicate_provider_id, effect.changed, effect.newly_failed) == (True, False, False)
    assert (await store.ledger.get(row.id)).delivery is DeliveryState.ACCEPTED


async def test_an_orphan_is_named(store: Store) -> None:
    """A callback that no row knows is neither an error nor forgotten by its caller."""
    effect = await store.ledger.callback(an_update(DeliveryState.SENT, message_id="nobody's"), LATER)
    assert effect == CallbackEffect(row=None)


async def test_callbacks_and_response_at_once(store: Store) -> None:
    """Response, callbacks and a skip that run at the same time end as one accepted, delivered message."""
    row = await store.ledger.open(a_message())
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    states = [DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.DELIVERED] * 3
    updates = [an_update(state, message_id=row.id) for state in states]
    await asyncio.gather(
        *(store.ledger.callback(update, LATER) for update in updates),
        store.ledger.accepted(claim, Receipt(provider_id="SM1"), LATER),
        store.ledger.skip(row.id, SkipReason.CAP, LATER),
    )
    stored = await store.ledger.get(row.id)
    assert (stored.state, stored.delivery) == (MessageState.ACCEPTED, DeliveryState.DELIVERED)
    assert len(await store.audit.of_journey("j1")) == 1
