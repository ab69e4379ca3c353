"""Tasks open with their cause and close with it; and how a journey ends, pauses or is cancelled."""

import pytest

from domain.booking import Treatment
from domain.journey.events import ContactChange, DeliveryFailed, Outcome, StaffActionKind
from domain.journey.facts import JourneyStage
from domain.messages import Channel, FailureClass
from domain.records import BookingStatus, TaskCause, Urgency
from domain.replies import Label, Question
from tests.builders import at, facts, plan
from tests.domain.walk import Walk, asked, begun, needled, opened

NEEDLING, NAFL = Treatment.MICRONEEDLING, Treatment.LASER_NAFL
CANCEL, PAUSE, RESUME = StaffActionKind.CANCEL, StaffActionKind.PAUSE, StaffActionKind.RESUME


def lasered() -> Walk:
    """A journey whose laser was done on Thursday 2027-04-08 at 14:00; it is 16:00 now."""
    walk = opened()
    walk.book("b2", NAFL, "2027-04-08")
    walk.until("2027-04-08", "16:00").done("b2")
    return walk


# Tasks


def test_waiting_visit_grows_urgent_three_working_days_before() -> None:
    """Behind a gate that only waits: information, then same day an hour before closing three working days ahead."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-08")
    assert walk.facts.tasks[TaskCause.GATE_SHUT].urgency is Urgency.INFORMATION
    walk.until("2027-04-05", "15:59")
    assert walk.facts.tasks[TaskCause.GATE_SHUT].urgency is Urgency.INFORMATION
    walk.until("2027-04-05", "16:00")
    assert walk.facts.tasks[TaskCause.GATE_SHUT].urgency is Urgency.SAME_DAY
    assert [change.closed for change in walk.tasks(TaskCause.GATE_SHUT)] == [False, False]


def test_task_closes_itself_with_its_cause() -> None:
    """The gate opens: the task for the visit behind it closes by itself."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-08")
    walk.until("2027-04-05", "10:00").answer_all()
    assert walk.task(TaskCause.GATE_SHUT) is None
    assert walk.tasks(TaskCause.GATE_SHUT)[-1].closed


def test_one_open_task_per_cause() -> None:
    """Two holds, two worries: one task each, opened once."""
    walk = needled()
    for _ in range(2):
        walk.say(Label.CONCERN)
        walk.hold()
        walk.say(Label.CONCERN, exposures=("tan",))
    assert len(walk.tasks(TaskCause.CONCERN)) == 1
    assert len(walk.tasks(TaskCause.HOLD)) == 1


@pytest.mark.parametrize(
    ("day", "urgency"), [("2027-03-31", Urgency.NEXT_WORKING_DAY), ("2027-03-08", Urgency.SAME_DAY)]
)
def test_too_early_booking(day: str, urgency: Urgency) -> None:
    """A laser before its first allowed date makes a task at once; moved to a later date it closes."""
    walk = needled()
    walk.book("b2", NAFL, day)
    assert walk.facts.tasks[TaskCause.TOO_EARLY].urgency is urgency
    walk.book("b2", NAFL, "2027-05-06")
    assert walk.task(TaskCause.TOO_EARLY) is None


def test_no_show_until_it_is_booked_again() -> None:
    """A missed visit is work until a new one stands."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.set_status("b1", BookingStatus.NO_SHOW)
    assert walk.task(TaskCause.NO_SHOW)
    walk.book("b2", NEEDLING, "2027-03-11")
    assert walk.task(TaskCause.NO_SHOW) is None


def test_visit_that_nobody_recorded() -> None:
    """At closing time of its day a visit without a record becomes work, until it is recorded."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-04", "16:59")
    assert walk.task(TaskCause.NOT_RECORDED) is None
    walk.until("2027-03-04", "17:00")
    assert walk.task(TaskCause.NOT_RECORDED)
    walk.done("b1")
    assert walk.task(TaskCause.NOT_RECORDED) is None


def test_due_times_know_holidays_and_weekends() -> None:
    """Work of the next working day that comes up on a Friday is due on Monday at closing time."""
    walk = needled().until("2027-03-05", "12:00")
    walk.say(Label.QUESTION)
    assert walk.tasks(TaskCause.QUESTION)[0].due == at("2027-03-08", "17:00")


def test_question_stays_until_staff_closes_it() -> None:
    """What an event raised does not go away by itself."""
    walk = needled()
    walk.say(Label.RESCHEDULE)
    walk.later(days=3)
    assert walk.task(TaskCause.QUESTION)
    walk.journey.close_task(TaskCause.QUESTION, walk.now)
    assert walk.task(TaskCause.QUESTION) is None


def test_message_that_did_not_arrive() -> None:
    """A failed delivery is work for a person."""
    walk = needled()
    failed = DeliveryFailed(identity="day_0:microneedling:1", channel=Channel.SMS, failure=FailureClass.NUMBER)
    walk.journey.delivery_failed(failed, walk.now)
    assert walk.facts.tasks[TaskCause.UNREACHABLE].detail == "day_0"


def test_opt_out_elsewhere_is_work_here() -> None:
    """The contact opted out in another journey: a task, until it opts in again."""
    walk = needled()
    walk.journey.contact(ContactChange(opted_out=True), walk.now)
    assert walk.task(TaskCause.OPTED_OUT)
    walk.journey.contact(ContactChange(opted_out=False), walk.now)
    assert walk.task(TaskCause.OPTED_OUT) is None


# Ends


def test_stages_of_a_whole_journey() -> None:
    """Preparing, healing, checking in, ready, aftercare, completed, in this order."""
    walk = lasered().until("2027-05-20", "12:00")
    walk.say(Label.CLEAR, ask_id="final:laser:x", question=Question.FINAL)
    stages = [change.stage for change in walk.changes if change.kind == "stage"]
    walk.deliver()
    assert walk.stage() is JourneyStage.COMPLETED
    expected = [JourneyStage.HEALING, JourneyStage.CHECKING_IN, JourneyStage.READY, JourneyStage.AFTERCARE]
    assert [stage for stage in stages if stage is not JourneyStage.PREPARING][:4] == expected


def test_completed_without_a_final_answer() -> None:
    """Silence on the last question means nothing: three days later the journey is complete."""
    walk = lasered().until("2027-05-23", "09:59")
    assert walk.stage() is JourneyStage.AFTERCARE
    walk.until("2027-05-23", "10:00")
    assert walk.stage() is JourneyStage.COMPLETED
    assert walk.journey.is_over(walk.now)
    assert walk.journey.next_moment(walk.now) is None or not walk.journey.due_now(walk.now)


def test_not_continued_sixty_days_after_the_invitation() -> None:
    """Nobody books after the invitation: the journey ends after 60 days, not before."""
    walk = opened().until("2027-05-31", "09:59")
    assert walk.stage() is not JourneyStage.NOT_CONTINUED
    walk.until("2027-05-31", "10:00")
    assert walk.stage() is JourneyStage.NOT_CONTINUED
    assert walk.journey.is_over(walk.now)


def test_cancelled_visit_starts_the_sixty_days_anew() -> None:
    """The sixty days count from the last booking change."""
    walk = opened().until("2027-05-25", "10:00")
    walk.book("b2", NAFL, "2027-06-10")
    walk.until("2027-05-26", "10:00").set_status("b2", BookingStatus.CANCELLED)
    assert walk.until("2027-07-24", "10:00").stage() is not JourneyStage.NOT_CONTINUED
    assert walk.until("2027-07-25", "10:00").stage() is JourneyStage.NOT_CONTINUED


def test_cancelled_but_aftercare_goes_on() -> None:
    """Cancelled after a treatment: its care texts still come, nothing else does, then it is over."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-08")
    walk.act(CANCEL, reason="moved away")
    assert walk.stage() is JourneyStage.CANCELLED
    assert not walk.journey.is_over(walk.now)
    before = len(walk.texts())
    walk.until("2027-06-01")
    assert walk.texts()[before:] == ["day_0", "early", "day_7", "day_14"]
    assert walk.journey.is_over(walk.now)


def test_cancelled_in_mid_check_in_asks_no_more() -> None:
    """No reminder of a check-in whose journey was cancelled."""
    walk = asked(facts(plan()))
    walk.act(CANCEL, reason="moved away")
    walk.answer(Label.CLEAR)
    assert not {"check_in_reminder", "check_in_discomfort", "check_in_done"} & set(walk.later(days=5).texts())


def test_nothing_is_said_after_a_death() -> None:
    """Cancelled because the patient died: not one more text, aftercare included, and the journey is over."""
    walk = needled()
    before = len(walk.texts())
    walk.act(CANCEL, reason="deceased")
    assert walk.journey.is_over(walk.now)
    walk.say(Label.QUESTION)
    assert len(walk.until("2027-04-10").texts()) == before
    assert walk.journey.is_over(walk.now)


def test_cancelled_before_the_welcome() -> None:
    """A journey that is cancelled in the night it began welcomes nobody in the morning."""
    walk = begun(facts(start=at("2027-03-01", "05:00")))
    walk.act(CANCEL, reason="booked by mistake")
    assert walk.until("2027-03-02", "12:00").texts() == []
    assert walk.journey.is_over(walk.now)


def test_cancelling_needs_a_reason_and_happens_once() -> None:
    """Without a reason it is refused; a cancelled journey takes no more actions."""
    walk = needled()
    assert walk.act(CANCEL, reason=" ").reason == "needs_a_reason"
    assert walk.act(CANCEL, reason="moved away").accepted
    assert walk.act(StaffActionKind.RELEASE).reason == "journey_ended"


def test_pause_keeps_everything_back() -> None:
    """Nothing goes out in a pause; afterwards what is still useful does."""
    walk = needled()
    assert walk.act(PAUSE).accepted
    assert walk.act(PAUSE).reason == "already_paused"
    before = len(walk.texts())
    assert len(walk.until("2027-03-11", "12:00").texts()) == before
    assert walk.act(RESUME).accepted
    assert walk.texts()[before:] == ["day_7"]
    assert {handed.outcome for handed in walk.handed if handed.due.key in ("day_0", "early")} == {"expired"}


def test_resumed_at_night_waits_for_morning() -> None:
    """What a pause kept back does not go out in quiet hours."""
    walk = needled()
    walk.act(PAUSE)
    walk.until("2027-03-11", "23:00").act(RESUME)
    assert walk.until("2027-03-12", "12:00").times("day_7") == ["Fri 03-12 09:00"]


def test_pause_ends_with_the_journey() -> None:
    """A journey that is given up or cancelled in a pause comes to its end all the same."""
    walk = begun()
    walk.act(PAUSE)
    walk.say(Label.HELP)
    walk.later(days=61)
    assert walk.stage() is JourneyStage.NOT_CONTINUED
    assert walk.journey.is_over(walk.now)


def test_urgent_reply_in_a_pause_still_shuts_the_gate() -> None:
    """A pause stops texts, not worries."""
    walk = opened()
    walk.act(PAUSE)
    walk.say(Label.URGENT)
    assert not walk.state().is_open


def test_moment_with_seconds_is_rounded_up() -> None:
    """A message put off to 12:00:30 is waited for until 12:01: the journey's clock has whole minutes."""
    walk = needled().until("2027-03-04", "17:59")
    walk.now = at("2027-03-04", "18:00")
    due = walk.journey.due_now(walk.now)[0]
    walk.journey.settled(
        due, [Outcome(channel=Channel.SMS, state="deferred", until=at("2027-03-04", "18:10:30"))], walk.now
    )
    coming = walk.journey.next_moment(walk.now)
    assert coming == at("2027-03-04", "18:11")
    assert [again.identity for again in walk.journey.due_now(coming)] == [due.identity]
