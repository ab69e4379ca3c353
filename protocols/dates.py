"""Dates and times as patients read them: short for SMS, long for e-mail."""

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location

from domain.calendar import local

_PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " "})
"""CLDR's no-break spaces, one of which alone would more than double the price of an SMS."""
_CHEAP = str.maketrans("áíóú", "aiou")
"""So would the accent of `sáb`, without which the word is still read."""


def babel_locale(locale: str) -> Locale:
    """`es-MX` as Babel knows it, else its language, else English."""
    for name in (locale.replace("-", "_"), locale[:2]):
        try:
            return Locale.parse(name)
        except (ValueError, TypeError, LookupError):
            continue
    return Locale("en")


def short_date(day: date, locale: Locale) -> str:
    """Such as `Thu, Mar 4`."""
    return format_skeleton("MMMEd", day, locale=locale).translate(_PLAIN).translate(_CHEAP)


def short_visit(when: datetime, zone: str, locale: Locale, patient_zone: str | None = None) -> str:
    """Such as `Thu, Mar 4, 2:00 PM`: at most 21 characters in English, plus the city where zones differ."""
    there = local(when, zone)
    text = f"{short_date(there.date(), locale)}, {_clock(there, locale)}{_city(there, locale, patient_zone)}"
    return text.translate(_CHEAP)


def long_visit(when: datetime, zone: str, locale: Locale, patient_zone: str | None = None) -> str:
    """Such as `Thursday, March 4, 2027, 2:00 PM`."""
    there = local(when, zone)
    day = format_date(there.date(), "full", locale=locale).translate(_PLAIN)
    return f"{day}, {_clock(there, locale)}{_city(there, locale, patient_zone)}"


def _clock(there: datetime, locale: Locale) -> str:
    return format_time(there, "short", tzinfo=there.tzinfo, locale=locale).translate(_PLAIN)


def _city(there: datetime, locale: Locale, patient_zone: str | None) -> str:
    """Whose clock it is, for a patient whose own shows another time."""
    if patient_zone is None or local(there, patient_zone).utcoffset() == there.utcoffset():
        return ""
    return f" ({get_timezone_location(there, locale=locale, return_city=True)})"
