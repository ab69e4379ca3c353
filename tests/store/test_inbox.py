"""The inbox: nothing twice, nothing lost, one row of a key at a time."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import NotFoundError
from domain.records import Backlog, InboxRow, InboxState
from store import Store
from store.inbox import RELAY_LEASE
from tests.store.rows import NOW, a_delivery

LATER = NOW + timedelta(minutes=1)


async def put(store: Store, *rows: InboxRow) -> None:
    for row in rows:
        assert await store.inbox.put(row)


async def taken(store: Store) -> list[str]:
    """The ids of the next batch."""
    return [row.id for row in await store.inbox.next_batch(LATER, 10)]


async def test_a_delivery_is_stored_as_it_came(store: Store) -> None:
    """Body bytes, headers and times come out as they went in."""
    row = a_delivery(1, headers={"X-Twilio-Signature": "s"})
    await put(store, row)
    assert await store.inbox.get("i1") == row
    assert await store.inbox.next_batch(LATER, 10) == [row]
    with pytest.raises(NotFoundError):
        await store.inbox.get("nothing")


async def test_a_second_copy_is_not_stored(store: Store) -> None:
    """The same delivery of the same source and clinic counts once; of another clinic it is another one."""
    await put(store, a_delivery(1))
    assert not await store.inbox.put(a_delivery(1, id="copy"))
    assert await store.inbox.put(a_delivery(1, id="elsewhere", clinic_id="other"))


async def test_only_the_oldest_of_a_key_is_taken(store: Store) -> None:
    """A person's texts are applied in order, while other keys go on."""
    await put(store, a_delivery(2), a_delivery(1), a_delivery(3, key="booking:generic:b1"))
    assert await taken(store) == ["i1", "i3"]
    assert await taken(store) == []
    await store.inbox.done("i1", LATER)
    assert await taken(store) == ["i2"]


async def test_a_retry_blocks_its_key_alone(store: Store) -> None:
    """While the oldest row waits for its next try, younger rows of its key wait with it."""
    await put(store, a_delivery(1), a_delivery(2), a_delivery(3, key="other"))
    await store.inbox.next_batch(LATER, 10)
    await store.inbox.done("i3", LATER)
    await store.inbox.retry("i1", "temporal_down", LATER + timedelta(seconds=30))
    assert await taken(store) == []
    (again,) = await store.inbox.next_batch(LATER + timedelta(seconds=30), 10)
    assert (again.id, again.attempts, again.error) == ("i1", 1, "temporal_down")


async def test_a_poison_row_frees_its_key(store: Store) -> None:
    """What can never be applied is set aside, and the next row of its key goes on."""
    await put(store, a_delivery(1), a_delivery(2))
    await store.inbox.next_batch(LATER, 10)
    await store.inbox.poison("i1", "unreadable", LATER)
    assert await taken(store) == ["i2"]


async def test_a_dead_relay_loses_nothing(store: Store) -> None:
    """A row that was taken and never settled is taken again after the lease."""
    await put(store, a_delivery(1))
    await store.inbox.next_batch(LATER, 10)
    assert await store.inbox.next_batch(LATER + RELAY_LEASE - timedelta(seconds=1), 10) == []
    assert [row.id for row in await store.inbox.next_batch(LATER + RELAY_LEASE, 10)] == ["i1"]


async def test_an_older_row_that_comes_late_waits_for_the_one_in_flight(store: Store) -> None:
    """A row from the spool never runs beside a younger row of its key."""
    await put(store, a_delivery(2))
    assert await taken(store) == ["i2"]
    await put(store, a_delivery(1))
    assert await taken(store) == []
    await store.inbox.done("i2", LATER)
    assert await taken(store) == ["i1"]


async def test_two_relays_never_take_the_same_row(store: Store) -> None:
    """Relays that ask at the same time share the rows among them."""
    await put(store, *(a_delivery(number, key=f"key {number}") for number in range(12)))
    batches = await asyncio.gather(*(store.inbox.next_batch(LATER, 5) for _ in range(6)))
    ids = [row.id for batch in batches for row in batch]
    assert len(ids) == len(set(ids)) == 12


async def test_rows_that_are_not_due_stay(store: Store) -> None:
    """Nothing is taken before its time."""
    await put(store, a_delivery(1, next_try_at=LATER + timedelta(seconds=1)))
    assert await taken(store) == []


async def test_a_settled_row_stays_settled(store: Store) -> None:
    """The late word of a relay that lost its lease does not bring a finished row back."""
    await put(store, a_delivery(1))
    await store.inbox.done("i1", LATER)
    await store.inbox.retry("i1", "late", LATER)
    await store.inbox.poison("i1", "late", LATER)
    settled = await store.inbox.get("i1")
    assert (settled.state, settled.attempts, settled.error) == (InboxState.DONE, 0, None)


async def test_the_backlog_is_what_waits(store: Store) -> None:
    """Count and age are those of pending rows."""
    assert await store.inbox.backlog(LATER) == Backlog(count=0, oldest_age=timedelta(0))
    await put(store, a_delivery(1), a_delivery(2), a_delivery(3))
    await store.inbox.done("i1", LATER)
    assert await store.inbox.backlog(LATER) == Backlog(count=2, oldest_age=timedelta(seconds=58))
