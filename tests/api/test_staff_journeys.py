"""Starting, looking at and steering journeys through the staff API."""

from datetime import date, timedelta
from typing import Any

import pytest

from api.staff.reasons import WHY, in_words
from domain.journey.events import BookingVerdict, Role, StaffResult
from domain.journey.facts import GateState, JourneyStage
from domain.messages import Channel
from domain.records import MessageState, SkipReason
from tests.api.world import World
from tests.store.rows import CLINIC, LEASE, NOW, a_booking, a_message, a_text
from workflows.messages import GateView, JourneyView, Upcoming

pytestmark = pytest.mark.slow

BOOKING = {"ref": "b9", "treatment": "microneedling", "starts_at": "2027-03-04T14:00:00-05:00"}
START = {"patient_id": "p2", "booking": BOOKING}
VIEW = JourneyView(
    stage=JourneyStage.HEALING,
    paused=False,
    opted_out=False,
    gates=(GateView(step="laser", state=GateState.LOCKED, reasons=("interval",), opens_on=date(2027, 4, 1)),),
    visits=(),
    holds=(),
    worries=(),
    tasks=(),
    upcoming=(Upcoming(key="check_in", step="laser", at=NOW, channels=("sms",), changes_if=("the patient opts out",)),),
    next_moment=NOW,
)


@pytest.fixture
async def patient(world: World) -> str:
    """A patient without a journey."""
    answer = await world.staff("POST", "/patients", {"first_name": "Bea", "phone": "+15005550007"})
    return str(answer.json()["id"])


async def test_staff_starts_a_journey(world: World, patient: str) -> None:
    """A start reserves the journey, links the visit, tells the workflow, and stands in the timeline by name."""
    answer = await world.staff("POST", "/journeys", START | {"patient_id": patient})
    journey = answer.json()["journey"]
    (visit,) = await world.store.bookings.of_journey(journey["id"])
    (entry,) = await world.store.audit.of_journey(journey["id"])
    assert (answer.status_code, answer.json()["verdict"]) == (201, BookingVerdict.ACCEPTED)
    assert journey["protocol_id"] == "microneedling-then-laser"
    assert (visit.ref, visit.source, visit.patient_id) == ("b9", "staff", patient)
    assert list(world.journeys.running) == [journey["id"]]
    assert (entry.actor, entry.data["verdict"]) == ("staff:Dr. Rivera", "accepted")


async def test_a_repeated_start_is_one_journey(world: World, patient: str) -> None:
    """The same Idempotency-Key again answers with the same journey and tells it nothing new."""
    key = {"Idempotency-Key": "k1"}
    first = await world.staff("POST", "/journeys", START | {"patient_id": patient}, **key)
    world.later(timedelta(minutes=1))
    again = await world.staff("POST", "/journeys", START | {"patient_id": patient}, **key)
    assert first.json() == again.json()
    assert len(world.journeys.calls) == 1
    assert len(await world.store.audit.of_journey(first.json()["journey"]["id"])) == 1


async def test_a_start_that_temporal_missed_is_taken_up_again(world: World, patient: str) -> None:
    """A start while Temporal is away is 503; the next one, with any key, goes on with the reserved journey."""
    world.journeys.away = True
    failed = await world.staff("POST", "/journeys", START | {"patient_id": patient})
    world.journeys.away = False
    answer = await world.staff("POST", "/journeys", START | {"patient_id": patient})
    assert (failed.status_code, failed.headers["retry-after"], answer.status_code) == (503, "5", 201)
    assert len(await world.store.journeys.of_patient(CLINIC, patient)) == 1


async def test_a_patient_goes_through_a_plan_once_at_a_time(world: World, patient: str) -> None:
    """A second start of the same plan while the first journey runs is 409."""
    first = await world.staff("POST", "/journeys", START | {"patient_id": patient})
    await world.store.journeys.project(first.json()["journey"]["id"], stage="healing", gates={})
    again = await world.staff("POST", "/journeys", {"patient_id": patient, "booking": BOOKING | {"ref": "b10"}})
    assert (again.status_code, again.json()["reason"]) == (409, "journey_open")


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"patient_id": "nobody"}, 404, "no such patient"),
        ({"protocol_id": "laser"}, 400, "protocol_id"),
        ({"booking": BOOKING | {"treatment": "laser_nafl"}}, 400, "protocol_id"),
        ({"booking": BOOKING | {"starts_at": "2027-03-04T14:00:00"}}, 422, "starts_at"),
    ],
)
async def test_a_start_that_cannot_be_says_why(
    world: World, patient: str, change: dict[str, Any], status: int, says: str
) -> None:
    """Wrong input starts nothing and names what to mend."""
    answer = await world.staff("POST", "/journeys", START | {"patient_id": patient} | change)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert world.journeys.calls == []


async def test_a_minor_needs_a_clinician(world: World) -> None:
    """The front desk cannot start a journey for a minor; a clinician can."""
    body = {"first_name": "Cy", "phone": "+15005550008", "birth_date": "2012-05-01"}
    minor = (await world.staff("POST", "/patients", body)).json()["id"]
    start = {"patient_id": minor, "booking": BOOKING}
    refused = await world.staff("POST", "/journeys", start, **{"X-Healgate-Role": "front_desk"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "minor")
    assert (await world.staff("POST", "/journeys", start)).status_code == 201


async def test_journeys_are_listed_by_stage_and_page(world: World, patient: str) -> None:
    """The newest comes first, a page goes on after its last id, and a stage narrows it down."""
    world.later(timedelta(hours=1))
    newer = (await world.staff("POST", "/journeys", START | {"patient_id": patient})).json()["journey"]["id"]
    await world.store.journeys.project("j1", stage="healing", gates={})
    pages = [await world.staff("GET", f"/journeys{query}") for query in ("", f"?after={newer}", "?stage=healing")]
    assert [[one["id"] for one in page.json()] for page in pages] == [[newer, "j1"], ["j1"], ["j1"]]


async def test_a_journey_shows_its_record_without_temporal(world: World) -> None:
    """The workflow's own words are there while it can be asked, and null while Temporal is away."""
    world.journeys.views["j1"] = VIEW
    live = await world.staff("GET", "/journeys/j1")
    world.journeys.away = True
    away = await world.staff("GET", "/journeys/j1")
    assert live.json()["live"]["stage"] == "healing"
    assert (away.status_code, away.json()["live"], away.json()["record"]["id"]) == (200, None, "j1")


async def test_explain_says_what_was_sent_what_was_not_and_what_comes(world: World) -> None:
    """Every message is in one of three lists with its reason, and what is planned names what would change it."""
    world.journeys.views["j1"] = VIEW
    sent = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(sent.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.unknown(claim, "timeout", NOW)
    skipped = await world.store.ledger.open(a_message(key="j1:day_7:laser:1:email", channel=Channel.EMAIL))
    await world.store.ledger.skip(skipped.id, SkipReason.NO_CONSENT, NOW)
    found = (await world.staff("GET", "/journeys/j1/explain")).json()
    assert [(one["channel"], one["reason"]) for one in found["not_sent"]] == [("email", "no_consent")]
    assert found["not_sent"][0]["why"] == "No consent is on record for this contact."
    assert [(one["state"], one["content_hash"]) for one in found["under_way"]] == [("unknown", "h1")]
    assert found["upcoming"][0]["changes_if"] == ["the patient opts out"]
    assert found["gates"]["laser"]["reasons"] == ["interval"]


def test_every_reason_has_its_plain_words() -> None:
    """Whatever the ledger can say of a message that was not sent, a person can read."""
    assert all(in_words(MessageState.SKIPPED, reason) for reason in SkipReason)
    assert in_words(MessageState.EXPIRED, "expired") == WHY[SkipReason.EXPIRED]
    assert in_words(MessageState.REJECTED, "21211")
    assert in_words(MessageState.ACCEPTED, None) is None


async def test_an_action_reaches_the_journey_in_the_actors_name(world: World) -> None:
    """Name and role come from the headers; the same key twice acts once."""
    body = {"action": "release", "reason": "seen on video", "step": "laser"}
    for _ in range(2):
        answer = await world.staff("POST", "/journeys/j1/actions", body, **{"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.json()["accepted"]) == (200, True)
    (call,) = world.journeys.calls
    assert (call.what.by, call.what.role, call.what.reason) == ("Dr. Rivera", Role.CLINICIAN, "seen on video")


async def test_a_deputy_named_today_may_decide_on_journeys_of_yesterday(world: World) -> None:
    """The clinic's list is looked at with each action."""
    for deputies in ((), ("Dr. Rivera",)):
        await world.store.clinics.apply(
            (await world.store.clinics.get(CLINIC)).model_copy(update={"deputies": deputies})
        )
        await world.staff("POST", "/journeys/j1/actions", {"action": "release"})
    assert [call.what.deputy for call in world.journeys.calls] == [False, True]


async def test_a_refused_action_says_how_to_mend_it(world: World) -> None:
    """A refusal is 409 with the reason code and a sentence; an unknown code still has one."""
    for reason, says in (("interval", "opens_on"), ("unknown:rash", "rash"), ("new_code", "gates")):
        world.journeys.staff_result = StaffResult(accepted=False, reason=reason)
        answer = await world.staff("POST", "/journeys/j1/actions", {"action": "release"})
        assert (answer.status_code, answer.json()["reason"]) == (409, reason)
        assert says in answer.json()["detail"]


async def test_an_ended_journey_takes_no_action(world: World) -> None:
    """An action on a journey that has ended is 409 `journey_ended`."""
    world.journeys.ended.add("j1")
    answer = await world.staff("POST", "/journeys/j1/actions", {"action": "cancel", "reason": "moved away"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "journey_ended")


async def test_a_treatment_is_recorded_by_our_id_or_the_systems(world: World) -> None:
    """Staff names the visit either way; one of another journey is not found, and the future is refused."""
    await world.store.bookings.apply(a_booking(journey_id="j1", patient_id="p1"))
    by_ref = await world.staff("POST", "/journeys/j1/treated", {"booking_ref": "b1"})
    by_id = await world.staff("POST", "/journeys/j1/treated", {"booking_id": "b-1", "undone": True})
    other = await world.staff("POST", "/journeys/j1/treated", {"booking_ref": "b2"})
    later = {"booking_ref": "b1", "treated_at": "2027-03-02T00:00:00Z"}
    future = await world.staff("POST", "/journeys/j1/treated", later)
    assert [answer.status_code for answer in (by_ref, by_id, other, future)] == [200, 200, 404, 400]
    assert [(call.what.booking_id, call.what.undone) for call in world.journeys.calls] == [
        ("b-1", False),
        ("b-1", True),
    ]
    assert world.journeys.calls[0].what.by == "staff:Dr. Rivera"


async def test_staff_may_read_what_patients_were_told(world: World) -> None:
    """The ledger of a journey comes with its texts."""
    row = await world.store.ledger.open(a_message())
    await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    answer = await world.staff("GET", "/messages?journey=j1")
    assert [one["body"] for one in answer.json()] == ["How is your skin today?"]


ANSWERS = {"state": "1", "discomfort": "0", "red_flags": "4", "exposures": "0"}


def check_in_view(*, may_be_answered: bool) -> JourneyView:
    gates = [gate.model_copy(update={"check_in_open": may_be_answered}) for gate in VIEW.gates]
    return VIEW.model_copy(update={"gates": tuple(gates)})


async def test_answers_taken_by_phone_are_stored_for_the_journey(world: World) -> None:
    """Staff sees how each was read; the inbox keeps them with the name of who asked."""
    world.journeys.views["j1"] = check_in_view(may_be_answered=True)
    answer = await world.staff("POST", "/journeys/j1/check-in", ANSWERS)
    (row,) = await world.inbox()
    assert answer.status_code == 202
    assert answer.json()["readings"]["red_flags"] == "urgent"
    assert (row.source, row.key) == ("page", "phone:+15005550006")
    assert b"staff:Dr. Rivera" in row.body


async def test_the_same_answers_again_are_stored_once(world: World) -> None:
    """A repeated request with the same key has no second effect."""
    world.journeys.views["j1"] = check_in_view(may_be_answered=True)
    for _ in range(2):
        await world.staff("POST", "/journeys/j1/check-in", ANSWERS, **{"Idempotency-Key": "k9"})
    assert await world.inbox_count() == 1


@pytest.mark.parametrize(("body", "status"), [(ANSWERS, 409), ({}, 422), ({"state": " "}, 422)])
async def test_answers_that_fit_no_check_in_are_refused(world: World, body: dict[str, str], status: int) -> None:
    """Nothing is stored, and the answer says why."""
    world.journeys.views["j1"] = check_in_view(may_be_answered=False)
    assert (await world.staff("POST", "/journeys/j1/check-in", body)).status_code == status
    assert await world.inbox_count() == 0
