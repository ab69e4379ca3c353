"""The circuit breaker: a channel that is refused for our set-up, or that sends far too much, rests.

What is due waits as pending rows, and goes out when the pause ends unless it has lost its use by then. The first
message after a pause is the probe. Safety texts and pages are never held back.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clinic import Clinic
from domain.incidents import channel_incident
from domain.messages import Channel
from domain.ports import Ledger, Pauses, Tasks
from domain.records import Pause

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=4)
HOUR = timedelta(hours=1)
MOST_PER_HOUR = 3000
"""Messages of one channel, all clinics together; a loop in somebody's set-up sends more (docs/operating.md)."""


@dataclass(frozen=True)
class Breaker:
    """One per process; the pauses are in the store, so that every worker keeps them."""

    pauses: Pauses
    ledger: Ledger
    tasks: Tasks
    most_per_hour: int = MOST_PER_HOUR

    async def paused_until(self, clinic: Clinic, channel: Channel, now: datetime) -> datetime | None:
        """The end of the channel's pause, None while it sends. Trips when too much was sent in the last hour."""
        pause = await self.pauses.get(clinic.id, channel)
        if pause and pause.until > now:
            return pause.until
        if await self.ledger.count_claimed(channel, now - HOUR) < self.most_per_hour:
            return None
        return await self.trip(clinic, channel, "more messages were sent within an hour than the limit allows", now)

    async def trip(self, clinic: Clinic, channel: Channel, why: str, now: datetime, code: str = "") -> datetime:
        """Pause the channel and tell the clinic's admin; each pause that did not help is twice as long."""
        before = await self.pauses.get(clinic.id, channel)
        trips = before.trips + 1 if before and now - before.until < LONGEST_PAUSE else 1
        until = now + min(FIRST_PAUSE * (1 << min(trips - 1, 10)), LONGEST_PAUSE)
        pause = Pause(clinic_id=clinic.id, channel=channel, since=now, until=until, why=code or "too_many", trips=trips)
        await self.pauses.put(pause)
        await self.tasks.open(channel_incident(uuid.uuid4().hex, clinic, channel, why, now, code=code))
        return until
