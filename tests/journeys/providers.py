"""Providers of messages that remember what they accepted, and can be silent, refusing or busy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from domain.errors import NotSentError, OutcomeUnknownError, RecipientUnreachableError
from domain.messages import EmailMessage, Receipt, SentMessage, SmsMessage


@dataclass
class Provider:
    """SMS and e-mail alike. `posts` are the ledger rows whose message was accepted, once per POST."""

    posts: list[str] = field(default_factory=list)
    mood: str = "well"

    async def send(self, message: SmsMessage | EmailMessage) -> Receipt:
        if self.mood == "busy":
            self.mood = "well"
            raise NotSentError("busy")
        if self.mood == "refusing":
            raise RecipientUnreachableError("30003")
        self._accept(message.message_id)
        if self.mood == "silent":
            raise OutcomeUnknownError("timeout")
        return Receipt(provider_id=f"P{message.message_id}.{message.attempt}", status="queued")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        return ()

    def _accept(self, message_id: str) -> None:
        self.posts.append(message_id)


@dataclass
class OnPaper(Provider):
    """Writes each POST to a file before it answers, so that what was accepted outlives a killed process."""

    paper: Path = Path()

    def _accept(self, message_id: str) -> None:
        with self.paper.open("a", encoding="utf-8") as paper:
            paper.write(f"{message_id}\n")
