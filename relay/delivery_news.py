"""What a provider says became of a message: it moves the ledger, and what a journey must hear goes to the inbox.

Callbacks, events and look-ups all come this way.
"""

from datetime import datetime

import structlog

from domain.clinic import Clinic
from domain.incidents import message_incident
from domain.messages import DeliveryUpdate
from domain.records import CallbackEffect, InboxRow, MessageRow
from store import Store
from store.deliveries import FAILED
from workflows.ids import new_id

log = structlog.get_logger(__name__)


async def take_news(store: Store, clinic: Clinic, update: DeliveryUpdate, now: datetime) -> CallbackEffect:
    """Apply one update; again it changes nothing. Raises StoreUnavailableError: then it must come once more."""
    effect = await store.ledger.callback(update, now)
    if effect.row is None or effect.row.clinic_id != clinic.id:
        log.warning("delivery.orphan", provider_id=update.provider_id)
    elif effect.duplicate_provider_id:
        await _alarm(store, clinic, effect.row, update.provider_id, now)
    elif _matters(update, effect):
        await store.inbox.put(_to_be_told(effect.row, update, now))
    return effect


def _matters(update: DeliveryUpdate, effect: CallbackEffect) -> bool:
    """Also for a copy of a failure: the first may have died between the ledger and the inbox, which knows copies."""
    return effect.newly_failed or update.state in FAILED or update.revokes_consent


def _to_be_told(row: MessageRow, update: DeliveryUpdate, now: datetime) -> InboxRow:
    return InboxRow(
        id=new_id(),
        clinic_id=row.clinic_id,
        source="status",
        delivery_id=update.event_id,
        key=f"message:{row.id}",
        body=update.model_copy(update={"message_id": row.id}).model_dump_json().encode(),
        received_at=now,
        next_try_at=now,
    )


async def _alarm(store: Store, clinic: Clinic, row: MessageRow, provider_id: str, now: datetime) -> None:
    """The provider has two messages for one row: the one thing that must never happen, so a person looks."""
    log.error("delivery.duplicate", message_id=row.id, provider_id=provider_id)
    why = "the provider sent a message twice"
    await store.tasks.open(message_incident(new_id(), row, clinic, why, now, provider_id=provider_id))
