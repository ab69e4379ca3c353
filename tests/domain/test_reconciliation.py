"""The comparison of a list with the store, without either."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.booking import RESCHEDULED, BookingEvent, BookingKind
from domain.clinic import ServiceUse
from domain.reconciliation import Difference, Reconciliation, What, compare
from domain.records import PART, Booking, BookingStatus
from tests.store.rows import CLINIC, NOW, a_booking, a_clinic

START = NOW + timedelta(days=3)
CLINIC_FILE = a_clinic(services={"facial": ServiceUse.IGNORE, "needling": "microneedling"})


def event(ref: str = "b1", kind: BookingKind = BookingKind.BOOKED, **more: Any) -> BookingEvent:
    known = {"source": "calcom", "delivery_id": "d", "starts_at": START, "services": ("microneedling",), "sequence": 5}
    return BookingEvent.model_validate(known | {"booking_ref": ref, "kind": kind} | more)


def known(ref: str = "b1", **more: Any) -> Booking:
    return a_booking(**({"id": f"id-{ref}", "ref": ref, "starts_at": START, "sequence": 3} | more))


def found(listed: list[BookingEvent], before: list[Booking], after: tuple[Booking, ...] = ()) -> list[tuple[What, str]]:
    return [(one.what, one.event.booking_ref) for one in compare(CLINIC_FILE, listed, before, after).differences]


def test_what_agrees_is_no_difference() -> None:
    """The same instant in another zone, and the same status, is the same."""
    shifted = event(starts_at=START.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    assert found([shifted], [known()]) == []
    assert found([event(kind=BookingKind.CANCELLED)], [known(status=BookingStatus.CANCELLED)]) == []


def test_missing_moved_and_changed() -> None:
    """A booking that nobody told of, one that starts elsewhere, and one with another status."""
    listed = [event("new"), event("moved", starts_at=START + timedelta(days=1)), event("gone", BookingKind.CANCELLED)]
    before = [known("moved"), known("gone")]
    assert found(listed, before) == [(What.MISSING, "new"), (What.MOVED, "moved"), (What.CHANGED, "gone")]


def test_nobody_waits_for_the_end_of_what_was_never_told() -> None:
    """A cancelled or missed booking that the store has not is left alone, and so is an ignored service."""
    listed = [event("a", BookingKind.CANCELLED), event("b", BookingKind.NO_SHOW), event("c", services=("facial",))]
    assert found([*listed, event("d", BookingKind.UNKNOWN)], []) == []


def test_a_done_treatment_is_worth_adding() -> None:
    """Healing is counted from it."""
    assert found([event(kind=BookingKind.COMPLETED)], []) == [(What.MISSING, "b1")]


def test_what_the_list_lacks_has_vanished_and_is_not_cancelled() -> None:
    """Only bookings that are expected; past ends are not looked for."""
    ended = [known("x", status=BookingStatus.CANCELLED), known("y", status=BookingStatus.COMPLETED)]
    comparison = compare(CLINIC_FILE, [], [known(), *ended])
    assert (comparison.differences, [one.ref for one in comparison.vanished]) == ((), ["b1"])


def test_a_new_ref_is_followed_back_to_the_one_we_know() -> None:
    """Twice rescheduled: the newest ref names the first, and its cancelled halves say nothing by themselves."""
    listed = [
        event("b1", BookingKind.CANCELLED, reason=RESCHEDULED),
        event("b2", BookingKind.CANCELLED, reason=RESCHEDULED, previous_booking_ref="b1"),
        event("b3", previous_booking_ref="b2"),
    ]
    comparison = compare(CLINIC_FILE, listed, [known("b1")])
    (only,) = comparison.differences
    assert (only.what, only.event.booking_ref, only.event.previous_booking_ref) == (What.MOVED, "b3", "b1")
    assert comparison.vanished == ()


def test_a_moved_half_without_its_twin_is_looked_up() -> None:
    """The new half starts outside the window: the old one has vanished until somebody asks for it."""
    comparison = compare(CLINIC_FILE, [event("b1", BookingKind.CANCELLED, reason=RESCHEDULED)], [known("b1")])
    assert (comparison.differences, len(comparison.vanished)) == ((), 1)


def test_refs_that_go_in_circles_end() -> None:
    """Two bookings that name each other hang nothing up."""
    listed = [event("b1", previous_booking_ref="b2"), event("b2", previous_booking_ref="b1")]
    assert found(listed, []) == [(What.MISSING, "b1"), (What.MISSING, "b2")]


def test_the_list_is_newer_than_what_was_read_before_it() -> None:
    """The correction is never stale against that; against what came in meanwhile the system's own version decides."""
    earlier, meanwhile = known(sequence=9), known(sequence=9)
    moved = event(starts_at=START + timedelta(days=1))
    (before,) = compare(CLINIC_FILE, [moved], [earlier]).differences
    (after,) = compare(CLINIC_FILE, [moved], [], [meanwhile]).differences
    assert (before.event.sequence, after.event.sequence) == (9, 5)


def test_the_same_correction_has_the_same_id() -> None:
    """A second comparison finds nothing new to store, until the store, the system or the clinic file has changed."""
    moved = event(starts_at=START + timedelta(days=1))

    def id_of(listed: BookingEvent, booking: Booking | None) -> str:
        (only,) = compare(CLINIC_FILE, [listed], [booking] if booking else []).differences
        return only.event.delivery_id

    same = id_of(moved, known())
    assert id_of(moved.model_copy(update={"sequence": 6}), known()) == same
    others = {id_of(moved, known(sequence=4)), id_of(event(starts_at=START + timedelta(days=2)), known())}
    assert same not in others
    unmapped, mapped = event(services=("needles",)), event(services=("needling",))
    assert id_of(unmapped, None) != id_of(mapped, None)


def test_several_treatments_of_one_visit_are_one_booking_of_the_list() -> None:
    """They are stored as parts of one ref; the visit is there, and moves as a whole."""
    parts = [known("b1"), known(f"b1{PART}laser_ipl", id="id-2")]
    assert (found([event()], parts), compare(CLINIC_FILE, [event()], parts).vanished) == ([], ())
    assert found([event(starts_at=START + timedelta(days=1))], parts) == [(What.MOVED, "b1")]
    assert [one.ref for one in compare(CLINIC_FILE, [], parts).vanished] == ["b1", f"b1{PART}laser_ipl"]


def test_what_a_webhook_should_have_brought_is_lost() -> None:
    """Not what was there before we first looked, and not what may be on its way."""
    memory = Reconciliation(clinic_id=CLINIC, source="calcom", first_at=NOW)
    later = NOW + timedelta(hours=5)

    def lost(changed_at: datetime | None, known: Reconciliation = memory) -> bool:
        return Difference(what=What.MISSING, event=event(occurred_at=changed_at)).is_lost(known, later)

    assert lost(NOW + timedelta(hours=1))
    assert not lost(NOW - timedelta(hours=1))
    assert not lost(later - timedelta(minutes=5))
    assert (lost(None), lost(None, memory.model_copy(update={"completed_at": NOW}))) == (False, True)
