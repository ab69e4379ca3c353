"""Dates and times in search parameters: each stands for a day or a second, and a prefix names a side of it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from domain.calendar import DAY, instant_at
from domain.errors import BadInputError
from store.read_model import Between

_WRITTEN: Final = re.compile(
    r"(?P<side>eq|ge|gt|le|lt)?(?P<day>\d{4}-\d\d-\d\d)"
    r"(?P<clock>T\d\d:\d\d:\d\d(?:\.(?P<fraction>\d{1,6}))?(?:Z|[+-]\d\d:\d\d))?",
    re.ASCII,
)


def between(name: str, value: str, zone: str) -> Between:
    """What the value of that parameter allows; a day is one of the clinic's zone. BadInputError otherwise."""
    written = _WRITTEN.fullmatch(value)
    if written is None:
        raise BadInputError(
            f"{name} must be a date, or a time with seconds and zone, after eq, ge, gt, le or lt: "
            "such as ge2027-03-01 or lt2027-03-01T09:00:00Z, with + as %2B"
        )
    try:
        begins, ends = _stretch(written, zone)
    except (ValueError, OverflowError) as error:
        raise BadInputError(f"{name} is no date of the calendar") from error
    sides = {
        "ge": Between(since=begins),
        "gt": Between(since=ends),
        "lt": Between(until=begins),
        "le": Between(until=ends),
    }
    return sides.get(written["side"], Between(since=begins, until=ends))


def narrowed(one: Between, other: Between) -> Between:
    """What both allow."""
    since = [span.since for span in (one, other) if span.since]
    until = [span.until for span in (one, other) if span.until]
    return Between(since=max(since, default=None), until=min(until, default=None))


def _stretch(written: re.Match[str], zone: str) -> tuple[datetime, datetime]:
    if written["clock"] is None:
        day = date.fromisoformat(written["day"])
        return instant_at(day, time(), zone), instant_at(day + DAY, time(), zone)
    begins = datetime.fromisoformat(written["day"] + written["clock"]).astimezone(UTC)
    unit = timedelta(microseconds=10 ** (6 - len(written["fraction"] or "")))
    return begins, begins + unit
