"""Providers inside the process: virtual time and callbacks on wall time do not mix."""

from collections.abc import Sequence
from datetime import datetime

from domain.messages import EmailMessage, Receipt, SentMessage, SmsMessage


class InProcessSms:
    """Accepts every SMS; the ledger keeps the texts."""

    async def send(self, message: SmsMessage) -> Receipt:
        return Receipt(provider_id=f"SM{message.message_id}.{message.attempt}", status="queued")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:  # noqa: ARG002 - the port's shape
        return ()


class InProcessEmail:
    """Accepts every e-mail."""

    async def send(self, message: EmailMessage) -> Receipt:
        return Receipt(provider_id=f"EM{message.message_id}.{message.attempt}", status="accepted")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:  # noqa: ARG002 - the port's shape
        return ()
