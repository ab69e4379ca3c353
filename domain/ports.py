"""Ports: what the domain's users need from the outside world. Adapters in channels/, bookings/ and store/ fill them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.messages import EmailMessage, Receipt, SentMessage, SmsMessage


class SmsSender(Protocol):
    """Hands one SMS to a provider: one POST, never a retry inside.

    Raises a subclass of `domain.errors.DeliveryError`; nothing else may escape.
    """

    async def send(self, message: SmsMessage) -> Receipt: ...

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """Messages that the provider accepted for `to` since then; settles unknown outcomes.

        Raises `NotSentError` when the provider cannot be asked now.
        """
        ...


class EmailSender(Protocol):
    """Hands one e-mail to a provider: one POST, never a retry inside. Raises like `SmsSender`."""

    async def send(self, message: EmailMessage) -> Receipt: ...

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """As for SMS; an adapter that cannot look up answers with nothing."""
        ...
