"""Planted bugs, each with a story that must notice it and what is said then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import activities.messaging
import activities.post_office
import domain.journey.touchpoints
from activities.post_office import PostOffice
from domain.calendar import QuietHours
from domain.journey import Journey
from domain.journey.facts import Due, Visit
from domain.journey.gate_keeper import GateKeeper
from domain.journey.staff import Staff
from domain.journey.tasks import Tasks
from domain.journey.touchpoints import Touchpoints
from domain.messages import Channel, Receipt
from domain.plan import PlanStep
from relay.reply_intake import ReplyIntake
from tests.journeys.happenings import (
    Acts,
    Book,
    Done,
    Happening,
    HeardLate,
    Says,
    Status,
    Story,
    Twice,
    UntilVisit,
    Wait,
)
from tests.journeys.spoken import SpokenReader
from workflows.journey import JourneyWorkflow

NEEDLED: tuple[Happening, ...] = (Book("b1", "microneedling", 3), UntilVisit("b1"), Done("b1"))
CLEAR = (Says("clear"),) * 4
FAR_OFF: tuple[Happening, ...] = (Book("b1", "microneedling", 20), Wait(1))
LASER_IN_40 = Book("b2", "laser_nafl", 40)


@dataclass(frozen=True)
class Mutant:
    """A class or module, one of its functions, what stands in for it; what happens; what is said."""

    owner: Any
    name: str
    stand_in: Callable[..., Any]
    happens: tuple[Happening, ...]
    complaint: str
    home: str = "America/New_York"


not_yet, hand_over, read = GateKeeper.not_yet, PostOffice._hand_over, SpokenReader.read
due_of, record = Touchpoints._due, JourneyWorkflow._record_what_changed
aftercare = domain.journey.touchpoints._aftercare
recorded: list[object] = []


def no_interval(self: GateKeeper, step: PlanStep, now: datetime) -> tuple[str, ...]:
    return tuple(code for code in not_yet(self, step, now) if code != "interval")


def assumed_is_done(self: GateKeeper, step: PlanStep, now: datetime) -> tuple[str, ...]:
    return tuple(code for code in not_yet(self, step, now) if code != "not_recorded")


def no_holds(self: GateKeeper, step: str) -> list[str]:
    return []


def anybody(self: Staff, action: object) -> bool:
    return True


def no_work(self: Tasks, now: datetime) -> tuple[()]:
    return ()


def open_anyway(self: Touchpoints, point: object, due_at: datetime, *args: Any, **more: Any) -> Due:
    return due_of(self, point, due_at, *args, **more).model_copy(update={"needs_open_gate": False})  # type: ignore[arg-type]


async def nobody_is_called(self: ReplyIntake, *args: Any) -> None:
    return None


async def posts_again(self: PostOffice, *args: Any) -> Receipt:
    await hand_over(self, *args)
    return await hand_over(self, *args)


def anew_with_each_change(due: Due, visit: Visit, treated_on: date, offset: str = "") -> Due:
    """As if it were another treatment's, since the ledger itself sends nothing twice about one treatment."""
    anew = f".s{visit.sequence}"
    return aftercare(due.model_copy(update={"tag": f"{due.tag}{anew}"}), visit, treated_on, f"{offset}{anew}")


def consents_always(consent: object) -> None:
    return None


def no_night(self: QuietHours, now: datetime, zone: str, channel: Channel = Channel.SMS) -> datetime:
    return now


def never_moved(request: object, scene: object, *, late: bool) -> None:
    return None


def reads_aloud(self: SpokenReader, text: str, **more: Any) -> Any:
    reading = read(self, text, **more)
    return reading.model_copy(update={"rule": reading.matched})


def forgets_requests(self: Journey, request_id: str) -> bool:
    return False


async def every_other_time(self: JourneyWorkflow, *, ended: bool = False) -> None:
    """Depends on how often this process was asked, as a clock or a counter of the process would."""
    recorded.append(self)
    if ended or len(recorded) < 3:
        await record(self, ended=ended)


MUTANTS = {
    "1: the interval is overlooked": Mutant(
        GateKeeper, "not_yet", no_interval, (*NEEDLED, LASER_IN_40, Acts("release")), "1: laser is open .*interval"
    ),
    "1: an assumed treatment counts": Mutant(
        GateKeeper, "not_yet", assumed_is_done, (*NEEDLED[:2], Wait(24 * 40), Acts("release")), "1: .*not recorded"
    ),
    "1: holds are overlooked": Mutant(
        GateKeeper,
        "open_holds",
        no_holds,
        (*NEEDLED, Acts("hold", "Pat", "front_desk", "asked to"), Wait(24 * 37), *CLEAR),
        "1: laser is open .*hold staff",
    ),
    "1: anybody releases": Mutant(
        Staff, "_decides", anybody, (*NEEDLED, Wait(24 * 30), Acts("release", "Pat", "front_desk")), "1: front_desk"
    ),
    "2: nobody is told": Mutant(Tasks, "_wanted", no_work, (*NEEDLED, Book("b2", "laser_nafl", 5)), "2: a visit"),
    "2: reminders in spite of the gate": Mutant(
        Touchpoints, "_due", open_anyway, (*NEEDLED, Book("b2", "laser_nafl", 12), UntilVisit("b2")), "2: pre_visit"
    ),
    "3: nobody is called": Mutant(ReplyIntake, "_alarm", nobody_is_called, (*NEEDLED, Says("urgent")), "3: nobody"),
    "4: ids are forgotten": Mutant(
        Journey, "_heard", forgets_requests, (*NEEDLED, *(Wait(24),) * 14, Twice(Acts("release"))), "4: a second"
    ),
    "5: a channel that tries again": Mutant(PostOffice, "_hand_over", posts_again, NEEDLED, "5: a message was"),
    "5: aftercare begins anew with each change": Mutant(
        domain.journey.touchpoints,
        "_aftercare",
        anew_with_each_change,
        (*NEEDLED, Wait(4), Status("b1", "arrived"), Wait(24)),
        "5: day_0",
    ),
    "6: an opt-out is overlooked": Mutant(
        activities.post_office,
        "_no_consent",
        consents_always,
        (*NEEDLED, Says("opt_out"), Wait(24 * 4)),
        "6: .*opted out",
    ),
    "6: texts at night": Mutant(QuietHours, "next_allowed", no_night, NEEDLED, "6: .*night", home="Asia/Kathmandu"),
    "6: a visit that moved": Mutant(
        activities.messaging,
        "_against",
        never_moved,
        (*FAR_OFF, HeardLate(Book("b1", "microneedling", 45), 24 * 18)),
        "6: .*too",
    ),
    "6: a visit that was cancelled": Mutant(
        activities.messaging,
        "_against",
        never_moved,
        (*FAR_OFF, HeardLate(Status("b1", "cancelled"), 24 * 18)),
        "6: .*speaks",
    ),
    "7: words travel": Mutant(SpokenReader, "read", reads_aloud, (*NEEDLED, Says("question")), "7: .*Quokkaby"),
    "8: state outside of the workflow": Mutant(
        JourneyWorkflow, "_record_what_changed", every_other_time, NEEDLED[:1], "TMPRL1100"
    ),
}


def story_of(name: str) -> Story:
    """The story that must find it."""
    mutant = MUTANTS[name]
    return Story(seed=-10 - list(MUTANTS).index(name), home=mutant.home, happens=mutant.happens)
