"""Texts on their way into the journeys."""

from typing import Any

import pytest

from domain.journey.events import ContactChange, Reply
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import NewMessage, NewQuestion, Rendered
from domain.replies import Label
from tests.relay.conftest import PHONE, Desk
from tests.store.rows import CLINIC, LEASE, NOW, a_clinic, a_journey, a_patient


async def _journey(desk: Desk, number: int, **patient: Any) -> None:
    """A patient with a running journey: p1 and j1, p2 and j2, ..."""
    await desk.store.patients.add(a_patient(id=f"p{number}", vendor_ids={}, **patient))
    await desk.store.journeys.reserve(
        a_journey(id=f"j{number}", patient_id=f"p{number}", workflow_id=f"w{number}", starting_ref=f"generic:b{number}")
    )


async def _asked(desk: Desk, journey: int, question: str, ask_id: str) -> None:
    """A question went out to the phone."""
    row = await desk.store.ledger.open(
        NewMessage(
            key=f"j{journey}:{ask_id}",
            clinic_id=CLINIC,
            journey_id=f"j{journey}",
            patient_id=f"p{journey}",
            touchpoint="check_in",
            channel=Channel.SMS,
            due_at=NOW,
        )
    )
    asked = NewQuestion(
        clinic_id=CLINIC,
        phone=PHONE,
        patient_id=f"p{journey}",
        journey_id=f"j{journey}",
        question=question,
        touchpoint="check_in",
        step="laser",
        ask_id=ask_id,
        opened_at=NOW,
    )
    rendered = Rendered(to=PHONE, body="?", content_hash="h", template_version="1")
    await desk.store.ledger.claim(row.id, rendered, now=NOW, lease=LEASE, question=asked)


def _labels(desk: Desk) -> list[tuple[str, Label]]:
    return [(journey, reply.label) for journey, reply in desk.told(Reply)]


async def test_a_reply_answers_the_open_question(desk: Desk) -> None:
    """A bare number is read by the question that is open on the phone, and names it."""
    await _journey(desk, 1)
    await _asked(desk, 1, "discomfort", "check_in:laser:1")
    await desk.text("5")
    [(journey, reply)] = desk.told(Reply)
    assert (journey, reply.ask_id, reply.label) == ("j1", "check_in:laser:1", Label.CONCERN)


async def test_the_same_text_twice_counts_once(desk: Desk) -> None:
    """A webhook that comes twice is one reply."""
    await _journey(desk, 1)
    await desk.text("all good", sid="SM1")
    await desk.text("all good", sid="SM1")
    assert len(desk.told(Reply)) == 1


async def test_two_people_on_one_phone_are_never_guessed_between(desk: Desk) -> None:
    """A harmless text of a shared phone goes to a person, not to a journey."""
    await _journey(desk, 1)
    await _journey(desk, 2, first_name="Ben")
    await desk.text("all good")
    assert _labels(desk) == []
    assert await desk.tasks() == [("sender", "unreadable")]


async def test_a_worrying_text_of_a_shared_phone_shuts_every_gate_it_could_be_about(desk: Desk) -> None:
    """Doubt goes up: both journeys hear a concern, and a person finds out whose it is."""
    await _journey(desk, 1)
    await _journey(desk, 2, first_name="Ben")
    await desk.text("there is a new dark spot on my cheek")
    assert sorted(_labels(desk)) == [("j1", Label.CONCERN), ("j2", Label.CONCERN)]
    assert await desk.tasks() == [("sender", "unreadable")]


async def test_stop_is_honoured_for_the_number_and_every_journey_hears(desk: Desk) -> None:
    """STOP ends the number's consent at once, and all journeys that text it are told."""
    await _journey(desk, 1)
    await _journey(desk, 2, first_name="Ben")
    await desk.text("STOP")
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.REVOKED
    assert sorted(journey for journey, _ in desk.told(ContactChange)) == ["j1", "j2"]


async def test_a_red_flag_with_a_stop_word_is_phoned_not_texted(desk: Desk) -> None:
    """An urgent reply that also opts out raises the alarm without permission to text."""
    await _journey(desk, 1)
    await desk.text("STOP texting me, my face is full of pus and I have a fever")
    [alarm] = desk.journeys.alarms
    assert (alarm.may_text, alarm.journey_id) == (False, "j1")


@pytest.mark.parametrize("known", [True, False])
async def test_a_red_flag_needs_no_journey(desk: Desk, known: bool) -> None:
    """A stranger's red flag raises the alarm as well as a patient's without a journey."""
    if known:
        await desk.store.patients.add(a_patient())
    await desk.text("I can't breathe")
    [alarm] = desk.journeys.alarms
    assert (alarm.journey_id, alarm.patient_id, alarm.emergency) == (None, "p1" if known else None, True)


async def test_a_strangers_question_gets_a_task_and_one_acknowledgement(desk: Desk) -> None:
    """A question from an unknown number is a person's work; it is acknowledged once in twelve hours."""
    await desk.text("when can I wear makeup again?")
    await desk.text("and can I go swimming?")
    assert await desk.tasks() == [("sender", "question")]
    assert [message.to for message in desk.sms.sent] == [PHONE]


async def test_who_opted_out_is_not_even_acknowledged(desk: Desk) -> None:
    """After an opt-out a question makes a task and no text."""
    revoked = Consent(
        clinic_id=CLINIC,
        channel=Channel.SMS,
        address=PHONE,
        status=ConsentStatus.REVOKED,
        origin="reply",
        at=NOW,
    )
    await desk.store.consents.record(revoked)
    await desk.text("when can I wear makeup again?")
    assert (await desk.tasks(), desk.sms.sent) == ([("sender", "question")], [])


async def test_a_reply_after_the_journey_ended_reaches_a_person(desk: Desk) -> None:
    """The journey is over; a concern becomes a task of the clinic."""
    await _journey(desk, 1)
    desk.journeys.ended.add("j1")
    await desk.text("there is a new dark spot on my cheek")
    assert await desk.tasks() == [("patient", "concern")]


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("I go somewhere else for my laser now, no more texts", [("sender", "concern")]),
        ("no more texts", []),
    ],
)
async def test_what_an_opt_out_tells_beside_it_reaches_a_person_without_a_journey(
    desk: Desk, text: str, tasks: list[tuple[str, str]]
) -> None:
    """Who is treated elsewhere and wants no texts is a person's work; who only stops is not."""
    await desk.text(text)
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.REVOKED
    assert await desk.tasks() == tasks
    assert len(desk.sms.sent) == 1  # The end of the texts is confirmed, and nothing else said.


async def test_thanks_make_no_work(desk: Desk) -> None:
    """A courtesy from an unknown number makes neither a task nor an answer."""
    await desk.text("thanks!")
    assert (await desk.tasks(), desk.sms.sent) == ([], [])


async def asked_for(desk: Desk, *texts: str, provider_answers: bool = False) -> list[str]:
    """What went out after these texts, by the first words after the clinic's name."""
    clinic = await desk.store.clinics.get(CLINIC)
    await desk.store.clinics.apply(clinic.model_copy(update={"provider_answers_keywords": provider_answers}))
    for text in texts:
        await desk.text(text)
    return [" ".join(message.body.removeprefix("Glow: ").split()[:4]) for message in desk.sms.sent]


STOPPED, BACK, HELPED = "You get no more", "You get our visit", "This automated line sends"


@pytest.mark.parametrize(
    ("texts", "answers"),
    [
        (["STOP"], [STOPPED]),
        (["STOP", "stop!!"], [STOPPED]),
        (["Stop. Thank you"], [STOPPED]),
        (["STOP", "START"], [STOPPED, BACK]),
        (["STOP", "START", "STOP"], [STOPPED, BACK, STOPPED]),
        (["HELP", "help"], [HELPED]),
    ],
)
async def test_keywords_are_answered_by_us_where_the_provider_does_not(
    desk: Desk, texts: list[str], answers: list[str]
) -> None:
    """One confirmation per change of mind, one help text an hour, and never a second."""
    assert await asked_for(desk, *texts) == answers


@pytest.mark.parametrize(
    ("text", "answers"), [("STOP", []), ("START", []), ("HELP", []), ("please take me off your list", [STOPPED])]
)
async def test_the_provider_answers_its_own_words_alone(desk: Desk, text: str, answers: list[str]) -> None:
    """What Twilio answered gets no second answer; a phrase that it does not know gets ours."""
    assert await asked_for(desk, text, provider_answers=True) == answers


@pytest.mark.parametrize("text", ["who is this?", "wrong number, I am not Ana"])
async def test_a_number_that_changed_hands_gets_nothing_more(desk: Desk, text: str) -> None:
    """Consent does not travel with a number: it ends without a word, and the journey has a person call."""
    await _journey(desk, 1)
    await desk.text(text)
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.REVOKED
    assert [change.opted_out for _, change in desk.told(ContactChange)] == [True]
    assert desk.sms.sent == []


@pytest.mark.parametrize(
    ("holidays", "pages"), [((), 0), (("2027-03-01", "2027-03-02"), 1)], ids=["an open day", "a closure of four days"]
)
async def test_a_long_closure_goes_to_the_covering_contact(desk: Desk, holidays: tuple[str, ...], pages: int) -> None:
    """What falls due while the clinic is closed for days is told, once and without the patient's words."""
    clinic = await desk.store.clinics.get(CLINIC)
    place = clinic.main.model_dump() | {
        "calendar": {"timezone": clinic.timezone, "holidays": holidays},
        "covering": {"name": "Dr. Lee", "channel": "sms", "address": "+15005550009"},
    }
    await desk.store.clinics.apply(a_clinic(locations=(place,)))
    await desk.text("when can I wear makeup again?")
    await desk.text("and can I go swimming?")
    told = [message.body for message in desk.sms.sent if message.to == "+15005550009"]
    assert len(told) == pages
    assert not any("makeup" in body for body in told)
