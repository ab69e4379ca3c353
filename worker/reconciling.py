"""`healgate reconcile`: compare a clinic's booking systems with the store now, and print what differs."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from activities.reconcile import Reconcile
from domain.clinic import Clinic
from domain.errors import BadInputError
from domain.reconciliation import Comparison
from runtime.settings import Settings
from store import Database, Store
from worker.assemble import named_secret
from worker.booking_lists import VendorLists

Echo = Callable[[str], None]


async def reconcile(
    settings: Settings, clinic_id: str, source: str | None, *, dry_run: bool, as_json: bool, echo: Echo
) -> None:
    """One line per difference, then one per source. Without `dry_run` the differences go into the inbox.

    BadInputError names a source that cannot be compared, and why.
    """
    database = Database(settings.database_url)
    try:
        store = Store(database)
        clinic = await store.clinics.get(clinic_id)
        lists = VendorLists(named_secret)
        for name in _chosen(clinic, source, lists):
            work = Reconcile(store.clinics, store.bookings, store.inbox, store.tasks, store.reconciliations, lists)
            await _one(work, store, clinic, name, dry_run=dry_run, say=_speaker(echo, as_json=as_json))
    finally:
        await database.close()


def _chosen(clinic: Clinic, source: str | None, lists: VendorLists) -> list[str]:
    if source is not None and source not in clinic.sources:
        known = ", ".join(sorted(clinic.sources)) or "none"
        raise BadInputError(f"clinic {clinic.id} has no booking system {source!r}; it has {known}")
    if source is not None and not lists.can_list(clinic, source):
        raise BadInputError(f"{source} cannot be reconciled: {lists.why_not(clinic, source)}")
    chosen = [name for name in clinic.sources if lists.can_list(clinic, name)] if source is None else [source]
    if not chosen:
        reasons = [f"{name} cannot be reconciled: {lists.why_not(clinic, name)}" for name in clinic.sources]
        raise BadInputError("\n".join(reasons) or f"clinic {clinic.id} has no booking system")
    return chosen


async def _one(
    work: Reconcile, store: Store, clinic: Clinic, name: str, *, dry_run: bool, say: Callable[[dict[str, Any]], None]
) -> None:
    now = datetime.now(UTC)
    comparison = await work.compared(clinic, name, now)
    for line in _lines(name, comparison):
        say(line)
    total = {"source": name, "differences": len(comparison.differences), "vanished": len(comparison.vanished)}
    if not dry_run:
        known = await store.reconciliations.get(clinic.id, name, now)
        total["applied"] = (await work.apply(clinic, known, comparison, now)).applied
    say(total)


def _lines(source: str, comparison: Comparison) -> Iterator[dict[str, Any]]:
    for one in comparison.differences:
        event = one.event
        starts_at = event.starts_at.isoformat() if event.starts_at else None
        line = {"source": source, "what": one.what.value, "ref": event.booking_ref, "kind": event.kind.value}
        yield {**line, "starts_at": starts_at, "previous_ref": event.previous_booking_ref}
    for booking in comparison.vanished:
        yield {"source": source, "what": "vanished", "ref": booking.ref, "starts_at": booking.starts_at.isoformat()}


def _speaker(echo: Echo, *, as_json: bool) -> Callable[[dict[str, Any]], None]:
    def say(line: dict[str, Any]) -> None:
        plain = "  ".join(f"{name} {value}" for name, value in line.items() if value is not None)
        echo(json.dumps(line) if as_json else plain)

    return say
