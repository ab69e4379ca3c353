"""Draws stories: the usual course, with things left out, doubled, and thrown in between. A seed gives one story."""

from collections.abc import Iterator
from random import Random

from tests.journeys.happenings import (
    Acts,
    Book,
    ClosesTask,
    Crash,
    Done,
    Happening,
    HeardLate,
    ProviderIs,
    Says,
    Single,
    Status,
    Story,
    Twice,
    Undone,
    UntilVisit,
    Wait,
)

ZONES = ("America/New_York", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
STARTS = ("2027-03-01", "2027-09-27", "2028-02-28", "2027-10-13")
"""Healing weeks that cross a change of the clocks, a leap day, or neither."""
LASERS = ("laser_nafl", "laser_nafl", "laser_ablative", "laser_ipl", "laser_hair")
LABELS = ("clear", "mild", "concern", "urgent", "opt_out", "opt_in", "help", "reschedule", "question", "unclear")
STATUSES = ("cancelled", "no_show", "arrived", "completed", "booked")
CLEAR = (Says("clear"),) * 4
LATE = 0.7
"""Share of stories that begin weeks after the first visit."""


def drawn(seed: int) -> Story:
    """The story of that seed: the same one on every machine."""
    chance = Random(seed)
    laser_first = chance.random() < 0.15
    zone = chance.choice(ZONES)
    return Story(
        seed=seed,
        start=chance.choice(STARTS),
        zone=zone,
        home=chance.choice((zone, zone, *ZONES)),
        skin_type=chance.choice((2, 2, 2, 5, None)),
        conditions=chance.choice(((), (), (), ("rosacea",), ("keloid_history",))),
        release=chance.choice(("standing_order", "standing_order", "clinician")),
        laser_first=laser_first,
        by_email=chance.random() < 0.2,
        cached=chance.random() < 0.92,
        happens=tuple(_disturbed(chance, _usual(chance, laser_first=laser_first))),
    )


def _usual(chance: Random, *, laser_first: bool) -> list[Single]:
    first, second = ("laser_nafl", "microneedling") if laser_first else ("microneedling", chance.choice(LASERS))
    between = chance.choice((20, 29, 35, 45))
    answers = list(CLEAR) if chance.random() < 0.7 else []
    to_the_gate: list[Single] = [Wait(30.0), *answers, Acts(chance.choice(("release", "release", "waive")))]
    ends: list[Single] = [UntilVisit("b2"), Done("b2")]
    if chance.random() < 0.15:
        ends.append(Wait(24.0 * 45))
    if chance.random() < LATE:
        soon = Book("b2", second, chance.choice((5, 12, 25)))
        return [Book("b1", first, -between), Done("b1"), soon, *to_the_gate, *ends]
    booked = Book("b2", second, chance.choice((between, between + 5, between + 20)))
    heals = Wait(24.0 * between)
    begins: list[Single] = [Book("b1", first, 3), UntilVisit("b1"), Done("b1")]
    return [*begins, booked, heals, *to_the_gate, *ends]


def _disturbed(chance: Random, usual: list[Single]) -> Iterator[Happening]:
    yield usual[0]
    for single in usual[1:]:
        while chance.random() < 0.22:
            yield _anything(chance)
        if chance.random() < 0.1:
            continue
        if chance.random() < 0.12 and isinstance(single, Book | Done | Says | Acts):
            yield Twice(single)
        else:
            yield single


def _anything(chance: Random) -> Happening:
    return chance.choice((_time, _visit, _visit, _words, _words, _words, _person, _machine))(chance)


def _time(chance: Random) -> Happening:
    return Wait(chance.choice((1.0, 9.0, 13.5, 24.0, 72.0, 24.0 * 8, 24.0 * 31)))


def _visit(chance: Random) -> Happening:
    ref = chance.choice(("b1", "b2", "b2"))
    days, hour = chance.choice((0, 1, 4, 10, 16, 30, 45)), chance.choice((9, 11, 16))
    treatment = "microneedling" if ref == "b1" else chance.choice(LASERS)
    again = chance.choice((Book(ref, treatment, days, hour), Status(ref, chance.choice(STATUSES)), Undone(ref)))
    change = chance.choice((Book(ref, treatment, days + 1, hour), Status(ref, chance.choice(STATUSES))))
    late = HeardLate(change, chance.choice((2.0, 30.0, 80.0)))
    extra = Book("b3", chance.choice(("microneedling", *LASERS)), days, hour)
    return chance.choice((again, again, Twice(again), Done(ref), Done(ref, chance.choice((0, 2, 15))), late, extra))


def _words(chance: Random) -> Happening:
    said = Says(chance.choice(LABELS))
    worry = Says("concern", holds=chance.choice(((), ("tan",), ("new_medicine",))), call_me=chance.random() < 0.2)
    said = chance.choice((said, said, said, worry))
    return Twice(said) if chance.random() < 0.25 else said


def _person(chance: Random) -> Happening:
    by, role = chance.choice((("Dr. Rivera", "clinician"), ("Pat", "front_desk"), ("Nurse Kim", "nurse")))
    action = chance.choice(("release", "waive", "hold", "pause", "resume", "resume"))
    acts = Acts(action, by, role, chance.choice(("asked for it", "asked for it", "")))
    cause = chance.choice(("question", "incident", "unreachable", "unreadable"))
    return chance.choice((acts, acts, Twice(acts), ClosesTask(cause)))


def _machine(chance: Random) -> Happening:
    return chance.choice((Crash(), Crash(), ProviderIs(chance.choice(("well", "silent", "refusing", "busy")))))
