"""Bookings, journeys, questions and the audit."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from domain.errors import NotFoundError
from domain.records import AuditEntry, BookingStatus
from store import Store
from tests.store.rows import (
    CLINIC,
    LEASE,
    NOW,
    a_booking,
    a_clinic,
    a_journey,
    a_message,
    a_patient,
    a_question,
    a_text,
)

LATER = NOW + timedelta(hours=1)
PHONE = "+15005550006"


@pytest.fixture
async def store(store: Store) -> Store:
    """A store with one clinic and one patient."""
    await store.clinics.apply(a_clinic())
    await store.patients.add(a_patient())
    return store


def an_entry(**more: object) -> AuditEntry:
    known = {"clinic_id": CLINIC, "journey_id": "j1", "at": NOW, "kind": "gate", "actor": "rule:interval"}
    return AuditEntry.model_validate({**known, **more})


async def ask(store: Store, key: str, **question: object) -> None:
    """Claim a message that asks."""
    row = await store.ledger.open(a_message(key=key))
    assert await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question(**question))


async def test_a_booking_is_known_by_its_newest_event(store: Store) -> None:
    """Insert, change, the same again, and an older one: each says what it did."""
    first = await store.bookings.apply(a_booking())
    assert (first.previous, first.current, first.changed) == (None, a_booking(), True)
    moved = a_booking(id="ignored", sequence=3, starts_at=LATER)
    second = await store.bookings.apply(moved)
    assert (second.previous, second.current.id, second.current.starts_at) == (a_booking(), "b-1", LATER)
    assert not (await store.bookings.apply(moved)).changed
    stale = await store.bookings.apply(a_booking(sequence=2, status=BookingStatus.CANCELLED))
    assert (stale.stale, stale.changed) == (True, False)
    assert await store.bookings.get(CLINIC, "generic", "b1") == second.current


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
async def test_events_in_any_order_end_in_the_same_booking(store: Store, order: tuple[int, ...]) -> None:
    """Out-of-order deliveries leave the newest truth."""
    events = {number: a_booking(sequence=number, starts_at=NOW + timedelta(days=number)) for number in order}
    for number in order:
        await store.bookings.apply(events[number])
    assert await store.bookings.by_id("b-1") == events[3]


async def test_an_event_does_not_take_links_away(store: Store) -> None:
    """Patient and journey stay when a later event does not name them."""
    await store.journeys.reserve(a_journey())
    await store.bookings.apply(a_booking(patient_id="p1"))
    await store.bookings.link("b-1", "j1")
    await store.bookings.apply(a_booking(sequence=2, status=BookingStatus.COMPLETED))
    booking = await store.bookings.by_id("b-1")
    assert (booking.patient_id, booking.journey_id) == ("p1", "j1")
    assert await store.bookings.of_patient(CLINIC, "p1") == [booking]
    assert await store.bookings.of_journey("j1") == [booking]


async def test_a_rescheduled_booking_keeps_its_journey(store: Store) -> None:
    """A new ref is the same appointment, counted on, also when the new one was heard of first."""
    await store.journeys.reserve(a_journey())
    await store.bookings.apply(a_booking(sequence=5, journey_id="j1"))
    await store.bookings.follow(CLINIC, "generic", "b1", "b2", sequence=0)
    (moved,) = await store.bookings.visit(CLINIC, "generic", "b2")
    assert (moved.id, moved.journey_id, moved.sequence, moved.sequence_base) == ("b-1", "j1", 5, 6)
    await store.bookings.apply(a_booking(id="b-3", ref="b3", sequence=2, starts_at=LATER))
    await store.bookings.follow(CLINIC, "generic", "b2", "b3", sequence=2)
    (moved,) = await store.bookings.visit(CLINIC, "generic", "b3")
    assert (moved.id, moved.starts_at, moved.sequence, moved.status) == ("b-1", LATER, 6, BookingStatus.BOOKED)
    (behind,) = await store.bookings.visit(CLINIC, "generic", "b2")
    assert (behind.id, behind.status) == ("b-3", BookingStatus.CANCELLED)
    assert await store.bookings.current_ref(CLINIC, "generic", "b1") == "b3"


@pytest.mark.parametrize("order", list(itertools.permutations([("b1", "b2"), ("b2", "b3"), ("b3", "b4")])))
async def test_a_chain_of_refs_ends_at_the_last_one(store: Store, order: tuple[tuple[str, str], ...]) -> None:
    """In whatever order the changes are heard of, all of them lead to the newest ref, and the old ones are stale."""
    await store.bookings.apply(a_booking())
    for old, new in order:
        await store.bookings.follow(CLINIC, "generic", old, new, sequence=1)
    assert {await store.bookings.current_ref(CLINIC, "generic", ref) for ref in ("b1", "b2", "b3", "b4")} == {"b4"}
    assert (await store.bookings.apply(a_booking(id="x", ref="b2", sequence=99))).stale
    assert [booking.id for booking in await store.bookings.visit(CLINIC, "generic", "b4")] == ["b-1"]


async def test_back_to_the_first_ref(store: Store) -> None:
    """A system that goes back to a ref it gave before is followed there."""
    await store.bookings.apply(a_booking())
    await store.bookings.follow(CLINIC, "generic", "b1", "b2", sequence=2)
    await store.bookings.follow(CLINIC, "generic", "b2", "b1", sequence=3)
    assert [booking.id for booking in await store.bookings.visit(CLINIC, "generic", "b1")] == ["b-1"]
    assert not (await store.bookings.apply(a_booking(sequence=4))).stale


async def test_a_guess_can_be_wrong(store: Store) -> None:
    """What was taken for a reschedule comes alive again where the system says later that the old one stands."""
    await store.bookings.apply(a_booking(sequence=3))
    await store.bookings.follow(CLINIC, "generic", "b1", "b2", sequence=0, guessed=True)
    assert (await store.bookings.apply(a_booking(id="x", sequence=3))).stale
    assert (await store.bookings.apply(a_booking(id="x", sequence=4, status=BookingStatus.CANCELLED))).stale
    assert not (await store.bookings.apply(a_booking(id="x", sequence=4))).stale


async def test_many_first_events_at_once_make_one_booking(store: Store) -> None:
    """Twelve deliveries about a new appointment end as one row."""
    events = [a_booking(id=f"b-{number}", sequence=number) for number in range(12)]
    applied = await asyncio.gather(*(store.bookings.apply(event) for event in events))
    assert sum(result.previous is None for result in applied) == 1
    booking = await store.bookings.get(CLINIC, "generic", "b1")
    assert booking is not None
    assert booking.sequence == 11


async def test_one_booking_starts_one_journey(store: Store) -> None:
    """Ten reservations for the same starting booking are one journey."""
    wanted = [a_journey(id=f"j{number}", workflow_id=f"w{number}") for number in range(10)]
    reserved = await asyncio.gather(*(store.journeys.reserve(record) for record in wanted))
    assert len({record.id for record in reserved}) == 1
    assert await store.journeys.listing(CLINIC) == [reserved[0]]


async def test_a_journey_shows_what_its_workflow_says(store: Store) -> None:
    """The read model takes stage, gates and end, and is found by id, workflow and patient."""
    await store.journeys.reserve(a_journey())
    gates = {"laser": {"state": "held", "reasons": ["tan"]}}
    await store.journeys.project("j1", stage="healing", gates=gates)
    record = await store.journeys.get("j1")
    assert (record.stage, record.gates, record.ended_at) == ("healing", gates, None)
    assert await store.journeys.by_workflow("w1") == record
    assert await store.journeys.of_patient(CLINIC, "p1", open_only=True) == [record]
    await store.journeys.project("j1", stage="ended", gates=gates, ended_at=LATER, outcome="completed")
    assert await store.journeys.of_patient(CLINIC, "p1", open_only=True) == []
    assert [ended.outcome for ended in await store.journeys.of_patient(CLINIC, "p1")] == ["completed"]


async def test_unknown_journeys_are_errors(store: Store) -> None:
    """Reading or projecting what was never reserved says so."""
    with pytest.raises(NotFoundError):
        await store.journeys.get("nothing")
    with pytest.raises(NotFoundError):
        await store.journeys.by_workflow("nothing")
    with pytest.raises(NotFoundError):
        await store.journeys.project("nothing", stage="healing", gates={})


async def test_journeys_come_in_pages(store: Store) -> None:
    """Pages go on after the last journey of the page before, also where several began at the same time."""
    for number in (2, 0, 4, 1, 3):
        more = {"id": f"j{number}", "workflow_id": f"w{number}", "starting_ref": f"generic:{number}"}
        await store.journeys.reserve(a_journey(**more, created_at=NOW + timedelta(seconds=number // 2)))
    await store.journeys.project("j4", stage="healing", gates={})
    first = await store.journeys.listing(CLINIC, limit=2)
    rest = await store.journeys.listing(CLINIC, after=first[-1].id)
    assert [record.id for record in first + rest] == ["j4", "j3", "j2", "j1", "j0"]
    assert [record.id for record in await store.journeys.listing(CLINIC, stage="healing")] == ["j4"]


async def test_questions_close_one_by_one_by_ask_and_by_journey(store: Store) -> None:
    """Newest first, and each way of closing closes what it names."""
    for number in range(3):
        asked_at = NOW + timedelta(minutes=number)
        await ask(store, f"k{number}", ask_id=f"a{number}", opened_at=asked_at)
    newest, *_ = questions = await store.questions.open_for_phone(CLINIC, PHONE)
    assert [question.ask_id for question in questions] == ["a2", "a1", "a0"]
    await store.questions.close(newest.id, LATER)
    await store.questions.close_of_ask("j1", "a0", LATER)
    assert [question.ask_id for question in await store.questions.open_for_phone(CLINIC, PHONE)] == ["a1"]
    await store.questions.close_of_journey("j1", LATER)
    assert await store.questions.open_for_phone(CLINIC, PHONE) == []


async def test_questions_are_of_a_clinic_and_a_phone(store: Store) -> None:
    """The same number in another clinic has its own questions."""
    await ask(store, "k")
    assert await store.questions.open_for_phone("aura", PHONE) == []
    assert await store.questions.open_for_phone(CLINIC, "+15005550009") == []


async def test_the_audit_keeps_the_order_of_writing(store: Store) -> None:
    """A journey's timeline is what was appended, in that order."""
    kinds = ["booking", "journey", "gate"]
    await store.audit.append([an_entry(kind=kind) for kind in kinds] + [an_entry(journey_id="j2")])
    assert [entry.kind for entry in await store.audit.of_journey("j1")] == kinds


async def test_an_entry_with_its_dedupe_is_written_once(store: Store) -> None:
    """A retried activity does not double the timeline; another clinic's entry is another one."""
    for _ in range(2):
        await store.audit.append([an_entry(dedupe="reply:SM1"), an_entry()])
    await store.audit.append([an_entry(dedupe="reply:SM1", clinic_id="aura", journey_id="j2")])
    assert len(await store.audit.of_journey("j1")) == 3
    assert len(await store.audit.of_journey("j2")) == 1


async def test_the_audit_can_be_followed(store: Store) -> None:
    """Who saw an entry asks for what came after it, of all clinics or of one."""
    await store.audit.append([an_entry(), an_entry(kind="task"), an_entry(kind="page", clinic_id="aura")])
    first, *rest = await store.audit.since(0)
    assert [entry.kind for entry in rest] == ["task", "page"]
    assert [entry.kind for entry in await store.audit.since(first.id, CLINIC)] == ["task"]
    assert len(await store.audit.since(0, limit=2)) == 2
