"""Keeps the Schedules of booking systems in step with the clinic files, and counts how the comparisons stand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio.client import Client

from domain.clinic import BookingSource, Cadence, Clinic
from domain.ports import BookingLists
from runtime.metrics import Metrics
from store import Store
from workflows.clinic_schedules import follow_clinics

Asked = dict[str, tuple[str, dict[str, BookingSource]]]


@dataclass
class SourceKeeper:
    """Runs in every worker; several at once, or twice, do no harm."""

    client: Client
    store: Store
    lists: BookingLists
    task_queue: str
    metrics: Metrics
    clock: Callable[[], datetime]
    _followed: Asked | None = field(default=None, init=False)

    async def keep(self) -> None:
        """What a clinic file says of its booking systems takes effect; how their comparisons stand is counted."""
        await self.follow()
        await self.count(self.clock())

    async def follow(self) -> None:
        """Bring the Schedules up to date where a clinic file has changed since this process last looked."""
        clinics = await self.store.clinics.all()
        asked = {clinic.id: (clinic.timezone, clinic.sources) for clinic in clinics}
        if asked == self._followed:
            return
        await follow_clinics(self.client, clinics, self.task_queue)
        await self._forget_removed(asked)
        self._followed = asked

    async def count(self, now: datetime) -> None:
        """Set the gauges."""
        clinics = {clinic.id: clinic for clinic in await self.store.clinics.all()}
        known = [one for one in await self.store.reconciliations.all() if one.clinic_id in clinics]
        ages = [
            now - (one.completed_at or one.first_at)
            for one in known
            if self._is_compared(clinics[one.clinic_id], one.source)
        ]
        silent = sum(one.silent_since is not None for one in known)
        self.metrics.set_sources(silent, max(ages, default=timedelta()))

    def _is_compared(self, clinic: Clinic, name: str) -> bool:
        source = clinic.sources.get(name)
        return source is not None and source.reconcile is not Cadence.OFF and self.lists.can_list(clinic, name)

    async def _forget_removed(self, asked: Asked) -> None:
        for one in await self.store.reconciliations.all():
            if one.source not in asked.get(one.clinic_id, ("", {}))[1]:
                await self.store.reconciliations.forget(one.clinic_id, one.source)
