"""What it leads to beside the plain dialogue: a return after an opt-out, exposures told early, one answer."""

from datetime import timedelta

from domain.booking import Treatment
from domain.journey.events import Outcome
from domain.journey.facts import Due, GateState
from domain.records import TaskCause, Urgency
from domain.replies import Label, Question
from tests.builders import at
from tests.domain.walk import Walk, asked, begun, needled, opened


def test_who_comes_back_is_asked_by_a_message_of_its_own() -> None:
    """The check-in was skipped for the opt-out; asked again under the same ledger row it would stay skipped."""
    walk = needled()
    walk.say(Label.OPT_OUT, opt_out=True)
    walk.until("2027-04-02", "12:00")
    walk.say(Label.OPT_IN)
    walk.until("2027-04-06", "12:00")
    tries = [handed for handed in walk.handed if handed.due.key == "check_in"]
    assert [handed.outcome for handed in tries] == ["opted_out", "accepted"]
    assert len({(handed.due.identity, walk.journey.occurrence(handed.due)) for handed in tries}) == 2
    assert walk.answer_all().state() is GateState.RELEASED


def told_before_the_visit() -> Walk:
    """A laser weeks after the check-in; its pre_visit was answered with 'new medicine' three working days before."""
    walk = opened()
    walk.book("b2", Treatment.LASER_NAFL, "2027-04-27", "10:00")
    walk.until("2027-04-22", "11:00")
    ask = next(handed.due for handed in reversed(walk.handed) if handed.due.key == "pre_visit")
    walk.say(Label.CONCERN, ask_id=ask.ask_id, question=Question.PRE_VISIT, exposures=("new_medicine",))
    assert walk.state() is GateState.HELD
    return walk


def test_who_has_just_told_of_an_exposure_is_not_asked_for_it_again() -> None:
    """Old answers under a standing order would have the exposures asked anew; the hold is a clinician's already."""
    walk = told_before_the_visit().until("2027-04-27", "09:00")
    assert walk.times("check_in_exposures") == ["Thu 04-01 10:00"]
    assert walk.task(TaskCause.HOLD)
    assert walk.task(TaskCause.NO_REPLY) is None


def test_two_treatments_in_one_visit_propose_a_date() -> None:
    """The task names the step that must wait, for which there is a first allowed date."""
    walk = begun()
    walk.book("b1", Treatment.MICRONEEDLING, "2027-03-04", "14:00")
    walk.book("b2", Treatment.LASER_NAFL, "2027-03-04", "16:00")
    task = walk.task(TaskCause.SAME_VISIT)
    assert task
    assert (task.urgency, task.detail) == (Urgency.SAME_DAY, "laser")
    assert walk.gate.opens_on is not None
    assert walk.gate.opens_on.isoformat() == "2027-04-01"


def test_what_somebody_else_acknowledges_is_acknowledged_once() -> None:
    """The front desk or another journey answers this text; the next one is this journey's to answer."""
    walk = asked()
    for said, acks in (("front desk", 0), ("", 1)):
        walk.say(Label.QUESTION, acknowledged=bool(said))
        assert walk.texts().count("ack") == acks
    assert walk.task(TaskCause.QUESTION)


def due_at_ten() -> tuple[Walk, Due]:
    """The check-in's question, at the moment at which it is handed to `deliver`."""
    walk = needled().until("2027-04-01", "09:59")
    walk.now = at("2027-04-01", "10:00")
    walk.journey.advance(walk.now)
    [due] = walk.journey.due_now(walk.now)
    return walk, due


def test_a_question_that_waits_for_another_one_is_offered_again() -> None:
    """Somebody else on the phone is answering: the same message comes back in a quarter of an hour, nothing is lost."""
    walk, due = due_at_ten()
    again_at = walk.now + timedelta(minutes=15)
    waits = Outcome(channel=due.channels[0], state="deferred", reason="other_question", until=again_at)
    walk.journey.settled(due, [waits], walk.now)
    assert walk.journey.due_now(walk.now) == []
    assert walk.journey.next_moment(walk.now) == again_at
    first = walk.journey.occurrence(due)
    walk.pass_to(again_at)
    assert walk.times("check_in") == ["Thu 04-01 10:15"]
    assert walk.journey.occurrence(walk.handed[-1].due) == first
    assert walk.state() is GateState.AWAITING_REPLY


def test_a_question_that_waited_too_long_is_a_persons() -> None:
    """It was of no more use when its turn came: a task says that nobody could be asked, and the gate stays shut."""
    walk, due = due_at_ten()
    late = Outcome(channel=due.channels[0], state="skipped", reason="expired")
    walk.journey.settled(due, [late], walk.now)
    assert walk.task(TaskCause.UNREACHABLE)
    assert not walk.later(days=5).state().is_open
