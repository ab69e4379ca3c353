"""The relay: takes stored webhooks into the journeys, oldest first, one at a time per phone or booking.

A row is done only when its update has completed. While Temporal or a worker is away the rows wait and nothing is lost;
a row that can never be applied blocks only its own key, and becomes a task.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from domain.errors import HealgateError
from domain.records import InboxRow, Task, TaskCause, Urgency
from store import Store
from workflows.ids import new_id

BATCH = 20
POLL = timedelta(milliseconds=150)
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(seconds=15)
"""What came in while Temporal or the workers were away waits hardly longer than their return."""
UNEXPECTED_TRIES = 12
"""A row that fails for a reason nobody foresaw is tried this often (some two minutes) before it counts as poison."""

Handler = Callable[[InboxRow, datetime], Awaitable[None]]
log = structlog.get_logger(__name__)


@dataclass
class Relay:
    """Runs in every worker; the inbox's leases keep two relays from taking the same row."""

    store: Store
    handlers: Mapping[str, Handler]
    """By the row's source; `booking` takes every `booking:<source>`."""
    clock: Callable[[], datetime]
    observe: Callable[[str], None] = lambda _outcome: None
    """Counts what became of each try: done, retry or poison."""
    nudge: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whoever has just stored a row in this process, so that it does not wait for the next look."""

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; an outage of the database is waited out."""
        under_way: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            try:
                rows = await self.store.inbox.next_batch(self.clock(), BATCH - len(under_way))
            except HealgateError as error:
                log.warning("relay.waits", error=type(error).__name__)
                rows = []
            for row in rows:
                task = asyncio.create_task(self._take(row))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if not rows or len(under_way) >= BATCH:
                await self._rest()
        await asyncio.gather(*under_way)

    async def once(self) -> int:
        """Take one batch and wait for all of it; returns how many rows were tried."""
        rows = await self.store.inbox.next_batch(self.clock(), BATCH)
        await asyncio.gather(*(self._take(row) for row in rows))
        return len(rows)

    async def _rest(self) -> None:
        self.nudge.clear()
        try:
            await asyncio.wait_for(self.nudge.wait(), POLL.total_seconds())
        except TimeoutError:
            return

    async def _take(self, row: InboxRow) -> None:
        kind = row.source.split(":")[0]
        try:
            await self.handlers[kind](row, self.clock())
        except HealgateError as error:
            await self._failed(row, error, for_good=not error.retryable)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other keys must go on
            await self._failed(row, error, for_good=row.attempts + 1 >= UNEXPECTED_TRIES)
        else:
            await self.store.inbox.done(row.id, self.clock())
            self.observe("done")

    async def _failed(self, row: InboxRow, error: Exception, *, for_good: bool) -> None:
        code = type(error).__name__
        log.warning("relay.failed", row=row.id, source=row.source, error=code, attempts=row.attempts + 1)
        if for_good:
            await self.store.inbox.poison(row.id, code, self.clock())
            self.observe("poison")
            await self._hand_to_a_person(row, code)
            return
        self.observe("retry")
        await self.store.inbox.retry(row.id, code, self.clock() + _pause(row.attempts, error))

    async def _hand_to_a_person(self, row: InboxRow, code: str) -> None:
        clinic = await self.store.clinics.get(row.clinic_id)
        now = self.clock()
        await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=row.clinic_id,
                scope=f"inbox:{row.id}",
                cause=TaskCause.INCIDENT,
                urgency=Urgency.SAME_DAY,
                due=clinic.main.calendar.end_of_this_working_day(now),
                detail={"why": "a stored delivery could not be applied", "error": code},
                opened_at=now,
            )
        )


def _pause(attempts: int, error: Exception) -> timedelta:
    """Doubling, or what a vendor asks for; with a little chance so that many rows do not come back at once."""
    asked = getattr(error, "retry_after", None) or timedelta()
    pause = max(min(FIRST_RETRY * (1 << min(attempts, 10)), LONGEST_RETRY), asked)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
