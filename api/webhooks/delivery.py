"""What a status callback or event does."""

from api.parts import ApiParts
from domain.clinic import Clinic
from domain.messages import DeliveryUpdate
from relay.delivery_news import take_news


async def apply(parts: ApiParts, clinic: Clinic, update: DeliveryUpdate, *, counted_as: str) -> None:
    """Apply one update; again it changes nothing. StoreUnavailableError asks the vendor to send it once more."""
    effect = await take_news(parts.store, clinic, update, parts.clock())
    parts.metrics.webhooks.labels(counted_as, "stored" if effect.changed else "duplicate").inc()
    parts.nudge()
