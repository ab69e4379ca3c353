"""What the sandbox remembers: texts and mails, as plain models that are kept as JSON."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field


def now() -> datetime:
    """The sandbox lives on wall time: its callbacks are real HTTP."""
    return datetime.now(UTC)


class Text(BaseModel):
    """One SMS, in Twilio's terms. `message_id` and `attempt` come from `n` and `a` of its StatusCallback."""

    sid: str
    direction: Literal["outbound-api", "outbound-reply", "inbound"]
    to: str
    sender: str
    service_sid: str | None = None
    body: str
    num_media: int = 0
    status: str
    error_code: int | None = None
    created_at: AwareDatetime = Field(default_factory=now)
    updated_at: AwareDatetime = Field(default_factory=now)
    sent_at: AwareDatetime | None = None
    send_at: AwareDatetime | None = None
    callback_url: str | None = None
    message_id: str | None = None
    attempt: int | None = None

    @property
    def patient(self) -> str:
        """The number that is not the clinic's."""
        return self.sender if self.direction == "inbound" else self.to

    @property
    def clinic(self) -> str:
        """The number that is not the patient's."""
        return self.to if self.direction == "inbound" else self.sender


class Mail(BaseModel):
    """One e-mail, in SendGrid's terms. `message_id` and `attempt` come from its custom_args."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = {}
    attachments: list[str] = []
    """File names."""
    custom_args: dict[str, str] = {}
    status: str = "processed"
    created_at: AwareDatetime = Field(default_factory=now)
    send_at: AwareDatetime | None = None
    batch_id: str | None = None
    events: list[dict[str, Any]] = []
    message_id: str | None = None
    attempt: int | None = None
