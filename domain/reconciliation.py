"""Compares a booking system's own list with what the store knows: what webhooks lost, and what the list lost."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from domain.booking import RESCHEDULED, BookingEvent, BookingKind
from domain.clinic import BookingSource, Clinic, ServiceUse
from domain.messages import Frozen
from domain.records import STATUS_OF, Booking, BookingStatus

RECONCILED = "reconciled"
"""Inbox rows of `reconciled:<source>` hold a `BookingEvent`; a webhook's rows are `booking:<source>`."""
BACK = timedelta(days=7)
"""Yesterday's no-show or cancellation matters as well; after a week staff have looked at the visit themselves."""
ON_ITS_WAY = timedelta(minutes=15)
"""A younger change may still arrive by its webhook: it is applied, but the webhook is not called lost."""
EXPECTED = (BookingStatus.REQUESTED, BookingStatus.BOOKED, BookingStatus.ARRIVED)
"""A booking that we know so must be in a complete list."""
WORTH_ADDING = (*EXPECTED, BookingStatus.COMPLETED)
"""Nobody here waits for the cancellation of a booking that was never told."""


class Window(Frozen):
    """The stretch of starts that is compared: `since` belongs to it, `until` does not."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment < self.until


def window_of(source: BookingSource, now: datetime) -> Window:
    """The last week and the coming weeks that the source names."""
    return Window(since=now - BACK, until=now + timedelta(weeks=source.reconcile_weeks))


class Reconciliation(Frozen):
    """What is remembered of one source between two comparisons."""

    clinic_id: str
    source: str
    first_at: datetime
    """When it was looked at for the first time."""
    completed_at: datetime | None = None
    """When a whole list was compared last."""
    lost_at: datetime | None = None
    """When a comparison last found a change that no webhook had brought."""
    silent_since: datetime | None = None
    """The last delivery before the silence that was told; None while there is none."""
    polled_until: datetime | None = None
    """The newest change, on the booking system's clock, that polling has seen."""


class What(StrEnum):
    """How the list differs from what the store knows."""

    MISSING = "missing"
    MOVED = "moved"
    CHANGED = "changed"


class Difference(Frozen):
    """One change that has to be applied. The event's delivery id names this change of this known state."""

    what: What
    event: BookingEvent

    def is_lost(self, known: Reconciliation, now: datetime) -> bool:
        """Whether a webhook should have brought it by now; not what was there before we first looked."""
        changed_at = self.event.occurred_at
        if changed_at is None:
            return known.completed_at is not None
        return known.first_at < changed_at < now - ON_ITS_WAY


class Comparison(Frozen):
    """What a complete list says."""

    differences: tuple[Difference, ...] = ()
    vanished: tuple[Booking, ...] = ()
    """Expected, and not in the list: to be looked up one by one, never cancelled on the list's word."""


def compare(
    clinic: Clinic, listed: Sequence[BookingEvent], before: Sequence[Booking], after: Sequence[Booking] = ()
) -> Comparison:
    """The differences, in the list's order.

    `before` was read before the list, so whatever the list says is newer; `after` was read later (refs that the list
    named), so there only the booking system's own version decides.
    """
    known = _by_ref((*before, *after))
    previous = {event.booking_ref: event.previous_booking_ref for event in listed if event.previous_booking_ref}
    trusted = {booking.id for booking in before}
    found: list[Difference] = []
    seen: set[str] = set()
    for event in listed:
        if event.kind is BookingKind.CANCELLED and event.reason == RESCHEDULED:
            continue
        old = _came_from(event, previous, known)
        seen |= {event.booking_ref, old or event.booking_ref}
        mine = known.get(event.booking_ref, ())
        what = None if _is_ignored(clinic, event) else _what(event, mine, old)
        if what:
            base = (*mine, *known.get(old or "", ()))
            found.append(Difference(what=what, event=_named(clinic, event, old, base, trusted)))
    vanished = tuple(one for one in before if one.status in EXPECTED and one.visit_ref not in seen)
    return Comparison(differences=tuple(found), vanished=vanished)


def _by_ref(bookings: Iterable[Booking]) -> dict[str, tuple[Booking, ...]]:
    found: dict[str, dict[str, Booking]] = {}
    for booking in bookings:
        found.setdefault(booking.visit_ref, {}).setdefault(booking.id, booking)
    return {ref: tuple(same.values()) for ref, same in found.items()}


def _came_from(
    event: BookingEvent, previous: Mapping[str, str], known: Mapping[str, tuple[Booking, ...]]
) -> str | None:
    """The ref under which we still expect the visit, however often it has got a new one since."""
    ref = event.previous_booking_ref
    for _ in range(len(previous) + 1):
        if ref is None or any(booking.status in EXPECTED for booking in known.get(ref, ())):
            return ref
        ref = previous.get(ref)
    return None


def _is_ignored(clinic: Clinic, event: BookingEvent) -> bool:
    uses = {clinic.use_of(service) for service in event.services}
    return event.kind not in STATUS_OF or uses == {ServiceUse.IGNORE}


def _what(event: BookingEvent, mine: Sequence[Booking], old: str | None) -> What | None:
    status = STATUS_OF[event.kind]
    if old:
        return What.MOVED
    if not mine:
        return What.MISSING if status in WORTH_ADDING else None
    if any(booking.status is not status for booking in mine):
        return What.CHANGED
    moved = event.starts_at and any(booking.starts_at != event.starts_at for booking in mine)
    return What.MOVED if moved and status in WORTH_ADDING else None


def _named(
    clinic: Clinic, event: BookingEvent, old: str | None, base: Sequence[Booking], trusted: set[str]
) -> BookingEvent:
    """The event as it goes into the inbox: newer than what it corrects, and the same id for the same correction."""
    known_as = max((booking.vendor_sequence for booking in base), default=None)
    newest = max((booking.vendor_sequence for booking in base if booking.id in trusted), default=0)
    uses = sorted(str(clinic.use_of(service)) for service in event.services)
    what = "|".join(map(str, (event.booking_ref, old, event.kind, event.starts_at, known_as, *uses)))
    changes = {
        "delivery_id": f"list:{hashlib.sha256(what.encode()).hexdigest()}",
        "previous_booking_ref": old,
        "sequence": max(event.sequence, newest),
    }
    return event.model_copy(update=changes)
