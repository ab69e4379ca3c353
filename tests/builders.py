"""Builders for tests: plans from the shipped protocol, calendars, and facts of a journey that begins."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Calendar, QuietHours
from domain.journey import begin
from domain.journey.facts import Facts
from domain.patient import Condition, SkinProfile
from domain.plan import Plan, personalise
from domain.protocol import Interval, Protocol, Release, Step
from protocols.load import load_protocol

SHIPPED = load_protocol("microneedling-then-laser")
NEW_YORK = "America/New_York"
HEALTHY = SkinProfile(skin_type=2, conditions=frozenset(), adult=True)
"""Skin that needs nothing more than the protocol's intervals, for an adult."""
UNHURRIED = time(9)


def profile(*conditions: Condition, skin_type: int | None = 2, adult: bool | None = True) -> SkinProfile:
    """A skin profile whose conditions were asked for."""
    return SkinProfile(skin_type=skin_type, conditions=frozenset(conditions), adult=adult)


def protocol(
    *,
    release: Release = Release.STANDING_ORDER,
    approved_by: str = "Dr. Rivera",
    needlings: int = 1,
    laser_first: bool = False,
    intervals: tuple[Interval, ...] = (),
) -> Protocol:
    """The shipped protocol, approved; `intervals` go before the shipped ones and so win over them."""
    needling, laser = SHIPPED.steps
    needling = needling.model_copy(update={"times": needlings})
    steps: tuple[Step, ...] = (laser, needling) if laser_first else (needling, laser)
    changes = {"steps": steps, "release": release, "approved_by": approved_by}
    return SHIPPED.model_copy(update={**changes, "intervals": (*intervals, *SHIPPED.intervals)})


def plan(
    person: SkinProfile = HEALTHY,
    *,
    release: Release = Release.STANDING_ORDER,
    approved_by: str = "Dr. Rivera",
    needlings: int = 1,
    laser_first: bool = False,
) -> Plan:
    """A personal plan from the shipped protocol; by default a standing order counts in it."""
    made = protocol(release=release, approved_by=approved_by, needlings=needlings, laser_first=laser_first)
    return personalise(made, person)


def calendar(*holidays: date, zone: str = NEW_YORK) -> Calendar:
    """A clinic that is open Monday to Friday from 9 to 17."""
    return Calendar(timezone=zone, holidays=holidays)


def at(day: str, clock: str = "09:00", zone: str = NEW_YORK) -> datetime:
    """The UTC instant of a wall-clock time such as 2027-03-04, 14:00."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def facts(
    of: Plan | None = None,
    *,
    start: datetime | None = None,
    clinic: Calendar | None = None,
    patient_zone: str | None = None,
    deputies: tuple[str, ...] = (),
    quiet_hours: QuietHours | None = None,
) -> Facts:
    """The facts of a journey that begins on Monday 2027-03-01 at 9 in the clinic's zone, unless said otherwise."""
    days = clinic or calendar()
    return begin(
        of or plan(),
        days,
        patient_zone or days.timezone,
        quiet_hours or QuietHours(),
        deputies,
        start or days.at(date(2027, 3, 1), UNHURRIED),
    )


def days(count: int) -> timedelta:
    """Whole days as a duration."""
    return timedelta(days=count)
