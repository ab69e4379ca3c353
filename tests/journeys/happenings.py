"""What can happen to one journey. A story prints as Python that runs: `Story(seed=7, ...)`.

Words are the values of the domain's codes; days and hours count from the journey's own now, in the clinic's zone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wait:
    """Silence: only time passes."""

    hours: float


@dataclass(frozen=True)
class UntilVisit:
    """Time passes until an hour after the visit's start."""

    ref: str


@dataclass(frozen=True)
class Book:
    """A new booking, or the same one at another time."""

    ref: str
    treatment: str
    days: int
    hour: int = 14


@dataclass(frozen=True)
class Status:
    """The booking system says cancelled, no_show, arrived, completed or booked again."""

    ref: str
    status: str


@dataclass(frozen=True)
class HeardLate:
    """The clinic's books have it; the journey hears of it only some hours later."""

    what: Book | Status
    hours: float


@dataclass(frozen=True)
class Done:
    """Staff records the treatment, or redates it: at the visit's start, or so many days ago."""

    ref: str
    days_ago: int | None = None


@dataclass(frozen=True)
class Undone:
    """Staff takes the treatment back."""

    ref: str


@dataclass(frozen=True)
class Says:
    """The patient texts; whichever question is open is answered."""

    label: str
    holds: tuple[str, ...] = ()
    call_me: bool = False


@dataclass(frozen=True)
class Acts:
    """A person of the clinic decides."""

    action: str
    by: str = "Dr. Rivera"
    role: str = "clinician"
    reason: str = "seen on video"


@dataclass(frozen=True)
class ClosesTask:
    """Staff closes a task that an event had raised."""

    cause: str


@dataclass(frozen=True)
class ProviderIs:
    """From now on the providers are: well, silent (nobody knows), refusing; or busy, once."""

    mood: str


@dataclass(frozen=True)
class Crash:
    """The worker is gone, cache and all (where it is a process, by kill -9); a new one must replay."""


@dataclass(frozen=True)
class CrashWhile:
    """It crashes so many seconds after time has begun to pass: while it sends, records or decides."""

    hours: float
    seconds: float


Told = Book | Status | HeardLate | Done | Undone | Says | Acts | ClosesTask
"""What the journey is told of."""
Single = Told | Wait | UntilVisit | ProviderIs | Crash | CrashWhile


@dataclass(frozen=True)
class Twice:
    """The same delivery again, under the same id: nothing may change the second time."""

    what: Book | Status | Done | Undone | Says | Acts


Happening = Single | Twice


@dataclass(frozen=True)
class Story:
    """One patient, one clinic, and what happens to them in this order."""

    seed: int
    start: str = "2027-03-01"
    zone: str = "America/New_York"
    home: str = "America/New_York"
    skin_type: int | None = 2
    conditions: tuple[str, ...] = ()
    release: str = "standing_order"
    laser_first: bool = False
    by_email: bool = False
    """Whether the patient gave an address; who gave none gets a link by text instead."""
    cached: bool = True
    """False: no workflow stays in memory, so that every single task replays from the beginning."""
    happens: tuple[Happening, ...] = ()
