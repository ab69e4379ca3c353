"""Sends a message once more where nobody knows whether it was sent, and its touchpoint allows that."""

from dataclasses import dataclass
from datetime import datetime

from domain.journey.events import SendAgain
from domain.records import InboxRow, MessageRow, MessageState, SkipReason
from store import Store
from workflows.client import JourneyEndedError, Journeys

RESEND = "resend"
"""Source of the inbox rows that ask for it; their body is the message's id."""


@dataclass(frozen=True)
class ResendIntake:
    """Frees the row for another claim and tells its journey; consent, hours and booking are checked again there."""

    store: Store
    journeys: Journeys

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Doing it again changes nothing. A row that was settled meanwhile stays as it is."""
        message = await self.store.ledger.get(row.body.decode())
        freed = await self.store.ledger.resend(message.id, now)
        if (freed or message.state is MessageState.PENDING) and message.is_of_journey:
            await self._tell(message, row, now)

    async def _tell(self, message: MessageRow, row: InboxRow, now: datetime) -> None:
        assert message.journey_id is not None
        again = SendAgain(key=message.touchpoint, step=message.step, occurrence=message.occurrence)
        try:
            await self.journeys.send_again(message.journey_id, again, f"resend-{row.id}")
        except JourneyEndedError:
            await self.store.ledger.skip(message.id, SkipReason.SUPERSEDED, now)
