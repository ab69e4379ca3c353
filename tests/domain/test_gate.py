"""The gate: every transition says who or which rule, and why; whatever is missing keeps it shut."""

import pytest

from domain.booking import Treatment
from domain.journey.events import OtherProcedure, Role, StaffAction, StaffActionKind
from domain.journey.facts import Answer, Facts, GateState
from domain.journey.gate_keeper import WHOLE_CHECK_IN
from domain.patient import Condition, SkinProfile
from domain.protocol import Release
from domain.records import BookingStatus, TaskCause
from domain.replies import Label, Question
from tests.builders import at, facts, plan, profile
from tests.domain.walk import Walk, asked, begun, needled, opened

RELEASE, WAIVE = StaffActionKind.RELEASE, StaffActionKind.WAIVE
NEEDLING, NAFL, ABLATIVE = Treatment.MICRONEEDLING, Treatment.LASER_NAFL, Treatment.LASER_ABLATIVE


def by_clinician(person: SkinProfile | None = None) -> Facts:
    """A journey whose gates a clinician opens."""
    return facts(plan(person or profile(), release=Release.CLINICIAN))


def reviewed(person: SkinProfile | None = None) -> Walk:
    """A journey with clear answers that wait for a clinician, on 2027-04-01."""
    walk = asked(by_clinician(person)).answer_all()
    assert walk.state() is GateState.IN_REVIEW
    return walk


def last(walk: Walk) -> tuple[str, str, str, tuple[str, ...]]:
    """From, to, by and reasons of the last transition."""
    change = walk.gates()[-1]
    return change.before.value, change.after.value, change.by, change.reasons


def test_standing_order_opens_on_clear_answers() -> None:
    """Approved, healthy, recorded, interval over, all clear: the rule opens it."""
    assert last(opened()) == ("awaiting_reply", "released", "rule:standing_order", ("clear_answers",))


def test_without_standing_order_a_clinician_releases() -> None:
    """Clear answers wait in review; the release carries the name and the reason."""
    walk = reviewed()
    assert last(walk) == ("awaiting_reply", "in_review", "rule:clinician_releases", ("release_needed",))
    assert walk.task(TaskCause.REVIEW)
    assert walk.act(RELEASE).accepted
    assert last(walk) == ("in_review", "released", "staff:Dr. Rivera", ("seen on video",))
    assert walk.task(TaskCause.REVIEW) is None


@pytest.mark.parametrize(
    "person", [profile(skin_type=4), profile(Condition.COLD_SORE_HISTORY), profile(skin_type=2, adult=True)]
)
def test_standing_order_does_not_count_with_a_review(person: SkinProfile) -> None:
    """A plan with a review goes to a person; one without opens."""
    walk = needled(facts(plan(person))).until("2027-04-16", "12:00")
    walk.answer_all()
    expected = GateState.IN_REVIEW if walk.facts.plan.step("laser").reviews else GateState.RELEASED
    assert walk.state() is expected


def test_unapproved_standing_order_does_not_count() -> None:
    """Nobody approved the protocol: clear answers stay in review."""
    walk = asked(facts(plan(approved_by=""))).answer_all()
    assert walk.state() is GateState.IN_REVIEW


def test_treatment_that_nobody_recorded_opens_nothing() -> None:
    """The visit's end is never assumed: answers and a clinician's word wait for the record."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-04-01", "10:00").answer_all()
    assert not walk.state().is_open
    assert walk.act(RELEASE).reason == "not_recorded"
    assert walk.task(TaskCause.NOT_RECORDED)
    walk.done("b1")
    assert walk.state() is GateState.RELEASED


def test_undone_treatment_shuts_the_gate() -> None:
    """'Done' taken back shuts it; recorded again, the old answers count as long as they are fresh."""
    walk = opened()
    walk.undo("b1")
    assert last(walk)[1:3] == ("locked", "rule:interval")
    assert walk.gate.reasons == ("not_recorded",)


def test_redated_treatment_shuts_the_gate() -> None:
    """Done a week later than first recorded: the interval counts anew and the gate shuts."""
    walk = opened()
    walk.done("b1", at("2027-03-11", "14:00"))
    assert walk.state() is GateState.LOCKED
    assert str(walk.gate.opens_on) == "2027-04-08"


def test_redated_by_the_booking_system_forgets_older_answers() -> None:
    """A date after the answers, from the booking system too, makes them answers about other skin."""
    walk = begun(by_clinician())
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.until("2027-03-04", "16:00").set_status("b1", BookingStatus.COMPLETED)
    walk.until("2027-04-01", "10:00").answer_all()
    walk.until("2027-04-03", "10:00").book("b1", NEEDLING, "2027-04-02", status=BookingStatus.COMPLETED)
    assert walk.facts.visits["b1"].treated_at == at("2027-04-02", "14:00")
    assert walk.check_in.answers == {}
    assert walk.state() is GateState.LOCKED


def test_second_microneedling_shuts_the_gate() -> None:
    """Another microneedling booked behind an open gate shuts it; done, the interval counts from it."""
    walk = opened()
    walk.book("b9", NEEDLING, "2027-04-08")
    assert walk.gate.reasons == ("not_recorded", "interval")
    walk.until("2027-04-08", "16:00").done("b9")
    assert str(walk.gate.opens_on) == "2027-05-06"
    assert walk.check_in.answers == {}


def test_last_of_two_planned_visits_counts() -> None:
    """A stale visit that nobody recorded does not hide a later planned one."""
    walk = begun()
    walk.book("b0", NEEDLING, "2027-03-02")
    walk.book("b1", NEEDLING, "2027-03-04")
    walk.book("b2", NEEDLING, "2027-04-08")
    walk.until("2027-03-04", "16:00").done("b1")
    assert walk.journey.gates.timing(walk.facts.plan.step("laser")).recorded is False


def test_slower_kind_shuts_the_gate() -> None:
    """An ablative laser booked behind a gate that is open for 28 days shuts it until day 42."""
    walk = opened()
    walk.book("b2", ABLATIVE, "2027-04-20")
    assert walk.gate.reasons == ("interval",)
    assert str(walk.gate.opens_on) == "2027-04-15"


def test_planned_date_counts_until_done() -> None:
    """The first allowed date counts from the planned visit, then from the recorded one."""
    walk = begun()
    walk.book("b1", NEEDLING, "2027-03-04")
    assert str(walk.gate.opens_on) == "2027-04-01"
    walk.book("b1", NEEDLING, "2027-03-05")
    assert str(walk.gate.opens_on) == "2027-04-02"
    walk.until("2027-03-08", "10:00").done("b1", at("2027-03-06", "10:00"))
    assert str(walk.gate.opens_on) == "2027-04-03"


@pytest.mark.parametrize(
    ("by", "role", "accepted"),
    [
        ("Dr. Rivera", Role.CLINICIAN, True),
        ("Nurse Kim", Role.NURSE, True),
        ("Pat", Role.NURSE, False),
        ("Pat", Role.FRONT_DESK, False),
        ("Pat", Role.ADMIN, False),
        (" ", Role.CLINICIAN, False),
    ],
)
@pytest.mark.parametrize("action", [RELEASE, WAIVE])
def test_only_a_clinician_or_deputy_decides(action: StaffActionKind, by: str, role: Role, accepted: bool) -> None:
    """Roles below a clinician are refused unless named as deputy, and nobody decides without a name."""
    state = facts(plan(release=Release.CLINICIAN), deputies=("Nurse Kim",))
    walk = asked(state).answer_all()
    assert walk.act(action, by=by, role=role).accepted is accepted
    assert walk.state().is_open is accepted


@pytest.mark.parametrize(("named_now", "accepted"), [(True, True), (False, False), (None, True)])
def test_a_deputy_is_who_the_clinic_names_now(named_now: bool | None, accepted: bool) -> None:
    """Named or taken off the list after the journey began: what the clinic says at the moment of the action counts."""
    walk = asked(facts(plan(release=Release.CLINICIAN), deputies=("Nurse Kim",))).answer_all()
    told = StaffAction(action=RELEASE, by="Nurse Kim", role=Role.NURSE, deputy=named_now)
    assert walk.journey.act(told, walk.now).accepted is accepted


def test_release_waits_for_the_interval() -> None:
    """Before its date a release is refused and changes nothing."""
    walk = needled(by_clinician())
    assert walk.act(RELEASE).reason == "interval"
    assert walk.gate.opening is None


def test_release_waits_for_holds() -> None:
    """A hold must be waived by name; a release does not close it."""
    walk = reviewed()
    walk.hold()
    assert walk.act(RELEASE).reason == "hold_open"
    assert walk.act(WAIVE, names=("staff",)).accepted
    assert last(walk) == ("held", "waived", "staff:Dr. Rivera", ("seen on video",))


def test_open_gate_is_not_released_again() -> None:
    """A second release is refused, so that its 30 days do not start anew."""
    walk = opened()
    assert walk.act(RELEASE).reason == "already_open"


def test_waiver_before_the_answers() -> None:
    """Waived early, it opens only when the interval has passed and the check-in is answered."""
    walk = needled(by_clinician())
    assert walk.act(WAIVE).accepted
    walk.until("2027-04-01", "12:00")
    assert walk.state() is GateState.AWAITING_REPLY
    walk.answer_all()
    assert walk.state() is GateState.WAIVED


def test_waiver_needs_a_reason_and_known_names() -> None:
    """Without a reason, or for a hold that does not exist, it is refused."""
    walk = reviewed()
    assert walk.act(WAIVE, reason=" ").reason == "needs_a_reason"
    assert walk.act(WAIVE, names=("moon",)).reason == "unknown:moon"


def test_waiver_closes_only_what_it_names() -> None:
    """Two holds, one waived: the other one keeps the gate held."""
    walk = reviewed()
    walk.say(Label.CONCERN, exposures=("tan", "pregnant"))
    walk.act(WAIVE, names=("tan",))
    assert walk.gate.reasons == ("hold:pregnant",)


def test_release_lapses_after_thirty_days() -> None:
    """A month after it opened, the gate is shut and the release gone."""
    walk = opened().until("2027-05-01", "09:59")
    assert walk.state() is GateState.RELEASED
    walk.until("2027-05-01", "10:00")
    assert walk.state() is GateState.LOCKED
    assert walk.gate.opening is None


def test_a_release_without_a_check_in_lapses_into_a_whole_one() -> None:
    """Who was never asked is asked everything once the release has lapsed: exposures alone open nothing."""
    walk = needled().until("2027-04-01", "09:00")
    assert walk.act(RELEASE).accepted
    walk.until("2027-05-01", "09:00")
    assert walk.state() is GateState.AWAITING_REPLY
    assert walk.check_in.open_question is Question.STATE
    assert walk.answer_all().state() is GateState.RELEASED


@pytest.mark.parametrize("missing", WHOLE_CHECK_IN)
def test_a_part_of_the_answers_opens_nothing(missing: Question) -> None:
    """A standing order needs a clear answer to each question, however the others came to be asked."""
    walk = asked()
    walk.check_in.answers = {q: Answer(label=Label.CLEAR, at=walk.now) for q in WHOLE_CHECK_IN if q is not missing}
    walk.check_in.complete, walk.check_in.ended_at, walk.check_in.open_question = True, walk.now, None
    walk.journey.advance(walk.now)
    assert walk.state() is not GateState.RELEASED


def test_answers_age_after_fourteen_days() -> None:
    """Clear answers given while something stood against it do not open the gate 15 days later."""
    walk = asked()
    walk.hold()
    walk.answer_all()
    walk.until("2027-04-17", "10:00")
    walk.facts.holds.clear()
    walk.journey.advance(walk.now)
    assert walk.state() is GateState.LOCKED


def test_worrying_reply_after_release_shuts_it() -> None:
    """A concern behind an open gate shuts it; the release is gone for good."""
    walk = reviewed()
    walk.act(RELEASE)
    walk.say(Label.CONCERN)
    assert walk.state() is GateState.IN_REVIEW
    assert walk.gate.opening is None
    assert walk.task(TaskCause.CONCERN)


def test_hold_after_release_shuts_it() -> None:
    """A new medicine behind an open gate holds it, and closing the hold does not bring the release back."""
    walk = reviewed()
    walk.act(RELEASE)
    walk.say(Label.CONCERN, exposures=("new_medicine",))
    assert walk.state() is GateState.HELD
    walk.act(WAIVE, names=("new_medicine",))
    assert walk.state() is GateState.WAIVED


def test_worrying_answer_keeps_a_standing_order_from_opening() -> None:
    """Discomfort of five: in review by rule, with the question and the label as reason."""
    walk = asked()
    walk.answer(Label.CLEAR)
    walk.answer(Label.CONCERN)
    assert last(walk)[1:] == ("in_review", "rule:worrying_answer", ("answer:discomfort:concern",))


def test_profile_hold_keeps_the_first_step() -> None:
    """Keloids in the history: microneedling itself is held until a clinician waives it."""
    walk = begun(facts(plan(profile(Condition.KELOID_HISTORY))))
    assert walk.facts.gates["microneedling"].reasons == ("hold:keloid_history",)
    walk.act(WAIVE, step="microneedling", names=("keloid_history",))
    assert walk.facts.gates["microneedling"].state is GateState.WAIVED
    opening = walk.facts.gates["microneedling"].opening
    assert opening is not None
    assert opening.by.startswith("staff:")


def test_unknown_profile_is_held() -> None:
    """Nothing known: the laser is held under both names."""
    walk = begun(facts(plan(SkinProfile())))
    assert set(walk.gate.reasons) == {"hold:skin_type_unknown", "hold:conditions_unknown"}


def test_reply_to_the_reply_is_about_the_next_gate() -> None:
    """With three microneedlings the check-in before the second is not about the laser."""
    walk = needled(facts(plan(needlings=3))).until("2027-04-01", "10:00")
    second = walk.facts.gates["microneedling_2"]
    assert second.check_in.open_question is Question.STATE
    assert walk.check_in.open_question is None


def test_release_ends_the_reminders() -> None:
    """A clinician who releases without answers is not followed by reminders that the answers are needed."""
    walk = asked(facts(plan(release=Release.CLINICIAN)))
    walk.act(RELEASE)
    walk.until("2027-04-08")
    assert walk.state() is GateState.RELEASED
    assert not [key for key in walk.texts() if key.startswith("check_in_reminder")]


def test_another_procedure_holds_until_it_is_called_off_or_decided() -> None:
    """A peel booked behind an open gate shuts it; the second of two called off opens it again, twice is once."""
    walk = opened()
    for booking in ("peel-1", "peel-2"):
        walk.journey.other_procedure(OtherProcedure(booking_id=booking), walk.now, f"told-{booking}")
    assert (walk.state(), walk.gate.reasons) == (GateState.HELD, ("hold:other_procedure",))
    walk.journey.other_procedure(OtherProcedure(booking_id="peel-1", called_off=True), walk.now, "off-1")
    walk.journey.other_procedure(OtherProcedure(booking_id="peel-1"), walk.now, "told-peel-1")
    assert walk.state() is GateState.HELD
    walk.journey.other_procedure(OtherProcedure(booking_id="peel-2", called_off=True), walk.now, "off-2")
    assert walk.state() is GateState.RELEASED


def test_another_procedure_is_a_clinicians_to_decide() -> None:
    """While it stands, a release is refused; a waiver that names it closes the hold."""
    walk = asked().answer_all()
    walk.journey.other_procedure(OtherProcedure(booking_id="peel-1"), walk.now)
    assert not walk.act(StaffActionKind.RELEASE).accepted
    assert walk.act(StaffActionKind.WAIVE, names=("other_procedure",), reason="a light peel, seen").accepted
    assert walk.state().is_open
