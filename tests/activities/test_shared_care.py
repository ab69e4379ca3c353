"""Two treatments of one patient close together: one message with the stricter steps, and the ledger says which."""

from datetime import datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.assembly import Assembly, assemble_activities
from activities.requests import DeliverRequest
from domain.booking import Treatment
from domain.journey.events import Outcome
from domain.journey.facts import Due
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import BookingStatus, MessageRow, MessageState, NewMessage
from protocols.render import Templates
from store import Store
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, LEASE, NOW, a_booking, a_clinic, a_journey, a_message, a_patient, a_text

DAY = NOW.date()
NEEDLING, IPL, VASCULAR = Treatment.MICRONEEDLING, Treatment.LASER_IPL, Treatment.LASER_VASCULAR
BOTH = "laser_vascular,microneedling"
ABOUT_BOTH = a_text().model_copy(update={"treatments": BOTH})


async def a_desk(store: Store) -> Assembly:
    """A live clinic; its patient has two journeys with a visit each, and consents to e-mail and SMS."""
    await store.clinics.apply(a_clinic(live_from="2027-02-01"))
    await store.patients.add(a_patient())
    for number, treatment in ((1, NEEDLING), (2, VASCULAR)):
        await store.journeys.reserve(
            a_journey(id=f"j{number}", workflow_id=f"w{number}", starting_ref=f"generic:b{number}")
        )
        await store.bookings.apply(
            a_booking(
                id=f"b-{number}", ref=f"b{number}", patient_id="p1", journey_id=f"j{number}", treatment=treatment,
                starts_at=NOW - timedelta(hours=2),
            )
        )  # fmt: skip
    for channel, address in ((Channel.SMS, "+15005550006"), (Channel.EMAIL, "Ana@Example.com")):
        await store.consents.record(
            Consent(
                clinic_id=CLINIC, channel=channel, address=address, status=ConsentStatus.GRANTED, origin="test", at=NOW
            )
        )
    return assemble_activities(store, Templates(), RecordingSms(), RecordingEmail(), "https://visit.example")


def a_due(number: int, treatment: Treatment, key: str = "day_7", channel: Channel = Channel.EMAIL) -> Due:
    return Due(
        key=key,
        step="laser" if treatment.is_laser else "microneedling",
        tag=f"b-{number}.t1.d7",
        due_at=NOW,
        expires_at=NOW + timedelta(days=4),
        channels=(channel,),
        treatment=treatment,
        booking_id=f"b-{number}",
        treated_on=DAY,
        moment=f"{DAY}.t1.d7",
    )


def _new(number: int) -> NewMessage:
    """The row that `deliver` opens for the seventh day's mail."""
    step = ("microneedling", "laser")[number - 1]
    return a_message(
        key=f"j{number}:day_7:{step}:1:email",
        journey_id=f"j{number}",
        touchpoint="day_7",
        step=step,
        channel=Channel.EMAIL,
        merge_key=f"p1:day_7:{DAY}.t1.d7:email",
    )


async def deliver(desk: Assembly, number: int, due: Due, now: datetime = NOW) -> Outcome:
    environment = ActivityEnvironment()
    request = DeliverRequest(
        clinic_id=CLINIC,
        journey_id=f"j{number}",
        patient_id="p1",
        due=due,
        occurrence=1,
        gate_open=True,
        skew=now - environment.info.started_time,
    )
    (outcome,) = (await environment.run(desk.messaging.deliver, request)).outcomes
    return outcome


async def both_done(store: Store) -> None:
    for number in (1, 2):
        await store.bookings.record_treated(f"b-{number}", NOW - timedelta(hours=2))


async def rows(store: Store) -> dict[str, MessageRow]:
    return {row.journey_id or "": row for each in ("j1", "j2") for row in await store.ledger.of_journey(each)}


async def test_one_message_for_both_and_the_ledger_names_it(store: Store) -> None:
    """The first journey's mail speaks of both treatments; the second's is superseded, by the row that it names."""
    desk = await a_desk(store)
    await both_done(store)
    outcomes = [await deliver(desk, 1, a_due(1, NEEDLING)), await deliver(desk, 2, a_due(2, VASCULAR))]
    found = await rows(store)
    assert [(one.state, one.reason) for one in outcomes] == [("accepted", ""), ("skipped", "superseded")]
    assert (found["j1"].treatments, found["j2"].replaced_by) == (BOTH, found["j1"].id)
    assert "Protect bruised skin" in (found["j1"].body or "")
    (skipped,) = [entry for entry in await store.audit.of_journey("j2") if entry.kind == "message.skipped"]
    assert (skipped.data["reason"], skipped.data["replaced_by"]) == ("superseded", found["j1"].id)


async def test_a_treatment_that_nobody_recorded_yet_gets_its_own_message(store: Store) -> None:
    """What went out before the second one was recorded could not speak of it: the second mail speaks of both."""
    desk = await a_desk(store)
    await store.bookings.record_treated("b-1", NOW - timedelta(hours=2))
    await deliver(desk, 1, a_due(1, NEEDLING))
    await both_done(store)
    assert (await deliver(desk, 2, a_due(2, VASCULAR))).state == "accepted"
    found = await rows(store)
    assert (found["j1"].treatments, found["j2"].treatments) == ("microneedling", BOTH)


async def test_what_was_not_sent_replaces_nothing(store: Store) -> None:
    """A first message without consent on its channel leaves the second to speak for itself."""
    desk = await a_desk(store)
    await both_done(store)
    revoked = Consent(
        clinic_id=CLINIC, channel=Channel.EMAIL, address="Ana@Example.com", status=ConsentStatus.REVOKED,
        origin="test", at=NOW + timedelta(seconds=1),
    )  # fmt: skip
    await store.consents.record(revoked)
    assert (await deliver(desk, 1, a_due(1, NEEDLING))).reason == "opted_out"
    await store.consents.record(
        revoked.model_copy(update={"status": ConsentStatus.GRANTED, "at": NOW + timedelta(seconds=2)})
    )
    assert (await deliver(desk, 2, a_due(2, VASCULAR))).state == "accepted"


async def test_a_booking_system_that_says_completed_counts(store: Store) -> None:
    """A treatment is done when staff or the booking system says so; taken back by staff, it is not."""
    desk = await a_desk(store)
    await both_done(store)
    await store.bookings.record_treated("b-2", None)
    await deliver(desk, 1, a_due(1, NEEDLING))
    assert (await rows(store))["j1"].treatments == "microneedling"
    done = await store.bookings.by_id("b-2")
    await store.bookings.apply(done.model_copy(update={"status": BookingStatus.COMPLETED, "sequence": 2}))
    await deliver(desk, 1, a_due(1, NEEDLING, "day_14"))
    assert {row.treatments for row in await store.ledger.of_journey("j1")} == {"microneedling", BOTH}


async def test_a_retried_delivery_is_not_superseded_by_itself(store: Store) -> None:
    """The activity runs again after its answer was lost: the row says accepted, as before."""
    desk = await a_desk(store)
    await both_done(store)
    for _ in range(2):
        assert (await deliver(desk, 1, a_due(1, NEEDLING))).state == "accepted"


async def test_the_database_lets_one_of_two_at_once_through(store: Store) -> None:
    """Both looked before either had claimed: the second claim is refused, and a minute later it is superseded."""
    desk = await a_desk(store)
    await both_done(store)
    first = await store.ledger.open(_new(1))
    assert await store.ledger.claim(first.id, ABOUT_BOTH, now=NOW, lease=LEASE)
    second = await store.ledger.open(_new(2))
    assert await store.ledger.claim(second.id, ABOUT_BOTH, now=NOW, lease=LEASE) is None
    assert (await store.ledger.get(second.id)).state is MessageState.PENDING
    assert (await deliver(desk, 2, a_due(2, VASCULAR))).reason == "superseded"


async def test_a_text_is_sent_once_as_well(store: Store) -> None:
    """The question of the third day is the same for both treatments: it is asked once."""
    desk = await a_desk(store)
    await both_done(store)
    early = {"key": "early", "channel": Channel.SMS}
    outcomes = [
        await deliver(desk, number, a_due(number, treatment, **early))  # type: ignore[arg-type]  # keywords of a_due
        for number, treatment in ((1, NEEDLING), (2, VASCULAR))
    ]
    assert [one.state for one in outcomes] == ["accepted", "skipped"]


async def test_another_day_is_another_message(store: Store) -> None:
    """Five days apart each keeps its mails, with the stricter steps in both."""
    desk = await a_desk(store)
    await store.bookings.record_treated("b-1", NOW - timedelta(days=5))
    await store.bookings.record_treated("b-2", NOW - timedelta(hours=2))
    needling = a_due(1, NEEDLING).model_copy(
        update={"treated_on": DAY - timedelta(days=5), "moment": f"{DAY - timedelta(days=5)}.t1.d7"}
    )
    for number, due in ((1, needling), (2, a_due(2, VASCULAR))):
        assert (await deliver(desk, number, due)).state == "accepted"
    found = await rows(store)
    assert (found["j1"].treatments, found["j2"].treatments) == ("microneedling", "laser_vascular")
    assert all("Protect bruised skin" in (row.body or "") for row in found.values())


@pytest.mark.parametrize("sent", [MessageState.REJECTED, MessageState.PENDING])
async def test_a_refused_or_freed_message_lets_the_other_go(store: Store, sent: MessageState) -> None:
    """The provider refused the first, or provably did not take it: the second may be claimed."""
    await a_desk(store)
    first = await store.ledger.open(_new(1))
    claim = await store.ledger.claim(first.id, ABOUT_BOTH, now=NOW, lease=LEASE)
    assert claim
    if sent is MessageState.PENDING:
        await store.ledger.give_back(claim, "429", NOW)
    else:
        await store.ledger.rejected(claim, "400", claim.row.failure, NOW)
    second = await store.ledger.open(_new(2))
    assert await store.ledger.claim(second.id, ABOUT_BOTH, now=NOW, lease=LEASE)
