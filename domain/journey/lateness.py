"""Messages whose time has passed: a service that was down, a treatment recorded late, a visit booked at short notice.

The protocol says for each touchpoint what then happens (`late`): it goes out all the same, is skipped, is shifted to
the next morning, or waits until staff says that it still makes sense.
"""

from datetime import datetime, timedelta

from domain.calendar import DAY, QuietHours
from domain.journey.facts import MINUTE, Due, Facts
from domain.journey.touchpoints import Touchpoints

LATE_AFTER = timedelta(hours=1)
"""Less is the ordinary delay of a busy line or a restart."""


def is_late(due: Due, now: datetime, hours: QuietHours, zone: str) -> bool:
    """More than an hour past the moment at which it should have gone out; waiting for quiet hours is no lateness."""
    return now > _planned(due, hours, zone) + LATE_AFTER


def _planned(due: Due, hours: QuietHours, zone: str) -> datetime:
    moment = max(due.due_at, due.counts_from or due.due_at)
    return min(hours.next_allowed(moment, zone, channel) for channel in due.channels)


class Lateness:
    """Moves late messages, and knows which of them wait for a person's word."""

    def __init__(self, facts: Facts, touchpoints: Touchpoints) -> None:
        self._facts = facts
        self._touchpoints = touchpoints

    def dealt_with(self, due: Due, at: datetime) -> datetime:
        """When a message that would go out at `at` may: the same, the next morning, or not before it has expired."""
        if (due.shift_to is None and not due.asks_staff) or not self._is_late(due, at):
            return at
        if due.shift_to is not None:
            return self._next_morning(due, at)
        return max(at, due.expires_at)

    def marked(self, due: Due, now: datetime) -> Due:
        """The message as it is handed over: its lateness counts anew from the moment it was shifted to, or approved."""
        if due.shift_to is None and not due.asks_staff:
            return due
        counts_from = self._facts.approved.get(due.identity) if due.asks_staff else now
        return due.model_copy(update={"counts_from": counts_from})

    def waiting(self, now: datetime) -> list[Due]:
        """Late messages that still make sense if staff says so."""
        asking = (due for due in self._touchpoints.pending() if due.asks_staff)
        return [due for due in asking if due.due_at <= now < due.expires_at and self._is_late(due, now)]

    def next_moments(self) -> list[datetime]:
        """When a message begins to wait for staff by the passing of time alone."""
        asking = (due for due in self._touchpoints.pending() if due.asks_staff)
        return [_planned(due, *self._hours) + LATE_AFTER + MINUTE for due in asking]

    def approve(self, names: tuple[str, ...], now: datetime) -> bool:
        """Staff says that these (none named: all that wait) go out now; False when none of them waits."""
        chosen = [due for due in self.waiting(now) if not names or due.key in names]
        self._facts.approved |= {due.identity: now for due in chosen}
        return bool(chosen)

    def _is_late(self, due: Due, now: datetime) -> bool:
        approved = self._facts.approved.get(due.identity)
        planned = due.model_copy(update={"counts_from": approved}) if approved else due
        return is_late(planned, now, *self._hours)

    @property
    def _hours(self) -> tuple[QuietHours, str]:
        return self._facts.quiet_hours, self._facts.patient_zone

    def _next_morning(self, due: Due, at: datetime) -> datetime:
        """The next time its clock strikes where the clinic is; within the hour after that it is not too late."""
        calendar, clock = self._facts.calendar, due.shift_to
        assert clock is not None
        hours, zone = self._hours
        for day in (calendar.today(at), calendar.today(at) + DAY):
            morning = hours.next_allowed(calendar.at(day, clock), zone, due.channels[0])
            if at <= morning + LATE_AFTER:
                return max(at, morning)
        return at
