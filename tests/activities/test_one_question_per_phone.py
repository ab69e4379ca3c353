"""One open question at a time per phone: the second one waits until the first is answered or its time is over."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.messaging import LOOK_AGAIN, Messaging
from activities.post_office import PostOffice
from activities.requests import DeliverRequest
from domain.errors import LineBusyError
from domain.journey.events import Outcome
from domain.journey.facts import Due
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.replies import Question
from protocols.render import Templates
from store import Store
from store.questions import LINE_HELD_FOR
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, LEASE, NOW, a_clinic, a_journey, a_message, a_patient, a_question, a_text

PHONE = "+15005550006"


@dataclass
class House:
    """Ana (j1) and Ben (j2) on one phone."""

    store: Store
    messaging: Messaging
    sms: RecordingSms
    now: datetime = NOW

    async def deliver(self, number: int, key: str = "check_in", occurrence: int = 1, **due: Any) -> Outcome:
        """What becomes of the journey's message now."""
        question = None if key == "ack" else Question.STATE
        told: dict[str, Any] = {
            "key": key,
            "step": "laser",
            "due_at": self.now,
            "expires_at": self.now + timedelta(days=3),
            "question": question,
            "ask_id": "check_in:laser:1" if question else "",
            "any_hour": key == "ack",
        }
        environment = ActivityEnvironment()
        request = DeliverRequest(
            clinic_id=CLINIC,
            journey_id=f"j{number}",
            patient_id=f"p{number}",
            due=Due.model_validate(told | due),
            occurrence=occurrence,
            gate_open=False,
            skew=self.now - environment.info.started_time,
        )
        result = await environment.run(self.messaging.deliver, request)
        [outcome] = result.outcomes
        return outcome

    async def answered(self, number: int) -> None:
        await self.store.questions.close_of_ask(f"j{number}", "check_in:laser:1", self.now)

    def later(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
async def house(store: Store) -> House:
    """At ten in the morning in New York, with consent."""
    await store.clinics.apply(a_clinic(live_from="2027-01-01"))
    for number, name in enumerate(("Ana", "Ben"), 1):
        await store.patients.add(a_patient(id=f"p{number}", first_name=name, vendor_ids={}, email=None))
        reserved = a_journey(
            id=f"j{number}", patient_id=f"p{number}", workflow_id=f"w{number}", starting_ref=f"{number}"
        )
        await store.journeys.reserve(reserved)
    granted = Consent(
        clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.GRANTED, origin="test", at=NOW
    )
    await store.consents.record(granted)
    sms = RecordingSms()
    office = PostOffice(store.ledger, store.consents, Templates(), sms, RecordingEmail())
    messaging = Messaging(office, store.clinics, store.patients, store.bookings, store.links, "https://h.example")
    return House(store, messaging, sms, NOW + timedelta(hours=1))


async def test_the_second_question_waits_for_the_first(house: House) -> None:
    """Ben's check-in is deferred while Ana's is open, and goes out as soon as hers is answered."""
    assert (await house.deliver(1)).state == "accepted"
    waits = await house.deliver(2)
    assert (waits.state, waits.reason) == ("deferred", "other_question")
    assert waits.until is not None
    assert abs(waits.until - house.now - LOOK_AGAIN) < timedelta(seconds=10)
    await house.answered(1)
    assert (await house.deliver(2)).state == "accepted"
    assert [": Ana, how" in text.body for text in house.sms.sent] == [True, False]


async def test_silence_does_not_hold_the_line_for_ever(house: House) -> None:
    """After its time Ana's question no longer keeps Ben from being asked."""
    await house.deliver(1)
    house.later(LINE_HELD_FOR - timedelta(minutes=5))
    waits = await house.deliver(2)
    assert waits.until is not None
    assert waits.until - house.now < LOOK_AGAIN - timedelta(minutes=5)
    house.later(timedelta(minutes=6))
    assert (await house.deliver(2)).state == "accepted"


async def test_what_waited_past_its_use_is_not_lost(house: House) -> None:
    """A question that could not be asked in three days is skipped with its reason; the journey makes a task of that."""
    await house.deliver(1)
    assert (await house.deliver(2)).state == "deferred"
    house.later(timedelta(days=3, minutes=1))
    late = await house.deliver(2)
    assert (late.state, late.reason) == ("skipped", "expired")


async def test_a_dialogue_goes_on_whatever_waits(house: House) -> None:
    """The next question of a dialogue follows the phone's own text and waits for nobody."""
    await house.deliver(1)
    assert (await house.deliver(2, question=Question.DISCOMFORT, key="check_in_discomfort", any_hour=True)).state == (
        "accepted"
    )


async def test_a_reminder_of_the_same_journey_does_not_wait(house: House) -> None:
    """A journey never stands in its own way."""
    await house.deliver(1)
    assert (await house.deliver(1, key="check_in_reminder")).state == "accepted"


async def test_two_journeys_that_ask_in_the_same_instant(house: House) -> None:
    """A couple is due at ten: one of them is asked, the other waits."""
    states = sorted([one.state for one in await asyncio.gather(house.deliver(1), house.deliver(2))])
    assert states == ["accepted", "deferred"]
    assert len(house.sms.sent) == 1


async def test_a_crowd_at_the_same_instant(house: House) -> None:
    """However many journeys claim at once, one of them asks and the others keep their pending rows."""
    crowd = range(1, 9)
    rows = [
        await house.store.ledger.open(a_message(key=f"j{number}:check_in:laser:1:sms", journey_id=f"j{number}"))
        for number in crowd
    ]
    claims = [
        house.store.ledger.claim(
            row.id, a_text(), now=NOW, lease=LEASE, question=a_question(journey_id=f"j{number}", opened_at=NOW)
        )
        for number, row in zip(crowd, rows, strict=True)
    ]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(outcome, LineBusyError) for outcome in outcomes) == len(crowd) - 1
    states = sorted([(await house.store.ledger.get(row.id)).state for row in rows])
    assert states == ["pending"] * 7 + ["sending"]


async def test_one_acknowledgement_per_number(house: House) -> None:
    """Two journeys acknowledge one phone: the second one is superseded; half a day later it is said again."""
    assert (await house.deliver(1, "ack")).state == "accepted"
    again = await house.deliver(2, "ack")
    assert (again.state, again.reason) == ("skipped", "superseded")
    house.later(timedelta(hours=12))
    assert (await house.deliver(2, "ack", tag="n2", occurrence=2)).state == "accepted"
