"""What a status callback or event does: it moves the ledger at once, and what a journey must hear goes to the inbox."""

import structlog

from api.parts import ApiParts
from api.webhooks.storing import inbox_row, keep
from domain.clinic import Clinic
from domain.messages import DeliveryUpdate
from domain.records import CallbackEffect, MessageRow, Task, TaskCause, Urgency
from store.deliveries import FAILED
from workflows.ids import new_id

log = structlog.get_logger(__name__)


async def apply(parts: ApiParts, clinic: Clinic, update: DeliveryUpdate, *, counted_as: str) -> None:
    """Apply one update; again it changes nothing. StoreUnavailableError asks the vendor to send it once more."""
    effect = await parts.store.ledger.callback(update, parts.clock())
    parts.metrics.webhooks.labels(counted_as, "stored" if effect.changed else "duplicate").inc()
    if effect.row is None or effect.row.clinic_id != clinic.id:
        log.warning("delivery.orphan", source=counted_as, provider_id=update.provider_id)
        return
    if effect.duplicate_provider_id:
        await _alarm(parts, clinic, effect.row, update)
        return
    if _matters(update, effect):
        await _tell(parts, effect.row, update)


def _matters(update: DeliveryUpdate, effect: CallbackEffect) -> bool:
    """Also for a copy of a failure: the first may have died between the ledger and the inbox, which knows copies."""
    return effect.newly_failed or update.state in FAILED or update.revokes_consent


async def _tell(parts: ApiParts, row: MessageRow, update: DeliveryUpdate) -> None:
    entry = inbox_row(
        parts,
        clinic_id=row.clinic_id,
        source="status",
        delivery_id=update.event_id,
        key=f"message:{row.id}",
        body=update.model_copy(update={"message_id": row.id}).model_dump_json().encode(),
    )
    await keep(parts, entry, counted_as="status")


async def _alarm(parts: ApiParts, clinic: Clinic, row: MessageRow, update: DeliveryUpdate) -> None:
    """The provider has two messages for one row: the one thing that must never happen, so a person looks."""
    now = parts.clock()
    log.error("delivery.duplicate", message_id=row.id, provider_id=update.provider_id)
    await parts.store.tasks.open(
        Task(
            id=new_id(),
            clinic_id=clinic.id,
            scope=f"message:{row.id}",
            journey_id=row.journey_id,
            patient_id=row.patient_id,
            cause=TaskCause.INCIDENT,
            urgency=Urgency.SAME_DAY,
            due=clinic.main.calendar.end_of_this_working_day(now),
            detail={"why": "the provider sent a message twice", "provider_id": update.provider_id},
            opened_at=now,
        )
    )
