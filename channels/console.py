"""Messages printed instead of sent, for trying things out without any provider."""

from collections.abc import Sequence
from datetime import datetime
from typing import TextIO
from uuid import uuid4

from domain.messages import EmailMessage, Receipt, SentMessage, SmsMessage
from domain.segments import segments


class ConsoleSms:
    """Implements `domain.ports.SmsSender` by writing to a text stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, message: SmsMessage) -> Receipt:
        """Print the text; the receipt's id is made up."""
        self._stream.write(f"SMS {message.sender} -> {message.to}\n{message.body}\n\n")
        self._stream.flush()
        return Receipt(provider_id=f"console-{uuid4().hex}", segments=segments(message.body).segments)

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:  # noqa: ARG002  # the port's shape
        """Nothing: what is printed leaves no record, and a print has no unknown outcome."""
        return []


class ConsoleEmail:
    """Implements `domain.ports.EmailSender` by writing to a text stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, message: EmailMessage) -> Receipt:
        """Print subject and plain text; the receipt's id is made up."""
        self._stream.write(f"E-mail {message.sender} -> {message.to}\n{message.subject}\n\n{message.text}\n\n")
        self._stream.flush()
        return Receipt(provider_id=f"console-{uuid4().hex}")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:  # noqa: ARG002  # the port's shape
        """Nothing, as for SMS."""
        return []
