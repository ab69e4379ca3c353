"""Calendars: working days of a clinic, quiet hours of a person, and local times that survive daylight saving.

Every function takes its instants as arguments; nothing here reads a clock.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from domain.messages import Channel, Frozen

DAY = timedelta(days=1)
MAX_CLOSURE_DAYS = 60
"""A calendar without any working day for this long is a mistake, not a holiday."""


def check_zone(name: str) -> str:
    """An IANA zone name, or ValueError with a hint (a bad zone must be refused at set-up, not dropped later)."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}; use an IANA name such as America/New_York") from error
    return name


Zone = Annotated[str, AfterValidator(check_zone)]


def local(instant: datetime, zone: str) -> datetime:
    """The instant on a wall clock in `zone`."""
    return instant.astimezone(ZoneInfo(zone))


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of the instant in `zone`."""
    return local(instant, zone).date()


def instant_at(day: date, clock: time, zone: str) -> datetime:
    """The UTC instant of a wall-clock time; a time inside a spring gap moves forward, a doubled one is the first."""
    wall = datetime.combine(day, clock, ZoneInfo(zone))
    return wall.astimezone(UTC)


class Span(Frozen):
    """Opening hours of one part of a day, as wall-clock times."""

    opens: time
    closes: time


WEEKDAYS_NINE_TO_FIVE: dict[int, tuple[Span, ...]] = {
    weekday: (Span(opens=time(9), closes=time(17)),) for weekday in range(5)
}


class Calendar(Frozen):
    """When a clinic works: hours by weekday (0 is Monday) and holidays, in its zone."""

    timezone: Zone
    hours: Mapping[int, tuple[Span, ...]] = Field(default_factory=lambda: dict(WEEKDAYS_NINE_TO_FIVE))
    holidays: tuple[date, ...] = ()

    def today(self, now: datetime) -> date:
        return local_date(now, self.timezone)

    def at(self, day: date, clock: time) -> datetime:
        return instant_at(day, clock, self.timezone)

    def is_working(self, day: date) -> bool:
        return bool(self.hours.get(day.weekday())) and day not in self.holidays

    def working_days_from(self, day: date) -> Iterator[date]:
        """Working days on or after `day`; ends after `MAX_CLOSURE_DAYS` without one."""
        closed = 0
        while closed <= MAX_CLOSURE_DAYS:
            if self.is_working(day):
                closed = 0
                yield day
            else:
                closed += 1
            day += DAY

    def next_working_day(self, day: date, count: int = 1) -> date:
        """The `count`-th working day after `day`."""
        later = self.working_days_from(day + DAY)
        for _ in range(count):
            day = next(later, day + DAY)
        return day

    def previous_working_day(self, day: date, count: int = 1) -> date:
        """The `count`-th working day before `day` (`day` itself when there is none within the limit)."""
        found = day
        for back in range(1, MAX_CLOSURE_DAYS + 1):
            earlier = day - back * DAY
            if self.is_working(earlier):
                found, count = earlier, count - 1
                if not count:
                    break
        return found

    def is_open(self, now: datetime) -> bool:
        wall = local(now, self.timezone)
        spans = self.hours.get(wall.weekday(), ()) if wall.date() not in self.holidays else ()
        return any(span.opens <= wall.time() < span.closes for span in spans)

    def closure(self, now: datetime) -> timedelta:
        """For how many whole days in a row the clinic is closed around now; zero while it works today."""
        today = self.today(now)
        if self.is_working(today) and now < self.closing(today):
            return timedelta()
        first = today + DAY if self.is_working(today) else self.previous_working_day(today) + DAY
        return self.next_working_day(today) - first

    def closing(self, day: date) -> datetime:
        """When the clinic closes on a working day (17:00 where the day has no hours)."""
        spans = self.hours.get(day.weekday(), ())
        return self.at(day, max((span.closes for span in spans), default=time(17)))

    def end_of_next_working_day(self, now: datetime) -> datetime:
        return self.closing(self.next_working_day(self.today(now)))

    def end_of_this_working_day(self, now: datetime) -> datetime:
        """The closing hour of today, or of the next working day when the clinic has closed already."""
        today = self.today(now)
        if self.is_working(today) and now < self.closing(today):
            return self.closing(today)
        return self.end_of_next_working_day(now)


LONGEST_QUIET = 14
"""Steps in the search for an allowed moment: hours that never agree let nothing out, and the message expires."""


class RegionalHours(Frozen):
    """When a rule of a country or state lets people there be reached, on a wall clock where they are."""

    region: str
    """ISO 3166: a country (`US`) or a part of it (`US-TX`)."""
    channels: tuple[Channel, ...] = (Channel.SMS,)
    hours: dict[int, tuple[Span, ...]]
    """By weekday (0 is Monday), earliest first; a weekday without hours has none."""
    source: str

    def next_allowed(self, now: datetime, zone: str) -> datetime:
        """`now`, or the first instant after it within these hours; a week later where there is none."""
        today = local_date(now, zone)
        for day in (today + ahead * DAY for ahead in range(8)):
            for span in self.hours.get(day.weekday(), ()):
                if now < instant_at(day, span.closes, zone):
                    return max(now, instant_at(day, span.opens, zone))
        return now + 7 * DAY


class QuietHours(Frozen):
    """When a person is not texted, in that person's zone. Shipped: 20:00 to 09:00, on Sundays to 12:00.

    Source: 47 CFR 64.1200(c)(1) and narrower state windows, see docs/messaging-law.md; the clinic may narrow it.
    """

    starts: time = time(20)
    ends: time = time(9)
    sunday_ends: time = time(12)
    channels: tuple[Channel, ...] = tuple(Channel)
    """On which they count: an e-mail wakes nobody, so a clinic may leave it out."""
    regional: tuple[RegionalHours, ...] = ()
    """Rules of the patient's region (`domain/quiet_rules.py`): a message needs these hours as well."""

    def quiet_until(self, now: datetime, zone: str, channel: Channel = Channel.SMS) -> datetime | None:
        """The end of the quiet stretch that `now` lies in, or None."""
        allowed = self.next_allowed(now, zone, channel)
        return allowed if allowed > now else None

    def next_allowed(self, now: datetime, zone: str, channel: Channel = Channel.SMS) -> datetime:
        """`now`, or the first instant after it at which clinic and region both let the person be reached."""
        at = now
        for _ in range(LONGEST_QUIET):
            later = self._later(at, zone, channel)
            if later == at:
                return at
            at = later
        return at

    def _later(self, now: datetime, zone: str, channel: Channel) -> datetime:
        at = self._after_own(now, zone) if channel in self.channels else now
        for rule in self.regional:
            if channel in rule.channels:
                at = rule.next_allowed(at, zone)
        return at

    def _after_own(self, now: datetime, zone: str) -> datetime:
        today = local_date(now, zone)
        for day in (today, today + DAY):
            start, end = self._stretch_ending(day, zone)
            if start <= now < end:
                return end
        return now

    def _stretch_ending(self, day: date, zone: str) -> tuple[datetime, datetime]:
        ends = self.sunday_ends if day.weekday() == 6 else self.ends
        first = day - DAY if self.starts >= ends else day
        return instant_at(first, self.starts, zone), instant_at(day, ends, zone)
