"""What is remembered between comparisons, and what a comparison asks the store."""

from datetime import timedelta

from domain.reconciliation import Reconciliation
from store import Store
from tests.store.rows import CLINIC, NOW, a_booking, a_clinic, a_delivery, a_task

LATER = NOW + timedelta(hours=1)


async def test_fields_are_noted_one_by_one(store: Store) -> None:
    """The first look stays, and a note leaves the other fields alone."""
    first = await store.reconciliations.get(CLINIC, "square", NOW)
    await store.reconciliations.note(CLINIC, "square", lost_at=NOW)
    await store.reconciliations.note(CLINIC, "square", completed_at=LATER)
    found = await store.reconciliations.get(CLINIC, "square", LATER)
    assert first == Reconciliation(clinic_id=CLINIC, source="square", first_at=NOW)
    assert found == first.model_copy(update={"lost_at": NOW, "completed_at": LATER})
    await store.reconciliations.get(CLINIC, "other", NOW)
    await store.reconciliations.forget(CLINIC, "square")
    assert [one.source for one in await store.reconciliations.all()] == ["other"]


async def test_bookings_of_a_window_and_by_ref(store: Store) -> None:
    """The window's end is not in it; refs are found wherever they start, many at once."""
    await store.clinics.apply(a_clinic())
    for number in range(3):
        starts_at = NOW + timedelta(days=number)
        await store.bookings.apply(a_booking(id=f"id-{number}", ref=f"b{number}", starts_at=starts_at))
    await store.bookings.apply(a_booking(id="other", source="square", ref="b1"))
    found = await store.bookings.between(CLINIC, "generic", NOW, NOW + timedelta(days=2))
    assert [one.ref for one in found] == ["b0", "b1"]
    refs = {"b2", "b0", *(f"x{number}" for number in range(1200))}
    assert {one.id for one in await store.bookings.by_refs(CLINIC, "generic", refs)} == {"id-0", "id-2"}
    assert await store.bookings.by_refs(CLINIC, "generic", set()) == []


async def test_arrivals_of_a_source(store: Store) -> None:
    """Newest first, of this source alone; a key waits until its row is done."""
    for number in range(3):
        await store.inbox.put(a_delivery(number, source="booking:square", key=f"booking:square:b{number}"))
    await store.inbox.put(a_delivery(9, source="reconciled:square", key="booking:square:b9"))
    assert await store.inbox.last_arrival(CLINIC, "booking:square") == NOW + timedelta(seconds=2)
    assert await store.inbox.last_arrival(CLINIC, "booking:other") is None
    found = await store.inbox.arrivals(CLINIC, "booking:square", NOW + timedelta(seconds=1))
    assert found == [NOW + timedelta(seconds=2), NOW + timedelta(seconds=1)]
    await store.inbox.done("i1", LATER)
    waiting = [await store.inbox.is_waiting(CLINIC, f"booking:square:b{number}") for number in (0, 1, 5)]
    assert waiting == [True, False, False]


async def test_open_tasks_below_a_scope(store: Store) -> None:
    """The scope itself and what it begins, up to a colon; closed ones are not."""
    scopes = ("booking-vanished:square", "booking-vanished:square:1", "booking-vanished:square2", "booking-api:square")
    for number, scope in enumerate(scopes):
        await store.tasks.open(a_task(id=f"t{number}", scope=scope, journey_id=None))
    found = await store.tasks.open_below(CLINIC, "booking-vanished:square")
    assert {task.scope for task in found} == set(scopes[:2])
    await store.tasks.close_scope(CLINIC, scopes[1], outcome="done", by="system", now=LATER)
    assert [task.scope for task in await store.tasks.open_below(CLINIC, "booking-vanished:square")] == [scopes[0]]
