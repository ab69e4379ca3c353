"""Touchpoints: what goes out when, before a visit, after a treatment and when something changes."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.journey import Journey
from domain.journey.events import DeliveryFailed, Outcome, SendAgain, StaffActionKind
from domain.journey.facts import GateState
from domain.messages import Channel, FailureClass
from domain.patient import SkinProfile
from domain.protocol import Release, SentBy
from domain.records import BookingStatus, TaskCause
from domain.replies import Label, Question
from tests.builders import at, facts, plan, profile
from tests.domain.walk import Walk, asked, begun, needled, opened

NEEDLING, NAFL, ABLATIVE = Treatment.MICRONEEDLING, Treatment.LASER_NAFL, Treatment.LASER_ABLATIVE


def lasered(kind: Treatment = NAFL, person: SkinProfile | None = None) -> Walk:
    """A journey whose laser was done on Thursday 2027-05-20 at 14:00; it is 16:00 now."""
    walk = needled(facts(plan(person or profile(), release=Release.CLINICIAN)))
    walk.book("b2", kind, "2027-05-20")
    walk.until("2027-05-20", "12:00")
    walk.answer_all()
    walk.act(StaffActionKind.RELEASE)
    walk.until("2027-05-20", "16:00").done("b2")
    return walk


def test_messages_before_the_first_visit() -> None:
    """Welcome at once, preparation ten minutes after booking, exposures three working days before."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.until("2027-03-11", "13:00")
    assert walk.log() == [
        ("Mon 03-01 09:00", "welcome"),
        ("Mon 03-01 09:10", "prepare"),
        ("Mon 03-08 10:00", "pre_visit"),
    ]


def test_the_line_introduces_itself_first() -> None:
    """Booked for three days on, the exposures are overdue at once: the welcome is the first text all the same."""
    known = facts(start=at("2027-03-01", "15:00"))
    walk = Walk(Journey(known), known.started_at)
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.later(minutes=5)
    assert walk.texts() == ["welcome", "pre_visit"]


@pytest.mark.parametrize(("sent_by", "ours"), [(None, []), (SentBy.HEALGATE, ["confirmation", "reminder"])])
def test_confirmations_and_reminders_are_the_booking_systems(sent_by: SentBy | None, ours: list[str]) -> None:
    """The shipped plan leaves both to the booking system; a clinic's own protocol may say that we send them."""
    changed = plan()
    if sent_by:
        points = [point.model_copy(update={"sent_by": sent_by}) for point in changed.touchpoints]
        changed = changed.model_copy(update={"touchpoints": tuple(points)})
    walk = begun(facts(changed))
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.until("2027-03-11", "13:00")
    assert [key for _, key in walk.log() if key in ("confirmation", "reminder")] == ours


def test_moved_settles_for_ten_minutes() -> None:
    """Three changes within ten minutes are announced once, ten minutes after the last, with its time."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.until("2027-03-02", "10:00")
    for day in ("2027-03-12", "2027-03-15", "2027-03-16"):
        walk.book("b1", NEEDLING, day)
        walk.later(minutes=4)
    walk.later(hours=3)
    assert walk.times("moved") == ["Tue 03-02 10:18"]
    assert walk.handed[-1].due.starts_at == walk.facts.visits["b1"].starts_at


def test_moved_of_unknown_fate_is_sent_once_more() -> None:
    """Nobody knows whether it was sent: the same due comes again when the ledger has freed it, and only once."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.until("2027-03-02", "10:00").book("b1", NEEDLING, "2027-03-12")
    walk.pass_to(walk.now + timedelta(minutes=9))
    walk.now += timedelta(minutes=1)
    (due,) = walk.journey.due_now(walk.now)
    occurrence = walk.journey.occurrence(due)
    walk.journey.settled(due, [Outcome(channel=Channel.SMS, state="unknown")], walk.now)
    walk.later(minutes=30)
    assert walk.times("moved") == []
    again = SendAgain(key="moved", step="microneedling", occurrence=occurrence)
    walk.journey.send_again(again, walk.now)
    walk.journey.send_again(again, walk.now)
    assert walk.journey.due_now(walk.now) == [due]
    assert walk.journey.occurrence(due) == occurrence
    walk.later(minutes=30)
    walk.journey.send_again(again, walk.now)
    walk.later(minutes=30)
    assert walk.times("moved") == ["Tue 03-02 10:40"]


def test_change_back_announces_nothing() -> None:
    """Moved and moved back before it was told: no text."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.until("2027-03-02", "10:00").book("b1", NEEDLING, "2027-03-12")
    walk.later(minutes=5).book("b1", NEEDLING, "2027-03-11")
    assert walk.later(hours=3).times("moved") == []


def test_moved_behind_a_shut_gate_is_not_confirmed() -> None:
    """A laser that moves behind a shut gate is not announced: that would read as 'your visit stands'."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-20")
    walk.later(days=2).book("b2", NAFL, "2027-04-21")
    assert walk.later(days=1).times("moved") == []


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.NO_SHOW])
def test_nothing_about_a_visit_that_is_off(status: BookingStatus) -> None:
    """A cancelled or missed visit gets no preparation, question or aftercare any more."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.set_status("b1", status)
    assert walk.until("2027-03-20").texts() == ["welcome"]


def test_pre_visit_waits_for_an_open_gate() -> None:
    """Behind a shut gate the exposures before the visit are not asked; a call is asked for instead."""
    walk = needled(facts(plan(release=Release.CLINICIAN)))
    walk.book("b2", NAFL, "2027-04-15")
    walk.until("2027-04-14", "12:00")
    assert walk.times("pre_visit") == ["Mon 03-01 10:00"]
    assert walk.times("gate_shut") == ["Tue 04-13 10:00"]


def test_pre_visit_is_left_out_when_exposures_are_fresh() -> None:
    """Exposures answered less than seven days before it: not asked once more; older ones are."""
    fresh = asked()
    fresh.book("b2", NAFL, "2027-04-08")
    fresh.answer_all().until("2027-04-08", "13:00")
    assert fresh.times("pre_visit") == ["Mon 03-01 10:00"]
    older = opened()
    older.book("b2", NAFL, "2027-04-22")
    assert older.until("2027-04-22", "13:00").times("pre_visit")[1:] == ["Mon 04-19 10:00"]


def test_silence_on_pre_visit_makes_work_and_keeps_the_gate() -> None:
    """A day without an answer: a same-day task; the gate stays open."""
    walk = opened()
    walk.book("b2", NAFL, "2027-04-22")
    walk.until("2027-04-20", "10:00")
    assert [task.detail for task in walk.tasks(TaskCause.NO_REPLY)][-1] == "pre_visit"
    assert walk.state().is_open


def test_pre_visit_answer_holds() -> None:
    """A new medicine before the visit holds the open gate."""
    walk = opened()
    walk.book("b2", NAFL, "2027-04-22")
    walk.until("2027-04-19", "12:00")
    ask = next(handed.due for handed in reversed(walk.handed) if handed.due.key == "pre_visit")
    walk.say(Label.CONCERN, ask_id=ask.ask_id, question=Question.PRE_VISIT, exposures=("new_medicine",))
    assert walk.gate.reasons == ("hold:new_medicine",)
    assert walk.until("2027-04-21", "12:00").times("gate_shut") == ["Tue 04-20 10:00"]


@pytest.mark.parametrize(
    ("recorded", "sent"), [("16:00", "Thu 03-04 18:00"), ("17:55", "Thu 03-04 19:55"), ("18:01", "Fri 03-05 10:00")]
)
def test_day_0_in_the_evening(recorded: str, sent: str) -> None:
    """Care steps come two hours after the record, and next morning where that would be after eight."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-04", recorded).done("b1")
    assert walk.until("2027-03-05", "12:00").times("day_0") == [sent]


def test_recorded_days_late_still_gets_care() -> None:
    """Recorded two days late: care steps two hours later, day three on its own day."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-06", "10:00").done("b1")
    walk.until("2027-03-08", "10:00")
    assert walk.times("day_0") == ["Sat 03-06 12:00"]
    assert walk.times("early") == ["Sun 03-07 12:00"]


@pytest.mark.parametrize(
    ("kind", "skin", "early", "final"),
    [
        (NAFL, 2, ["Sun 05-23 12:00"], "Thu 07-01 10:00"),
        (NAFL, 5, ["Sun 05-23 12:00"], "Thu 07-15 10:00"),
        (ABLATIVE, 2, ["Fri 05-21 10:00", "Sun 05-23 12:00", "Thu 05-27 10:00"], "Thu 07-15 10:00"),
        (ABLATIVE, 6, ["Fri 05-21 10:00", "Sun 05-23 12:00", "Thu 05-27 10:00"], "Thu 07-15 10:00"),
    ],
)
def test_days_by_treatment_and_skin(kind: Treatment, skin: int, early: list[str], final: str) -> None:
    """Ablative lasers are asked about on days 1, 3 and 7; the last question comes after 42 or 56 days."""
    walk = lasered(kind, profile(skin_type=skin)).until("2027-07-16", "12:00")
    assert walk.times("early")[1:] == early
    assert walk.times("final") == [final]


def test_final_question_comes_after_the_last_step_only() -> None:
    """With the laser first, its aftercare has no final question."""
    walk = begun(facts(plan(laser_first=True)))
    walk.book("b1", NAFL, "2027-03-04")
    walk.until("2027-03-04", "16:00").done("b1")
    assert walk.until("2027-04-30").times("final") == []


def test_laser_preparation_with_the_invitation() -> None:
    """Nothing booked: the preparation mail comes with the invitation, and not once more with a booking."""
    walk = opened()
    assert walk.times("prepare")[1:] == ["Thu 04-01 10:00"]
    walk.book("b2", NAFL, "2027-04-22")
    assert len(walk.until("2027-04-22", "12:00").times("prepare")) == 2


def test_laser_preparation_before_a_booked_visit() -> None:
    """Booked early: the preparation mail comes fourteen days before the visit, 'subject to our review'."""
    walk = needled()
    walk.book("b2", NAFL, "2027-04-20")
    assert walk.until("2027-04-12").times("prepare")[1:] == ["Tue 04-06 10:00"]


def test_opened_gate_says_invite_or_stands() -> None:
    """Nothing booked: an invitation; a booked visit: it stands. Each once, worded for who opened it."""
    assert opened().texts().count("invite") == 1
    walk = asked()
    walk.book("b2", NAFL, "2027-04-08")
    walk.answer_all()
    stands = next(handed.due for handed in walk.handed if handed.due.key == "stands")
    assert stands.variant == "standing_order"
    assert "invite" not in walk.texts()


def test_a_clinician_who_releases_at_once_has_read_the_answers() -> None:
    """Released in the minute of the last answer: the text says that it was read, and keeps the quiet hours."""
    walk = asked(facts(plan(release=Release.CLINICIAN)))
    walk.book("b2", NAFL, "2027-04-08")
    walk.until("2027-04-01", "23:30").answer_all()
    walk.act(StaffActionKind.RELEASE)
    walk.until("2027-04-02", "12:00")
    (stands,) = [handed for handed in walk.handed if handed.due.key == "stands"]
    assert (stands.due.variant, walk.clock(stands.at)) == ("", "Fri 04-02 09:00")


@pytest.mark.parametrize("answers", [0, 1])
def test_what_a_release_says_without_all_answers(answers: int) -> None:
    """Where the check-in is not through, the text does not say that answers were read."""
    walk = asked(facts(plan(release=Release.CLINICIAN)))
    walk.book("b2", NAFL, "2027-04-08")
    for _ in range(answers):
        walk.answer(Label.CLEAR)
    assert walk.act(StaffActionKind.RELEASE).accepted
    walk.later(minutes=1)
    (stands,) = [handed.due for handed in walk.handed if handed.due.key == "stands"]
    assert stands.variant == "standing_order"


def test_first_days_care_that_comes_too_late_is_not_planned() -> None:
    """Recorded five days after the treatment: what was for the first days is passed over at once, not announced."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-09", "22:00").done("b1", at("2027-03-04", "14:00"))
    walk.until("2027-03-10", "09:00")
    assert [handed.outcome for handed in walk.handed if handed.due.key == "day_0"] == ["expired"]


def test_gate_that_shuts_at_once_says_nothing() -> None:
    """Released at night and shut again before morning: no word of it."""
    walk = asked(facts(plan(release=Release.CLINICIAN)))
    walk.answer_all().until("2027-04-01", "22:00")
    walk.act(StaffActionKind.RELEASE)
    walk.say(Label.CONCERN)
    assert not {"invite", "stands"} & set(walk.until("2027-04-03", "12:00").texts())


def calendars(walk: Walk) -> list[tuple[str, int]]:
    """Key and sequence of every e-mail that carried a calendar file."""
    return [
        (handed.due.key, handed.due.calendar)
        for handed in walk.handed
        if handed.due.calendar is not None and Channel.EMAIL in handed.due.channels
    ]


def test_the_patients_calendar_follows_the_booking() -> None:
    """The preparation puts the visit in, a change moves it, a cancellation takes it out, each with a higher number."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.later(hours=1).book("b1", NEEDLING, "2027-03-12")
    walk.later(hours=1).book("b1", NEEDLING, "2027-03-12", status=BookingStatus.CANCELLED)
    walk.later(days=1)
    assert calendars(walk) == [("prepare", 0), ("moved", 1), ("visit_cancelled", 2)]


def test_a_cancellation_without_a_calendar_entry_is_the_booking_systems_business() -> None:
    """Who got no calendar file gets none that takes it out."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-11")
    walk.book("b1", NEEDLING, "2027-03-11", status=BookingStatus.CANCELLED)
    walk.later(days=1)
    assert "visit_cancelled" not in walk.texts()


def not_delivered(walk: Walk, key: str, failure: FailureClass = FailureClass.TRANSIENT) -> Walk:
    """The provider reports that the first message of that key did not arrive."""
    walk.journey.delivery_failed(
        DeliveryFailed(identity=f"{key}:laser:1", channel=Channel.SMS, failure=failure), walk.now
    )
    return walk.later(minutes=5)


def test_a_check_in_that_no_phone_takes_comes_by_mail() -> None:
    """The first question goes to the patient's e-mail with the link; nobody needs to call yet."""
    walk = not_delivered(asked(), "check_in")
    assert [handed.due.channels for handed in walk.handed if handed.due.key == "check_in"] == [
        (Channel.SMS,),
        (Channel.EMAIL,),
    ]
    assert walk.task(TaskCause.UNREACHABLE) is None
    assert walk.answer_all().state() is GateState.RELEASED


def test_a_number_that_is_wrong_for_good_is_also_a_persons_work() -> None:
    """The mail goes out, and somebody asks for the right number."""
    walk = not_delivered(asked(), "check_in", FailureClass.NUMBER)
    assert walk.texts().count("check_in") == 2
    assert walk.task(TaskCause.UNREACHABLE) is not None


@pytest.mark.parametrize(("occurrence", "moved"), [("1", "r1.u0.email"), ("2", "again.email"), ("", "again.email")])
def test_the_very_message_that_failed_goes_another_way(occurrence: str, moved: str) -> None:
    """A late report about an older message leaves the newer one alone; histories from before name none: the newest."""
    walk = asked()
    (due,) = walk.facts.otherwise.values()
    newer = due.model_copy(update={"tag": "again"})
    walk.facts.otherwise[newer.identity] = newer
    walk.facts.occurrences[newer.identity] = 2
    failure = DeliveryFailed(
        identity=f"check_in:laser:{occurrence}", channel=Channel.SMS, failure=FailureClass.TRANSIENT
    )
    walk.journey.delivery_failed(failure, walk.now)
    assert [due.tag for due in walk.journey.due_now(walk.now)] == [moved]


def test_where_no_channel_is_left_a_person_calls() -> None:
    """The same failure again, or a message without another channel, is a task."""
    walk = not_delivered(not_delivered(asked(), "check_in"), "check_in")
    assert walk.texts().count("check_in") == 2
    assert walk.task(TaskCause.UNREACHABLE) is not None


def test_a_mail_that_cannot_be_sent_either_is_a_persons_work() -> None:
    """No e-mail address, or no consent for it: the silence must not look like an answer."""
    walk = asked()
    walk.journey.delivery_failed(
        DeliveryFailed(identity="check_in:laser:1", channel=Channel.SMS, failure=FailureClass.TRANSIENT), walk.now
    )
    (due,) = walk.journey.due_now(walk.now)
    walk.journey.settled(due, [Outcome(channel=Channel.EMAIL, state="skipped", reason="no_consent")], walk.now)
    assert walk.facts.tasks[TaskCause.UNREACHABLE].detail == "check_in"
