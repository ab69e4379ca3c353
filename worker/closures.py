"""Long closures: what falls due while a clinic is closed for days is handed to its covering contact.

What is opened during the closure is told at once (`activities.covering`); this finds the rest: work that was left open
when the doors closed and is due before they open again. Each task is told once, however often this runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from activities.covering import Covering
from activities.post_office import PostOffice
from domain.calendar import Calendar
from domain.records import Task
from store import Store


@dataclass(frozen=True)
class Closures:
    """May run in several workers at once: a page is a ledger row with the task's key."""

    store: Store
    post_office: PostOffice
    clock: Callable[[], datetime]

    async def hand_over(self) -> None:
        """Tell each covering contact what nobody took and what is due in the closure, if it is a long one."""
        now = self.clock()
        covering = Covering(self.post_office, self.store.clinics)
        for clinic in await self.store.clinics.all():
            calendar = clinic.main.calendar
            if clinic.main.covering is None:
                continue
            for task in await self.store.tasks.listing(clinic.id):
                if _falls_into(task, calendar, now):
                    await covering.tell(task, now)


def _falls_into(task: Task, calendar: Calendar, now: datetime) -> bool:
    """Left open when the doors closed and due before they open, or opened behind them; somebody on it is enough."""
    closed_at, opens_at = _closure(calendar, now)
    return task.owner is None and (task.opened_at >= closed_at or closed_at <= task.due < opens_at)


def _closure(calendar: Calendar, now: datetime) -> tuple[datetime, datetime]:
    """When the closure around now began, and the midnight at which it ends."""
    today = calendar.today(now)
    last = today if calendar.is_working(today) else calendar.previous_working_day(today)
    return calendar.closing(last), calendar.at(calendar.next_working_day(today), time(0))
