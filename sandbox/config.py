"""What the sandbox is told when it starts."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.errors import BadInputError
from domain.sandbox_credentials import (
    SANDBOX_ACCOUNT_SID,
    is_sandbox_account_sid,
    is_sandbox_sendgrid_key,
)


class SandboxConfig(BaseModel):
    """Settings of one sandbox. Refuses credentials that could be real, with `BadInputError`."""

    model_config = ConfigDict(extra="forbid")

    account_sid: str = SANDBOX_ACCOUNT_SID
    auth_token: str = Field(default="sandbox-auth-token", min_length=8)
    sendgrid_api_key: str = "SG.sandbox.key"
    state_file: Path | None = None
    """SQLite file of the sandbox's own; None keeps everything in memory."""
    inbound_url: str | None = None
    """Where patients' texts are posted, unless `inbound_urls` names the number that they wrote to."""
    inbound_urls: dict[str, str] = {}
    event_url: str | None = None
    """SendGrid's event webhook."""
    service_number: str = "+15005550010"
    """The number behind every Messaging Service SID."""
    step_seconds: float = Field(default=0.05, ge=0)
    """Between two status changes of a message, before `time_scale`."""
    time_scale: float = Field(default=1.0, gt=0)
    """2 halves every wait."""
    seed: int = 0
    """Of the fault plan's chances."""
    signature: Literal["sha1", "sha256"] = "sha1"
    advanced_opt_out: bool = False
    """Adds OptOutType to inbound webhooks, as Twilio's Advanced Opt-Out does."""

    @model_validator(mode="after")
    def _refuse_real_credentials(self) -> Self:
        if not is_sandbox_account_sid(self.account_sid):
            raise BadInputError(f"the sandbox's account SID must start with AC00000000; try {SANDBOX_ACCOUNT_SID}")
        if not is_sandbox_sendgrid_key(self.sendgrid_api_key):
            raise BadInputError("the sandbox's SendGrid key must start with SG.sandbox; a real key must never get here")
        return self

    def scaled(self, seconds: float) -> float:
        """Seconds to wait in fact."""
        return seconds / self.time_scale
