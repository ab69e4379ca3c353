"""The state folder (`.healgate/`) of the embedded mode: where each file lies, and the secrets made for it."""

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import BadInputError
from domain.sandbox_credentials import SANDBOX_ACCOUNT_SID
from runtime.files import private_folder, read_or_create_private, replace_private
from runtime.ports import PortBook


def _secret() -> str:
    return secrets.token_urlsafe(32)


class Secrets(BaseModel):
    """What the embedded mode invents for itself. The provider credentials are sandbox ones, which no vendor takes."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    staff_key: str = Field(default_factory=_secret, repr=False)
    booking_webhook_secret: str = Field(default_factory=_secret, repr=False)
    twilio_account_sid: str = SANDBOX_ACCOUNT_SID
    twilio_auth_token: str = Field(default_factory=_secret, repr=False)
    sendgrid_api_key: str = Field(default_factory=lambda: f"SG.sandbox.{_secret()}", repr=False)


class StateDir:
    """Layout of one state folder, made with mode 0700 if it is not there.

    Raises `BadInputError` when it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        try:
            self.path = private_folder(path.absolute())
        except OSError as error:
            raise BadInputError(
                f"the state folder {path} cannot be made ({error.strerror}): "
                "set HEALGATE_STATE_DIR to a folder that Healgate may write to."
            ) from error

    @property
    def temporal_db(self) -> Path:
        return self.path / "temporal.db"

    @property
    def database(self) -> Path:
        return self.path / "healgate.db"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox.db"

    @property
    def spool(self) -> Path:
        return private_folder(self.path / "spool")

    @property
    def lock(self) -> Path:
        """Held with flock while an embedded Temporal server uses the folder."""
        return self.path / "temporal.lock"

    @property
    def payload_keys(self) -> Path:
        return self.path / "payload-keys"

    @property
    def ports(self) -> PortBook:
        return PortBook(self.path / "ports.json")

    def log(self, process: str) -> Path:
        """The log file of a child process."""
        return private_folder(self.path / "logs") / f"{process}.log"

    def secrets(self) -> Secrets:
        """This folder's secrets, made once, in a file with mode 0600."""
        path = self.path / "secrets.json"
        text = read_or_create_private(path, lambda: Secrets().model_dump_json(indent=2) + "\n")
        try:
            known = Secrets.model_validate_json(text)
        except ValidationError:
            raise BadInputError(f"{path} is not readable as secrets; restore it, or remove it for new ones") from None
        if known.model_fields_set != set(Secrets.model_fields):
            # The file is from an older version: write down what was invented just now, or it would change every time.
            replace_private(path, known.model_dump_json(indent=2) + "\n")
        return known
