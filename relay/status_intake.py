"""Takes what providers report of failed messages into the journeys."""

from dataclasses import dataclass
from datetime import datetime

from domain.journey.events import ContactChange, DeliveryFailed
from domain.messages import Channel, DeliveryUpdate, FailureClass
from domain.patient import Consent, ConsentStatus
from domain.records import InboxRow, MessageRow
from store import Store
from store.deliveries import FAILED
from workflows.client import JourneyEndedError, Journeys


@dataclass(frozen=True)
class StatusIntake:
    """Handles inbox rows of `status`: a delivery that failed, or a contact that wants no more."""

    store: Store
    journeys: Journeys

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored report; doing it again changes nothing."""
        update = DeliveryUpdate.model_validate_json(row.body)
        message = await self.store.ledger.get(update.message_id) if update.message_id else None
        if message is None:
            return
        if (update.revokes_consent or update.failure is FailureClass.NUMBER) and message.to:
            await self._revoke(message, update, now)
        if message.journey_id:
            await self._tell(message, update, row)

    async def _revoke(self, message: MessageRow, update: DeliveryUpdate, now: datetime) -> None:
        await self.store.consents.record(
            Consent(
                clinic_id=message.clinic_id,
                channel=message.channel,
                address=message.to or "",
                status=ConsentStatus.REVOKED,
                origin=f"provider:{update.code or update.state}",
                at=now,
            )
        )

    async def _tell(self, message: MessageRow, update: DeliveryUpdate, row: InboxRow) -> None:
        """Who ends e-mails after one arrived has read it: nothing failed, and nothing goes another way."""
        assert message.journey_id is not None
        try:
            if update.revokes_consent and message.channel is Channel.SMS:
                await self.journeys.contact(message.journey_id, ContactChange(opted_out=True), f"contact-{row.id}")
            elif update.state in FAILED:
                identity = f"{message.touchpoint}:{message.step}:{message.occurrence}"
                failure = DeliveryFailed(identity=identity, channel=message.channel, failure=update.failure)
                # Named after the message: a provider that reports its failure twice is heard once.
                await self.journeys.delivery_failed(message.journey_id, failure, f"failed-{message.id}")
        except JourneyEndedError:
            return
