"""Hours of a week as people write them in a file: `{mon-fri: "09:00-17:00", sat: ["09:00-12:00", "13:00-17:00"]}`."""

from datetime import time
from typing import Any

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_clock(value: object) -> object:
    """YAML 1.1 readers take 20:00 for 1200 (base 60); both spellings mean eight in the evening."""
    if isinstance(value, int) and not isinstance(value, bool):
        return time(value // 60, value % 60)
    return value


def parse_hours(value: object) -> object:
    """`{mon-fri: "09:00-17:00"}` or `{mon: ["09:00-12:00", "13:00-17:00"]}` or `{mon: {from, to}}`."""
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            "hours are written by weekday, such as {mon: '09:00-17:00', tue: '09:00-17:00'}"
        )
    return {day: tuple(_spans(spans)) for days, spans in value.items() for day in _weekdays(days)}


def _weekdays(name: object) -> range:
    """`mon`, or `mon-fri`."""
    first, _, last = str(name).partition("-")
    return range(_weekday(first), _weekday(last or first) + 1)


def _weekday(name: object) -> int:
    short = str(name)[:3].lower()
    if short not in _DAYS:
        raise ValueError(f"{name!r} is no weekday; write mon, tue, wed, thu, fri, sat or sun")
    return _DAYS.index(short)


def _spans(value: Any) -> list[dict[str, object]]:
    if not value:
        return []
    parts = value if isinstance(value, list) else [value]
    return [_span(part) for part in parts]


def _span(part: Any) -> dict[str, object]:
    if isinstance(part, dict):
        return {"opens": parse_clock(part.get("from")), "closes": parse_clock(part.get("to"))}
    opens, separator, closes = str(part).partition("-")
    if not separator:
        raise ValueError(f"{part!r} is no span; write it like 09:00-17:00")
    return {"opens": opens.strip(), "closes": closes.strip()}
