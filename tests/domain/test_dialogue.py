"""The check-in as a dialogue: which question follows, what ends it, and what silence does."""

import pytest

from domain.journey.events import StaffActionKind
from domain.journey.facts import GateState
from domain.records import TaskCause, Urgency
from domain.replies import Label, Question
from tests.domain.walk import Walk, asked, needled, opened

CLEAR, MILD, CONCERN, URGENT, UNCLEAR = Label.CLEAR, Label.MILD, Label.CONCERN, Label.URGENT, Label.UNCLEAR


def test_four_questions_one_after_the_other() -> None:
    """Back to usual: discomfort, red flags and exposures follow, each at once."""
    walk = asked()
    for question in (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES):
        assert walk.check_in.open_question is question
        walk.answer(CLEAR)
    assert walk.check_in.complete
    assert walk.check_in.open_question is None


@pytest.mark.parametrize("label", [MILD, CONCERN])
def test_settling_or_worried_goes_straight_to_red_flags(label: Label) -> None:
    """Who answers 2 or 3 is not asked for a number from 0 to 10."""
    walk = asked()
    walk.answer(label)
    assert walk.check_in.open_question is Question.RED_FLAGS


def test_worried_patient_is_still_asked_everything() -> None:
    """A worry goes on to red flags and exposures; then it is in review, with a task and a thank-you."""
    walk = asked()
    walk.answer(CONCERN)
    assert walk.task(TaskCause.CONCERN)
    walk.answer_all()
    assert walk.check_in.complete
    assert walk.state() is GateState.IN_REVIEW
    assert "check_in_done" in walk.texts()


@pytest.mark.parametrize(
    ("label", "more"), [(URGENT, {}), (Label.OPT_OUT, {"opt_out": True}), (CONCERN, {"call_me": True})]
)
def test_urgent_opt_out_or_call_me_ends_early(label: Label, more: dict[str, bool]) -> None:
    """Only these three end the check-in before its last question, and none opens the gate."""
    walk = asked()
    walk.answer(label, **more)
    assert walk.check_in.ended_at == walk.now
    assert walk.check_in.open_question is None
    assert not walk.later(days=5).state().is_open
    assert "check_in_reminder" not in walk.texts()


def test_unclear_answer_is_asked_back_once() -> None:
    """What nobody can read is asked again with a same-day task; the second time a person reads it."""
    walk = asked()
    walk.answer(UNCLEAR)
    assert walk.texts().count("check_in") == 2
    task = walk.task(TaskCause.UNREADABLE)
    assert task
    assert task.urgency is Urgency.SAME_DAY
    walk.answer(UNCLEAR)
    assert walk.texts().count("check_in") == 2
    assert walk.state() is GateState.IN_REVIEW
    assert walk.check_in.ended_at


def test_unclear_then_clear_closes_the_task() -> None:
    """An answer that can be read after all closes the task of the unreadable one."""
    walk = asked()
    walk.answer(UNCLEAR)
    walk.answer_all()
    assert walk.task(TaskCause.UNREADABLE) is None
    assert walk.state() is GateState.RELEASED


def test_exposures_hold() -> None:
    """A tan holds the gate by its name until a clinician decides; it is no worry about the skin."""
    walk = asked()
    for _ in range(3):
        walk.answer(CLEAR)
    walk.answer(CONCERN, exposures=("tan",))
    assert walk.state() is GateState.HELD
    assert walk.gate.reasons == ("hold:tan",)
    assert walk.task(TaskCause.HOLD)
    assert walk.facts.worries == []


def test_mild_twice_then_a_person() -> None:
    """A mild answer adds seven days and makes a task, twice; the third is for a person."""
    walk = asked()
    walk.answer(MILD)
    walk.answer_all()
    assert walk.state() is GateState.LOCKED
    assert walk.task(TaskCause.REVIEW)
    walk.until("2027-04-08", "10:00")
    assert walk.times("check_in")[-1] == "Thu 04-08 10:00"
    walk.answer(MILD)
    walk.answer_all()
    walk.until("2027-04-15", "10:00")
    walk.answer(MILD)
    walk.answer_all()
    assert walk.state() is GateState.IN_REVIEW
    assert walk.gate.reasons == ("answer:still_settling:mild",)
    assert walk.later(days=20).texts().count("check_in") == 3


def test_healed_after_a_mild_answer() -> None:
    """A week after a mild answer the whole check-in comes again and can open the gate."""
    walk = asked()
    walk.answer(MILD)
    walk.answer_all()
    walk.until("2027-04-08", "10:00").answer_all()
    assert walk.state() is GateState.RELEASED


def test_reminders_then_no_reply() -> None:
    """Silence: reminders after 24 and 72 hours, then a task, and the gate stays shut for good."""
    walk = asked().later(days=20)
    assert walk.times("check_in_reminder") == ["Fri 04-02 10:00"]
    assert walk.times("check_in_reminder_last") == ["Sun 04-04 12:00"]
    assert walk.task(TaskCause.NO_REPLY)
    assert walk.state() is GateState.AWAITING_REPLY


def test_who_answers_a_reminder_is_asked_on_again() -> None:
    """The second question went unanswered: after the reminder it is asked anew, as a message of its own."""
    walk = asked()
    walk.answer(Label.CLEAR)
    walk.later(hours=25)
    walk.answer(Label.CLEAR)
    assert walk.texts()[-3:] == ["check_in_discomfort", "check_in_reminder", "check_in_discomfort"]
    assert walk.answer_all().state() is GateState.RELEASED


def test_reminded_patient_can_still_answer() -> None:
    """An answer after the last reminder closes the task and goes on with the questions."""
    walk = asked().later(days=5)
    walk.answer_all()
    assert walk.task(TaskCause.NO_REPLY) is None
    assert walk.state() is GateState.RELEASED


def test_page_answers_get_no_texts() -> None:
    """Who uses the page gets no question and no thanks by SMS."""
    walk = asked()
    while walk.check_in.open_question:
        walk.answer(CONCERN if walk.check_in.open_question is Question.STATE else CLEAR, by_page=True)
    assert walk.state() is GateState.IN_REVIEW
    assert not {"check_in_discomfort", "check_in_red_flags", "check_in_done"} & set(walk.texts())


def test_thanks_changes_nothing() -> None:
    """A courtesy makes no task, no answer, and does not count as one."""
    walk = asked()
    walk.say(CLEAR, courtesy=True, ask_id=walk.check_in.ask_id, question=Question.STATE)
    assert walk.check_in.open_question is Question.STATE
    assert walk.state() is GateState.AWAITING_REPLY


def test_question_in_a_dialogue_is_for_a_person() -> None:
    """A question instead of an answer gets an acknowledgement and a task, and the check-in waits on."""
    walk = asked()
    walk.answer(Label.QUESTION)
    assert "ack" in walk.texts()
    assert walk.task(TaskCause.QUESTION)
    assert walk.check_in.open_question is Question.STATE


def test_acknowledged_once_in_twelve_hours() -> None:
    """Three questions within a day get two acknowledgements."""
    walk = needled()
    for _ in range(3):
        walk.say(Label.QUESTION)
        walk.later(hours=6)
    assert walk.texts().count("ack") == 2


def test_same_reply_counts_once() -> None:
    """A second copy of a reply is refused and changes nothing."""
    walk = asked()
    assert walk.answer(CLEAR, reply_id="SM1")
    before = walk.facts.model_copy(deep=True)
    assert not walk.say(URGENT, reply_id="SM1")
    assert walk.facts == before


def test_reply_to_an_old_question_is_a_text_of_its_own() -> None:
    """An answer to a round that has ended does not answer another one; its worry counts all the same."""
    walk = opened()
    walk.say(CONCERN, ask_id="check_in:laser:1", question=Question.STATE)
    assert walk.state() is GateState.IN_REVIEW


def test_queued_question_of_an_ended_check_in_is_dropped() -> None:
    """A question that waited out a pause is not asked when the patient has ended the check-in meanwhile."""
    walk = asked()
    walk.act(StaffActionKind.PAUSE)
    walk.answer(CLEAR)
    walk.answer(URGENT)
    walk.act(StaffActionKind.RESUME)
    walk.later(days=5)
    assert "check_in_discomfort" not in walk.texts()
    assert walk.check_in.round == 1
    assert walk.check_in.ended_at


def test_opted_out_patient_is_not_asked() -> None:
    """A check-in that cannot be sent makes a task; opting in again has it asked."""
    walk = needled()
    walk.say(Label.OPT_OUT, opt_out=True)
    walk.until("2027-04-02", "12:00")
    assert "check_in" not in walk.texts()
    assert walk.check_in.unreachable
    assert walk.task(TaskCause.OPTED_OUT)
    walk.say(Label.OPT_IN)
    walk.until("2027-04-06", "12:00")
    assert walk.times("check_in") == ["Mon 04-05 10:00"]
    assert walk.task(TaskCause.OPTED_OUT) is None


def test_other_questions_of_the_journey() -> None:
    """'Please call me' on day three makes a worry and an acknowledgement; '1 as expected' makes nothing."""
    walk = needled().until("2027-03-08", "10:00")
    ask = next(handed.due for handed in walk.handed if handed.due.key == "early")
    walk.say(CONCERN, ask_id=ask.ask_id, question=Question.EARLY, call_me=True)
    assert [worry.about for worry in walk.facts.worries] == ["call_me"]
    assert walk.texts()[-1] == "ack"


def test_quiet_answer_to_early_makes_no_work() -> None:
    """As expected on day three: no task, no text."""
    walk = needled().until("2027-03-08", "10:00")
    ask = next(handed.due for handed in walk.handed if handed.due.key == "early")
    texts = len(walk.texts())
    walk.say(CLEAR, ask_id=ask.ask_id, question=Question.EARLY)
    assert walk.facts.tasks == {}
    assert len(walk.texts()) == texts


QUESTIONS = (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)


def by_phone(walk: Walk, *labels: Label) -> Walk:
    """Staff enters what the patient said on the phone, in the order of the questions."""
    for question, label in zip(QUESTIONS, labels, strict=False):
        walk.say(label, question=question, ask_id="check_in:laser:staff", by_page=True, by_staff=True)
    return walk


def test_answers_by_phone_count_as_the_patients_own() -> None:
    """An open check-in that staff fills in opens the gate under the standing order, without a thank-you by text."""
    walk = by_phone(asked(), CLEAR, CLEAR, CLEAR, CLEAR)
    assert walk.state() is GateState.RELEASED
    assert "check_in_done" not in walk.texts()


def test_who_opted_out_can_be_asked_by_phone() -> None:
    """No text could be sent, so nothing was asked; staff asks, and the answers count."""
    walk = needled()
    walk.say(Label.OPT_OUT, opt_out=True)
    walk.until("2027-04-02", "12:00")
    assert walk.check_in.unreachable
    assert by_phone(walk, CLEAR, CLEAR, CLEAR, CLEAR).check_in.complete
    assert walk.state() is GateState.RELEASED


def test_what_staff_left_out_stays_open() -> None:
    """After two answers by phone the third question is open, and a reminder follows the next day."""
    walk = by_phone(asked(), CLEAR, CLEAR)
    assert walk.check_in.open_question is Question.RED_FLAGS
    walk.later(days=1)
    assert "check_in_reminder" in walk.texts()


def test_a_worry_told_by_phone_shuts_the_gate() -> None:
    """What worries counts in whatever way it came."""
    walk = by_phone(asked(), CONCERN, CLEAR, CLEAR, CLEAR)
    assert walk.state() is GateState.IN_REVIEW
    assert walk.task(TaskCause.CONCERN)


def test_answers_before_their_day_open_nothing() -> None:
    """Before the interval has ended answers by phone are no check-in."""
    walk = by_phone(needled().until("2027-03-20", "12:00"), CLEAR, CLEAR, CLEAR, CLEAR)
    assert walk.check_in.round == 0
    assert not walk.until("2027-04-05", "12:00").state().is_open
