"""Every setting of Healgate, read from HEALGATE_... variables (or files of that name in HEALGATE_SECRETS_DIR)."""

import difflib
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import BadInputError
from runtime.key_ring import KeyRing
from runtime.settings_checks import disagreements, unready

PREFIX = "HEALGATE_"
SECRETS_DIR = "HEALGATE_SECRETS_DIR"
_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}

Port = Annotated[int, Field(ge=0, le=65535)]


def _plain_seconds(value: object) -> object:
    return timedelta(seconds=int(value)) if isinstance(value, str) and value.isdecimal() else value


Span = Annotated[timedelta, BeforeValidator(_plain_seconds)]


class Settings(BaseSettings):
    """All settings, checked, immutable. A field's description is what the operator is told when its value is wrong."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    temporal_address: str = Field(
        "127.0.0.1:7233", pattern=r"^\S+:\d{1,5}$", description="host:port of Temporal's frontend"
    )
    temporal_namespace: str = Field("healgate", min_length=1, description="name of a Temporal namespace")
    temporal_tls: bool = Field(False, description="true or false")
    temporal_tls_ca: Path | None = Field(None, description="PEM file of the server's CA")
    temporal_tls_cert: Path | None = Field(None, description="PEM file of the client certificate")
    temporal_tls_key: Path | None = Field(None, description="PEM file of the client key")
    temporal_api_key: SecretStr | None = Field(None, description="API key of Temporal Cloud")
    task_queue: str = Field("healgate", min_length=1, description="task queue of the journeys")
    urgent_task_queue: str = Field("urgent", min_length=1, description="unthrottled task queue of urgent replies")
    messaging_task_queue: str = Field("messaging", min_length=1, description="task queue of deliveries")

    database_url: str = Field(
        "sqlite+aiosqlite:///.healgate/healgate.db",
        repr=False,
        description="sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/database",
    )
    state_dir: Path = Field(Path(".healgate"), description="folder that Healgate may write to")
    clinic_dir: Path | None = Field(None, description="folder with the clinics' own protocols and templates")

    sms_provider: Literal["sandbox", "twilio", "console"] = Field("sandbox", description="sandbox, twilio or console")
    twilio_base_url: str | None = Field(None, description="http(s) URL that stands in for https://api.twilio.com")
    twilio_account_sid: str | None = Field(None, description="the account's SID, AC...")
    twilio_auth_token: SecretStr | None = Field(None, description="the account's auth token")

    sends_per_second: float | None = Field(
        None, gt=0, description="most hand-overs to providers per second, all workers together"
    )
    most_messages_per_hour: int = Field(
        3000, ge=1, description="more on one channel within an hour pause it and make a task"
    )

    email_provider: Literal["sandbox", "sendgrid", "smtp", "console"] = Field(
        "sandbox", description="sandbox, sendgrid, smtp or console"
    )
    sendgrid_base_url: str | None = Field(None, description="http(s) URL that stands in for https://api.sendgrid.com")
    sendgrid_api_key: SecretStr | None = Field(None, description="an API key with the right to send mail, SG....")
    sendgrid_public_key: str | None = Field(None, description="verification key of the signed event webhook")
    smtp_host: str | None = Field(None, description="name of the mail server")
    smtp_port: Port = Field(587, ge=1, description="TCP port of the mail server")
    smtp_username: str | None = Field(None, description="user at the mail server")
    smtp_password: SecretStr | None = Field(None, description="password at the mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls or none")

    payload_keys: SecretStr | None = Field(
        None, description="id:key[,older-id:key]; each key 32 bytes in base64; the first encrypts"
    )
    payload_key_file: Path | None = Field(None, description="file with what HEALGATE_PAYLOAD_KEYS would hold")
    staff_key: SecretStr | None = Field(None, min_length=16, description="bearer key of at least 16 characters")

    public_base_url: str = Field(
        "http://127.0.0.1:8080", description="http(s) URL under which patients and vendors reach the API"
    )
    api_host: str = Field("127.0.0.1", min_length=1, description="address that the API listens on")
    api_port: Port = Field(8080, description="TCP port of the API; 0 picks a free one")
    metrics_host: str = Field("127.0.0.1", min_length=1, description="address that the metrics ports listen on")
    metrics_port: Port | None = Field(None, description="TCP port of the worker's /metrics")
    temporal_metrics_port: Port | None = Field(None, ge=1, description="TCP port of the SDK's own /metrics")
    log_format: Literal["json", "console"] = Field("json", description="json or console")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    drain_timeout: Span = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        description="seconds, or ISO 8601 such as PT30S; longer than one send takes",
    )

    @field_validator("public_base_url", "twilio_base_url", "sendgrid_base_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is not None:
            TypeAdapter(AnyHttpUrl).validate_python(value)
        return value and value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _name_driver(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        driver = _DRIVERS.get(scheme, scheme)
        if not separator or driver not in _DRIVERS.values():
            raise ValueError("neither SQLite nor PostgreSQL")
        return f"{driver}://{rest}"

    @field_validator("payload_keys")
    @classmethod
    def _check_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _parse_keys(value)
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if problems := disagreements(self):
            raise ValueError("\n".join(problems))
        return self

    def require_senders(self) -> None:
        """Raise `BadInputError` when messages could not go out, or not where they are meant to; for the worker."""
        if problems := unready(self):
            raise BadInputError("\n".join(["The worker cannot send with these settings:", *_bullets(problems)]))

    def key_ring(self) -> KeyRing:
        """The keys for Temporal payloads, from the variable or the file; a missing file is made.

        Raises `BadInputError` when neither is set: there is no mode without encryption.
        """
        if self.payload_keys is not None:
            return KeyRing.parse(self.payload_keys.get_secret_value())
        if self.payload_key_file is not None:
            return KeyRing.from_file(self.payload_key_file)
        raise BadInputError(
            "HEALGATE_PAYLOAD_KEYS is not set: payloads are always encrypted. "
            'Set it to "k1:$(openssl rand -base64 32)" and keep it as safe as the database.'
        )


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises `BadInputError` with one line per wrong setting: its variable, what is wrong, what to write instead.
    """
    try:
        return Settings(_secrets_dir=os.environ.get(SECRETS_DIR), **overrides)
    except ValidationError as error:
        lines = [line for detail in error.errors(include_url=False) for line in _explain(detail)]
        raise BadInputError("\n".join(["Healgate cannot start with these settings:", *lines])) from None


def misspelt(environment: Mapping[str, str]) -> dict[str, str | None]:
    """HEALGATE_ variables that no setting has, each with the setting that was probably meant."""
    known = [name.upper() for name in Settings.model_fields]
    given = sorted(name.removeprefix(PREFIX) for name in environment if name.startswith(PREFIX))
    strange = [name for name in given if name not in known and PREFIX + name != SECRETS_DIR]
    return {PREFIX + name: _closest(name, known) for name in strange}


def _explain(detail: ErrorDetails) -> list[str]:
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return _bullets(message.splitlines())
    name = str(detail["loc"][0])
    field = Settings.model_fields.get(name)
    expected = f" Expected: {field.description}." if field else ""
    return [f"- {_variable(name)}: {message}.{expected}"]


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _closest(name: str, known: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(name, known, n=1)
    return PREFIX + close[0] if close else None


def _parse_keys(value: SecretStr) -> None:
    try:
        KeyRing.parse(value.get_secret_value())
    except BadInputError as error:
        raise ValueError(str(error)) from None
