"""Pages for readers from outside: who sees what, in which state, since when."""

from datetime import timedelta

import pytest

from domain.messages import Channel, DeliveryState, FailureClass, Receipt
from domain.patient import Consent, ConsentStatus
from domain.records import AuditEntry, BookingStatus, SkipReason
from store import Store
from store.read_model import Between, Wanted
from tests.store.rows import (
    CLINIC,
    LEASE,
    NOW,
    a_booking,
    a_clinic,
    a_journey,
    a_message,
    a_patient,
    a_task,
    a_text,
    an_update,
)

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture
async def store(store: Store) -> Store:
    """A store with a clinic, the patient p1 and the journey j1."""
    await store.clinics.apply(a_clinic())
    await store.patients.add(a_patient())
    await store.journeys.reserve(a_journey())
    return store


def of(**more: object) -> Wanted:
    return Wanted.model_validate({"clinic_id": CLINIC} | more)


async def a_consent(store: Store, status: ConsentStatus, hours: int = 0, **more: object) -> None:
    known = {"clinic_id": CLINIC, "channel": Channel.SMS, "address": "+15005550006", "origin": "intake"}
    await store.consents.record(Consent.model_validate(known | {"status": status, "at": NOW + hours * HOUR} | more))


async def test_pages_go_on_after_the_last_id(store: Store) -> None:
    """Every record is on exactly one page, whatever its kind."""
    for number in range(5):
        await store.bookings.apply(a_booking(id=f"b-{number}", ref=f"r{number}"))
        await a_consent(store, ConsentStatus.GRANTED, number)
    await store.patients.add(a_patient(id="p2", vendor_ids={}))
    seen: list[str] = []
    while page := await store.read_model.bookings(of(limit=2, after=seen[-1] if seen else "")):
        seen += [one.record.id for one in page]
    assert seen == [f"b-{number}" for number in range(5)]
    consents: list[str] = []
    while entries := await store.read_model.consents(of(limit=3, after=consents[-1] if consents else "")):
        consents += [one.record.id for one in entries]
    assert len(consents) == len(set(consents)) == 10


async def test_nothing_of_another_clinic_is_found(store: Store) -> None:
    """Neither in a page nor by id, for every kind."""
    await store.bookings.apply(a_booking(patient_id="p1"))
    await store.ledger.open(a_message())
    await store.tasks.open(a_task())
    await a_consent(store, ConsentStatus.GRANTED)
    model = store.read_model
    for read in (model.bookings, model.journeys, model.messages, model.tasks, model.consents, model.patients):
        (mine,) = await read(of())
        assert await read(of(ids=(mine.record.id,))) == [mine]
        assert await read(of(clinic_id="aura")) == await read(of(clinic_id="aura", ids=(mine.record.id,))) == []


async def test_a_page_can_be_of_one_patient(store: Store) -> None:
    """Who else is in the clinic is not in it."""
    await store.patients.add(a_patient(id="p2", vendor_ids={}, phone="+15005550007", email=None))
    await store.bookings.apply(a_booking(patient_id="p1"))
    await store.bookings.apply(a_booking(id="b-2", ref="b2", patient_id="p2"))
    await a_consent(store, ConsentStatus.GRANTED, address="+15005550007")
    assert [one.record.id for one in await store.read_model.bookings(of(patient_id="p2"))] == ["b-2"]
    assert [one.record.patient_id for one in await store.read_model.consents(of())] == ["p2"]
    assert await store.read_model.consents(of(patient_id="p1")) == []


async def test_the_newest_grant_of_a_contact_counts(store: Store) -> None:
    """A withdrawal ends it, a newer grant begins it again, and e-mail is a matter of its own."""
    await a_consent(store, ConsentStatus.GRANTED)
    await a_consent(store, ConsentStatus.REVOKED, 1)
    await a_consent(store, ConsentStatus.GRANTED, channel=Channel.EMAIL, address="Ana@example.com")
    states = [(one.record.channel, one.state) for one in await store.read_model.consents(of())]
    assert states == [("sms", "past"), ("sms", "past"), ("email", "granted")]
    await a_consent(store, ConsentStatus.GRANTED, 2)
    granted = await store.read_model.consents(of(states={"granted"}))
    assert [(one.record.channel, one.record.at) for one in granted] == [("email", NOW), ("sms", NOW + 2 * HOUR)]


@pytest.mark.parametrize("stranger", ["", "x", "0-p1", "1", "-p1", "9" * 40 + "-p1", "²-p1"])
async def test_a_consent_of_no_such_id_is_not_found(store: Store, stranger: str) -> None:
    """Whatever stands in an id, it names an entry of this clinic or nothing."""
    await a_consent(store, ConsentStatus.GRANTED)
    assert await store.read_model.consents(of(ids=(stranger,))) == []


async def test_a_message_has_one_state(store: Store) -> None:
    """Accepted and not delivered is a state of its own; a skipped one changed when it was skipped."""
    sent = await store.ledger.open(a_message())
    claim = await store.ledger.claim(sent.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await store.ledger.accepted(claim, Receipt(provider_id="SM1"), NOW + HOUR)
    skipped = await store.ledger.open(a_message(key="j1:day_7:laser:1:sms", touchpoint="day_7"))
    await store.ledger.skip(skipped.id, SkipReason.OPTED_OUT, NOW + 2 * HOUR)
    found = {one.record.id: (one.state, one.changed_at) for one in await store.read_model.messages(of())}
    assert found == {sent.id: ("accepted", NOW + HOUR), skipped.id: ("skipped", NOW + 2 * HOUR)}
    failed = an_update(DeliveryState.UNDELIVERED, failure=FailureClass.NUMBER, at=NOW + 3 * HOUR)
    await store.ledger.callback(failed, NOW + 3 * HOUR)
    (lost,) = await store.read_model.messages(of(states={"not_delivered"}))
    assert (lost.record.id, lost.changed_at) == (sent.id, NOW + 3 * HOUR)


async def test_what_a_person_found_out_is_a_change(store: Store) -> None:
    """A message that somebody settled days later changed then."""
    row = await store.ledger.open(a_message())
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await store.ledger.unknown(claim, "timeout", NOW)
    await store.ledger.needs_review(row.id, NOW)
    await store.ledger.reviewed(row.id, sent=True, by="staff:Ada", why="she has it", now=NOW + 48 * HOUR)
    (settled,) = await store.read_model.messages(of(changed=Between(since=NOW + 48 * HOUR)))
    assert settled.state == "accepted"


async def test_a_task_is_open_taken_closed_or_gone(store: Store) -> None:
    """What closed itself was never done by anybody."""
    for number, cause in enumerate(("concern", "hold", "review", "question")):
        await store.tasks.open(a_task(id=f"t{number}", cause=cause))
    await store.tasks.take("t1", "Ada", NOW + HOUR)
    closed = [("review", "phoned", "staff:Ada"), ("question", "cause_gone", "system")]
    for cause, outcome, by in closed:
        task = a_task(cause=cause)
        await store.tasks.close(CLINIC, task.scope, task.cause, outcome=outcome, by=by, now=NOW + 2 * HOUR)
    found = [(one.state, one.changed_at) for one in await store.read_model.tasks(of())]
    assert found == [("open", NOW), ("taken", NOW + HOUR), ("closed", NOW + 2 * HOUR), ("gone", NOW + 2 * HOUR)]
    later = await store.read_model.tasks(of(changed=Between(since=NOW + HOUR, until=NOW + 2 * HOUR)))
    assert [one.record.id for one in later] == ["t1"]


async def test_a_journey_changes_with_its_timeline(store: Store) -> None:
    """The newest line counts; a journey without lines changed when it began."""
    (fresh,) = await store.read_model.journeys(of())
    entry = AuditEntry(clinic_id=CLINIC, journey_id="j1", at=NOW + HOUR, kind="gate", actor="rule:interval")
    await store.audit.append([entry])
    (changed,) = await store.read_model.journeys(of(changed=Between(since=NOW + HOUR)))
    assert (fresh.changed_at, changed.changed_at) == (NOW, NOW + HOUR)


@pytest.mark.parametrize(
    ("stage", "gate", "state"),
    [
        ("preparing", "held", "held"),
        ("preparing", "locked", "preparing"),
        ("aftercare", "held", "aftercare"),
        ("in_review", "held", "in_review"),
    ],
)
async def test_a_hold_before_the_first_treatment_shows(store: Store, stage: str, gate: str, state: str) -> None:
    """Later the stage says it, and what was done behind a held gate is no hold any more."""
    gates = {"laser": {"state": gate, "reasons": ["hold:held_by_staff"], "opens_on": None}}
    await store.journeys.project("j1", stage=stage, gates=gates)
    (journey,) = await store.read_model.journeys(of(states={state}))
    assert journey.record.gates == gates


async def test_bookings_are_found_by_status_and_start(store: Store) -> None:
    """The span begins with its first moment and ends before its last."""
    for days in (1, 2, 3):
        await store.bookings.apply(a_booking(id=f"b-{days}", ref=f"r{days}", starts_at=NOW + timedelta(days=days)))
    await store.bookings.apply(a_booking(id="x", ref="r2", sequence=2, status=BookingStatus.CANCELLED))
    span = Between(since=NOW + timedelta(days=1), until=NOW + timedelta(days=3))
    assert [one.record.id for one in await store.read_model.bookings(of(starts=span))] == ["b-1"]
    (cancelled,) = await store.read_model.bookings(of(states={"cancelled"}))
    assert (cancelled.record.id, cancelled.changed_at) == ("b-2", None)


async def test_what_belongs_to_journeys_comes_in_one_query(store: Store) -> None:
    """The visits and check-ins of a page of journeys, each with the journey that it is of."""
    await store.journeys.reserve(a_journey(id="j2", workflow_id="w2", starting_ref="generic:b2"))
    for journey in ("j1", "j2"):
        await store.bookings.apply(a_booking(id=f"b-{journey}", ref=journey, journey_id=journey))
        for touchpoint in ("check_in", "day_7"):
            key = f"{journey}:{touchpoint}:laser:1:sms"
            await store.ledger.open(a_message(key=key, journey_id=journey, touchpoint=touchpoint))
    assert [one.journey_id for one in await store.read_model.visits_of(["j1", "j2"])] == ["j1", "j2"]
    assert [one.key for one in await store.read_model.check_ins_of(["j2"])] == ["j2:check_in:laser:1:sms"]
    assert await store.read_model.visits_of([]) == []
