"""One appointment may hold several treatments: each is a booking of its own, so that the rules see them on one day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.booking import BookingEvent, BookingKind, Treatment
from domain.clinic import Clinic, ServiceUse
from domain.records import PART, Booking, BookingStatus

LIVE_KINDS = frozenset(BookingKind) - {BookingKind.CANCELLED, BookingKind.NO_SHOW, BookingKind.UNKNOWN}


@dataclass(frozen=True)
class Part:
    """One treatment of the appointment, and what the event says to it."""

    ref: str
    treatment: Treatment
    kind: BookingKind


def treatments_of(clinic: Clinic, event: BookingEvent) -> list[Treatment]:
    """The treatments that the event names, each once."""
    uses = [clinic.use_of(service) for service in event.services]
    return list(dict.fromkeys(use for use in uses if isinstance(use, Treatment)))


def parts_of(clinic: Clinic, event: BookingEvent, known: Sequence[Booking]) -> list[Part]:
    """The bookings that an event is about; what it no longer names is cancelled."""
    wanted = treatments_of(clinic, event)
    if known and (event.kind not in LIVE_KINDS or not wanted):
        return [Part(one.ref, one.treatment, _kind_for(clinic, event)) for one in _open(known) if one.treatment]
    return [*_assigned(event, wanted, known)]


def _kind_for(clinic: Clinic, event: BookingEvent) -> BookingKind:
    """A visit that has become something else is over for us; one that nobody mapped stays what it was."""
    something_else = event.services and all(isinstance(clinic.use_of(name), ServiceUse) for name in event.services)
    return BookingKind.CANCELLED if something_else else event.kind


def _open(known: Sequence[Booking]) -> Sequence[Booking]:
    """What was taken out of the visit before stays out."""
    return [one for one in known if one.status is not BookingStatus.CANCELLED] or known


def _assigned(event: BookingEvent, wanted: Sequence[Treatment], known: Sequence[Booking]) -> Iterator[Part]:
    refs = {one.treatment: one.ref for one in known}
    gone = [one for one in known if one.treatment not in wanted and one.status is not BookingStatus.CANCELLED]
    taken = {one.ref for one in known}
    for treatment in wanted:
        ref = refs.get(treatment) or (gone.pop(0).ref if gone else _new_ref(event, treatment, taken))
        taken.add(ref)
        yield Part(ref, treatment, event.kind)
    yield from (Part(one.ref, one.treatment, BookingKind.CANCELLED) for one in gone if one.treatment)


def _new_ref(event: BookingEvent, treatment: Treatment, taken: set[str]) -> str:
    return f"{event.booking_ref}{PART}{treatment}" if event.booking_ref in taken else event.booking_ref
