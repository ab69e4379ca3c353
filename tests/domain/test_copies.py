"""A copy of an event, under the same id, changes nothing: not even when something else has happened in between."""

from domain.booking import Treatment
from domain.journey import Journey
from domain.journey.events import ContactChange, DeliveryFailed, Role, StaffAction, StaffActionKind, TreatedChange
from domain.journey.facts import Facts
from domain.messages import Channel, FailureClass
from domain.records import TaskCause
from tests.domain.walk import Walk, begun, needled

PAUSE = StaffAction(action=StaffActionKind.PAUSE, by="Pat", role=Role.FRONT_DESK)
RESUME = StaffAction(action=StaffActionKind.RESUME, by="Pat", role=Role.FRONT_DESK)


def restarted(walk: Walk) -> Journey:
    """The journey as it comes back after continue-as-new."""
    return Journey(Facts.model_validate_json(walk.facts.model_dump_json()))


def test_a_staff_action_again_gets_the_same_answer() -> None:
    """A pause that was resumed since is not put on again, and what was refused is refused for the same reason."""
    walk = begun()
    first = walk.journey.act(PAUSE, walk.now, "staff-1")
    refused = walk.journey.act(PAUSE, walk.now, "staff-2")
    walk.journey.act(RESUME, walk.now, "staff-3")
    again = restarted(walk)
    assert again.act(PAUSE, walk.now, "staff-1") == first
    assert again.act(PAUSE, walk.now, "staff-2") == refused
    assert not again.facts.paused
    assert not again.drain()


def test_a_treatment_that_was_taken_back_is_not_recorded_by_a_copy() -> None:
    """The gate stays shut."""
    walk = begun()
    walk.book("b1", Treatment.MICRONEEDLING, "2027-03-04")
    walk.until("2027-03-04", "16:00")
    change = TreatedChange(booking_id="b1", by="staff:Kim")
    walk.journey.treated(change, walk.now, "treated-1")
    walk.undo("b1")
    again = restarted(walk)
    assert again.treated(change, walk.now, "treated-1")
    assert again.facts.visits["b1"].treated_at is None


def test_an_opt_out_that_was_taken_back_is_not_repeated_by_a_copy() -> None:
    """Who wrote START after it is reached again."""
    walk = begun()
    walk.journey.contact(ContactChange(opted_out=True), walk.now, "contact-1")
    walk.journey.contact(ContactChange(opted_out=False), walk.now, "contact-2")
    again = restarted(walk)
    again.contact(ContactChange(opted_out=True), walk.now, "contact-1")
    assert not again.facts.opted_out


def test_a_message_that_went_another_way_is_not_reported_as_lost_by_a_copy() -> None:
    """The first report moved it to its other channel; the second one makes no task."""
    walk = needled().until("2027-04-01", "10:00")
    failure = DeliveryFailed(identity="check_in:laser:1", channel=Channel.SMS, failure=FailureClass.TRANSIENT)
    walk.journey.delivery_failed(failure, walk.now, "failed-1")
    again = restarted(walk)
    again.delivery_failed(failure, walk.now, "failed-1")
    assert TaskCause.UNREACHABLE not in again.facts.tasks
