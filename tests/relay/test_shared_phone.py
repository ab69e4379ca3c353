"""Several people, or several journeys, behind one number: asked back by first name or handed to a person."""

from datetime import timedelta
from typing import Any

import pytest

from domain.journey.events import Reply
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import FollowUpQuestion, NewMessage, NewQuestion, Rendered
from domain.replies import Label
from tests.relay.conftest import PHONE, Desk
from tests.store.rows import CLINIC, LEASE, NOW, a_clinic, a_journey, a_patient

pytestmark = pytest.mark.slow

ASK_WHO = "Glow: Thanks. Who is this about? 1 Ana, 2 Ben, 3 somebody else"


async def journey(desk: Desk, number: int, patient: int | None = None) -> None:
    """One more journey, j1, j2, ..., of the patient with that number."""
    await desk.store.journeys.reserve(
        a_journey(
            id=f"j{number}",
            patient_id=f"p{patient or number}",
            workflow_id=f"w{number}",
            starting_ref=f"generic:b{number}",
        )
    )


async def household(desk: Desk, *names: str, **person: Any) -> None:
    """People with the same phone and a journey each, who may be texted."""
    for number, name in enumerate(names, 1):
        await desk.store.patients.add(a_patient(id=f"p{number}", first_name=name, vendor_ids={}, **person))
        await journey(desk, number)
    await desk.store.consents.record(
        Consent(
            clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.GRANTED, origin="test", at=NOW
        )
    )


async def asked(desk: Desk, number: int, question: str = "state", ask_id: str = "", patient: int | None = None) -> None:
    """The journey's question went out to the phone now, whatever else waits there."""
    ask_id = ask_id or "check_in:laser:1"
    row = await desk.store.ledger.open(
        NewMessage(
            key=f"j{number}:{question}:{ask_id}",
            clinic_id=CLINIC,
            journey_id=f"j{number}",
            patient_id=f"p{patient or number}",
            touchpoint="check_in",
            channel=Channel.SMS,
            due_at=desk.now,
        )
    )
    new: NewQuestion = FollowUpQuestion(
        clinic_id=CLINIC,
        phone=PHONE,
        patient_id=f"p{patient or number}",
        journey_id=f"j{number}",
        question=question,
        touchpoint="check_in",
        step="laser",
        ask_id=ask_id,
        opened_at=desk.now,
    )
    rendered = Rendered(to=PHONE, body="?", content_hash="h", template_version="1")
    await desk.store.ledger.claim(row.id, rendered, now=desk.now, lease=LEASE, question=new)


def heard(desk: Desk) -> list[tuple[str, Label, str]]:
    return sorted((to, reply.label, reply.ask_id) for to, reply in desk.told(Reply))


def texts(desk: Desk) -> list[str]:
    return [message.body for message in desk.sms.sent]


async def test_a_harmless_text_is_asked_back_by_first_name(desk: Desk) -> None:
    """No journey hears it, one text asks whom it is about, and a person has a task in case nobody answers."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    assert (heard(desk), texts(desk)) == ([], [ASK_WHO])
    assert await desk.tasks() == [("reply", "unreadable")]


@pytest.mark.parametrize("answer", ["2", "2.", "Ben", "ben!", "2 Ben", "BEN"])
async def test_the_answer_takes_the_first_text_to_its_journey(desk: Desk, answer: str) -> None:
    """A digit or a first name: the journey hears the text that was asked back, once, and the task is closed."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?", sid="SM-first")
    await desk.text(answer, sid="SM-second")
    await desk.text(answer, sid="SM-second")
    assert heard(desk) == [("j2", Label.QUESTION, "")]
    assert await desk.tasks() == []
    closed = await desk.store.tasks.listing(CLINIC, open_only=False)
    assert [(task.outcome, task.closed_by) for task in closed] == [("asked_back", "patient")]
    told = [entry for entry in await desk.store.audit.of_journey("j2") if entry.kind == "reply"]
    assert [entry.data["asked_back"] for entry in told] == [True]


@pytest.mark.parametrize("answer", ["3", "not Ben", "Ana and Ben", "4", "hm"])
async def test_somebody_else_or_no_single_name_is_left_to_a_person(desk: Desk, answer: str) -> None:
    """What names nobody of the list, or two, or denies one, is guessed at by nobody, and asks nothing again."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    await desk.text(answer)
    assert not [label for _, label, _ in heard(desk) if label is Label.QUESTION]
    assert ("reply", "unreadable") in await desk.tasks()
    assert texts(desk).count(ASK_WHO) == 1


async def test_a_digit_that_comes_too_late_is_no_answer(desk: Desk) -> None:
    """Hours later nobody can tell what a 2 means: the first text stays a person's."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    desk.later(timedelta(hours=5))
    await desk.text("2")
    assert heard(desk) == []
    assert ("reply", "unreadable") in await desk.tasks()


async def test_asked_back_once_in_twelve_hours(desk: Desk) -> None:
    """The next doubtful text goes to a person with the usual acknowledgement; half a day later it is asked back."""
    await household(desk, "Ana", "Ben")
    for hours in (0, 11, 2):
        desk.later(timedelta(hours=hours))
        await desk.text("when can I wear makeup?")
    assert [text == ASK_WHO for text in texts(desk)] == [True, False, True]
    assert "A person reads this" in texts(desk)[1]


async def test_a_newer_question_ends_the_asking_back(desk: Desk) -> None:
    """A digit after the check-in's question answers that one."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    desk.later(timedelta(minutes=5))
    await asked(desk, 1)
    desk.later(timedelta(minutes=5))
    await desk.text("1")
    assert heard(desk) == [("j1", Label.CLEAR, "check_in:laser:1")]


async def test_a_plain_answer_belongs_to_the_one_open_question(desk: Desk) -> None:
    """The question named Ana, so its digit is hers although Ben has the same phone."""
    await household(desk, "Ana", "Ben", "Cleo")
    await asked(desk, 1)
    await desk.text("1")
    assert heard(desk) == [("j1", Label.CLEAR, "check_in:laser:1")]
    assert (texts(desk), await desk.tasks()) == ([], [])


@pytest.mark.parametrize("text", ["when can I wear makeup?", "Ben is all good", "hmm"])
async def test_other_words_do_not_answer_it_unasked(desk: Desk, text: str) -> None:
    """A question, another one's name or what nobody can read may be about anybody: asked back, then taken there."""
    await household(desk, "Ana", "Ben")
    await asked(desk, 1)
    desk.later(timedelta(minutes=5))
    await desk.text(text)
    assert (heard(desk), texts(desk)) == ([], [ASK_WHO])
    await desk.text("1")
    assert [(to, ask_id) for to, _, ask_id in heard(desk)] == [("j1", "check_in:laser:1")]


async def test_two_open_questions_are_asked_back_and_one_goes_on(desk: Desk) -> None:
    """Where both wait for an answer a digit is asked back; then the named one's dialogue has the line."""
    await household(desk, "Ana", "Ben")
    await asked(desk, 1)
    desk.later(timedelta(hours=4))
    await asked(desk, 2)
    desk.later(timedelta(minutes=5))
    await desk.text("1")
    assert (heard(desk), texts(desk)) == ([], [ASK_WHO])
    await desk.text("2")
    assert heard(desk) == [("j2", Label.CLEAR, "check_in:laser:1")]
    opened = await desk.store.questions.open_for_phone(CLINIC, PHONE)
    assert [question.journey_id for question in opened] == ["j2"]


async def test_a_digit_that_worries_for_one_of_two_questions_worries(desk: Desk) -> None:
    """'1' is pus for one and 'back to usual' for the other: the alarm does not wait to be asked back."""
    await household(desk, "Ana", "Ben")
    await asked(desk, 1, "red_flags")
    desk.later(timedelta(hours=4))
    await asked(desk, 2)
    await desk.text("1")
    assert [alarm.journey_id for alarm in desk.journeys.alarms] == [None]
    assert [(to, label) for to, label, _ in heard(desk)] == [("j1", Label.URGENT), ("j2", Label.URGENT)]
    assert ASK_WHO not in texts(desk)


async def test_a_worrying_text_is_acknowledged_once(desk: Desk) -> None:
    """Two journeys and the front desk have it, and one of them says so."""
    await household(desk, "Ana", "Ben")
    await desk.text("there is a new dark spot on my cheek")
    assert sorted((to, reply.acknowledged) for to, reply in desk.told(Reply)) == [("j1", True), ("j2", True)]
    assert ["A person reads this" in text for text in texts(desk)] == [True]


@pytest.mark.parametrize("names", [("Ana", "Ana"), ("Ana", ""), ("Ana", "Ben", "Cleo", "Dan", "Eve")])
async def test_people_who_cannot_be_told_apart_by_name_go_to_a_person(desk: Desk, names: tuple[str, ...]) -> None:
    """Two of one name, no name, or more than one text can list: nothing is asked."""
    await household(desk, *names)
    await desk.text("when can I wear makeup?")
    assert not any("Who is this about" in text for text in texts(desk))
    assert await desk.tasks() == [("sender", "unreadable")]


async def test_who_opted_out_is_not_asked_back(desk: Desk) -> None:
    """STOP concerns the number: no text goes out, no task is made for STOP itself, and the next text is a person's."""
    await household(desk, "Ana", "Ben")
    await desk.text("STOP")
    assert await desk.tasks() == []
    await desk.text("when can I wear makeup?")
    assert (texts(desk), await desk.tasks()) == ([], [("sender", "unreadable")])


async def test_a_family_that_reads_spanish_is_asked_in_spanish(desk: Desk) -> None:
    """The text is in the language that all of them read."""
    await household(desk, "Ana", "Ben", locale="es")
    await desk.text("cuando puedo usar maquillaje?")
    assert texts(desk) == ["Glow: Gracias. ¿De quién se trata? 1 Ana, 2 Ben, 3 otra persona"]


async def test_the_named_one_without_a_journey_gets_a_task_of_their_own(desk: Desk) -> None:
    """Ben's journey is over: the text is his, so the clinic's task names him."""
    await household(desk, "Ana", "Ben")
    await desk.store.journeys.project("j2", stage="completed", gates={}, ended_at=NOW, outcome="completed")
    await desk.text("when can I wear makeup?")
    await desk.text("2")
    [task] = await desk.store.tasks.listing(CLINIC)
    assert (task.scope, task.cause.value, heard(desk)) == ("patient:p2", "question", [])


async def test_a_crash_between_asking_and_noting_asks_once(desk: Desk) -> None:
    """The same row again finds its own question in the ledger and its own task."""
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    handler = desk.relay.handlers["twilio"]
    await handler(await desk.store.inbox.get("row2"), desk.now)
    assert texts(desk) == [ASK_WHO]
    assert await desk.tasks() == [("reply", "unreadable")]


# One patient, two journeys


async def test_a_question_of_one_patient_with_two_journeys_makes_one_task(desk: Desk) -> None:
    """Neither journey is guessed: the patient's question is the clinic's, with one acknowledgement."""
    await household(desk, "Ana")
    await journey(desk, 2, patient=1)
    await desk.text("when can I wear makeup?")
    assert (heard(desk), await desk.tasks(), len(texts(desk))) == ([], [("patient", "question")], 1)


async def test_a_worry_of_one_patient_shuts_both_journeys(desk: Desk) -> None:
    """Both hear it, and one of them acknowledges it."""
    await household(desk, "Ana")
    await journey(desk, 2, patient=1)
    await desk.text("there is a new dark spot on my cheek")
    assert sorted(to for to, _ in desk.told(Reply)) == ["j1", "j2"]
    assert sorted(reply.acknowledged for _, reply in desk.told(Reply)) == [False, True]


async def test_two_check_ins_of_one_patient_are_never_mixed_up(desk: Desk) -> None:
    """With one open the digit is its answer; with both open a person reads it."""
    await household(desk, "Ana")
    await journey(desk, 2, patient=1)
    await asked(desk, 2, patient=1)
    await desk.text("1")
    assert heard(desk) == [("j2", Label.CLEAR, "check_in:laser:1")]
    await asked(desk, 1, ask_id="check_in:laser:7")
    await desk.text("1")
    assert len(heard(desk)) == 1
    assert await desk.tasks() == [("patient", "unreadable")]


async def test_an_idle_question_gives_way_to_a_newer_one(desk: Desk) -> None:
    """Silence on `early` means nothing, so it does not stand in the way of a check-in that was asked later."""
    await household(desk, "Ana", "Ben")
    await asked(desk, 1, "early", "early:microneedling:b1.t1.d3")
    desk.later(timedelta(days=2))
    await asked(desk, 2)
    await desk.text("1")
    assert heard(desk) == [("j2", Label.CLEAR, "check_in:laser:1")]


async def test_a_reply_after_weeks_still_answers_a_check_in(desk: Desk) -> None:
    """A check-in waits; a question about one day does not."""
    await household(desk, "Ana")
    await asked(desk, 1, "early", "early:microneedling:b1.t1.d3")
    desk.later(timedelta(days=8))
    await desk.text("1")
    assert heard(desk) == [("j1", Label.MILD, "")]
    await asked(desk, 1)
    desk.later(timedelta(days=24))
    await desk.text("1")
    assert heard(desk)[0] == ("j1", Label.CLEAR, "check_in:laser:1")


async def test_shadow_mode_asks_nothing_back(desk: Desk) -> None:
    """Before the clinic is live nobody gets the question, and a person has the text."""
    clinic = await desk.store.clinics.get(CLINIC)
    await desk.store.clinics.apply(a_clinic(**(clinic.model_dump() | {"live_from": None})))
    await household(desk, "Ana", "Ben")
    await desk.text("when can I wear makeup?")
    assert ASK_WHO not in texts(desk)
    assert await desk.tasks() == [("sender", "unreadable")]
