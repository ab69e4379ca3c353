"""Settings from the environment, and how wrong ones are told."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.errors import BadInputError
from runtime.key_ring import KeyRing
from runtime.settings import Settings, load_settings, misspelt

SID = "AC0123456789abcdef0123456789abcdef"
SENDGRID_KEY = "SG.aBcDeFgHiJkLmNoPqRsTuV.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJk"
PUBLIC = "https://healgate.example.com"
KEYS = KeyRing.generate().dump()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HEALGATE_{name.upper()}", raising=False)
    monkeypatch.delenv("HEALGATE_SECRETS_DIR", raising=False)


def refused(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> str:
    """The message that these variables get."""
    for name, value in environment.items():
        monkeypatch.setenv(f"HEALGATE_{name}", value)
    with pytest.raises(BadInputError) as caught:
        load_settings()
    return str(caught.value)


def test_the_defaults_are_a_sandbox_on_loopback() -> None:
    """Without any variable nothing is sent for real and nothing listens to the world."""
    settings = load_settings()
    assert (settings.sms_provider, settings.email_provider) == ("sandbox", "sandbox")
    assert settings.api_host == "127.0.0.1"
    assert settings.temporal_address == "127.0.0.1:7233"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values arrive with their types, URLs lose a last slash, and seconds may be plain numbers."""
    monkeypatch.setenv("HEALGATE_PUBLIC_BASE_URL", f"{PUBLIC}/")
    monkeypatch.setenv("HEALGATE_DRAIN_TIMEOUT", "45")
    monkeypatch.setenv("HEALGATE_API_PORT", "")
    settings = load_settings(log_level="debug")
    assert settings.public_base_url == PUBLIC
    assert settings.drain_timeout == timedelta(seconds=45)
    assert (settings.api_port, settings.log_level) == (8080, "debug")


def test_secrets_may_lie_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file named like the variable, as containers mount them, is as good as the variable."""
    (tmp_path / "healgate_staff_key").write_text("a-staff-key-of-some-length\n")
    monkeypatch.setenv("HEALGATE_SECRETS_DIR", str(tmp_path))
    key = load_settings().staff_key
    assert key is not None
    assert key.get_secret_value() == "a-staff-key-of-some-length"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db/healgate", "postgresql+asyncpg://u:p@db/healgate"),
        ("postgresql+asyncpg://u:p@db/healgate", "postgresql+asyncpg://u:p@db/healgate"),
        ("sqlite:////var/lib/healgate.db", "sqlite+aiosqlite:////var/lib/healgate.db"),
    ],
)
def test_database_urls_get_the_async_driver(given: str, used: str) -> None:
    """The usual short forms are completed."""
    assert load_settings(database_url=given).database_url == used


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_PORT", "eighty"),
        ("API_PORT", "70000"),
        ("SMS_PROVIDER", "carrier-pigeon"),
        ("TEMPORAL_ADDRESS", "localhost"),
        ("DATABASE_URL", "mysql://u:hunter2@db/x"),
        ("PUBLIC_BASE_URL", "healgate.example.com"),
        ("DRAIN_TIMEOUT", "0"),
        ("PAYLOAD_KEYS", "k1:aHVudGVyMg=="),
        ("STAFF_KEY", "hunter2"),
        ("TEMPORAL_TLS_CA", "/nonexistent/ca.pem"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One line says which variable is wrong; secrets in it are not repeated."""
    message = refused(monkeypatch, {name: value})
    lines = message.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"- HEALGATE_{name}: ")
    assert "hunter2" not in message
    assert "aHVudGVyMg" not in message


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to mend settings one start at a time."""
    message = refused(monkeypatch, {"API_PORT": "x", "LOG_FORMAT": "xml"})
    assert "- HEALGATE_API_PORT: " in message
    assert "Expected: json or console." in message


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"TWILIO_ACCOUNT_SID": SID}, "HEALGATE_TWILIO_ACCOUNT_SID"),
        ({"TWILIO_BASE_URL": "https://api.twilio.com"}, "HEALGATE_TWILIO_BASE_URL"),
        ({"SENDGRID_API_KEY": SENDGRID_KEY}, "HEALGATE_SENDGRID_API_KEY"),
        ({"SENDGRID_BASE_URL": "https://api.eu.sendgrid.com"}, "HEALGATE_SENDGRID_BASE_URL"),
    ],
)
def test_the_sandbox_refuses_the_real_world(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], variable: str
) -> None:
    """A live credential or the vendor's own address beside a sandbox provider stops the start."""
    assert f"- {variable}: " in refused(monkeypatch, environment)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": "ACsandbox1"}, "HEALGATE_TWILIO_ACCOUNT_SID"),
        ({"SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": SID}, "HEALGATE_TWILIO_AUTH_TOKEN"),
        ({"EMAIL_PROVIDER": "sendgrid", "SENDGRID_API_KEY": "SG.sandbox.x"}, "HEALGATE_SENDGRID_API_KEY"),
        ({"EMAIL_PROVIDER": "sendgrid"}, "HEALGATE_SENDGRID_API_KEY"),
        ({"EMAIL_PROVIDER": "smtp"}, "HEALGATE_SMTP_HOST"),
    ],
)
def test_real_providers_need_real_credentials(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], variable: str
) -> None:
    """A sandbox credential, or none, beside a real provider stops the start."""
    assert f"- {variable}: " in refused(monkeypatch, {"PUBLIC_BASE_URL": PUBLIC, **environment})


def test_real_sending_needs_a_reachable_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real Twilio, callbacks to loopback would be lost, so the start is refused."""
    live = {"SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": "t" * 32}
    assert "- HEALGATE_PUBLIC_BASE_URL: " in refused(monkeypatch, live)
    assert load_settings(public_base_url=PUBLIC).sms_provider == "twilio"
    assert load_settings(twilio_base_url="http://127.0.0.1:1").sms_provider == "twilio"


def test_a_worker_does_not_send_sandbox_messages_to_the_vendor() -> None:
    """Without the sandbox's own address the worker is refused; `healgate up` sets all that is named."""
    with pytest.raises(BadInputError) as caught:
        load_settings(email_provider="console").require_senders()
    assert "- HEALGATE_TWILIO_BASE_URL: is not set" in str(caught.value)
    assert "SENDGRID" not in str(caught.value)
    load_settings(sms_provider="console", email_provider="console").require_senders()


def test_placeholders_are_not_taken_for_live() -> None:
    """The all-zero SID of examples may stand in a sandbox."""
    assert load_settings(twilio_account_sid="AC" + "0" * 32).sms_provider == "sandbox"


def test_half_a_client_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate without its key cannot work."""
    certificate = tmp_path / "client.pem"
    certificate.write_text("pem")
    assert "belong together" in refused(monkeypatch, {"TEMPORAL_TLS_CERT": str(certificate)})


def test_settings_do_not_show_secrets() -> None:
    """Settings, and errors about them, give no password away in a log line or a traceback."""
    settings = load_settings(database_url="postgres://u:hunter2@db/x", staff_key="hunter2-hunter2-hunter2")
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValidationError) as caught:
        Settings(database_url="mysql://u:hunter2@db/x")
    assert "hunter2" not in str(caught.value)


def test_the_key_ring_comes_from_the_variable_or_the_file(tmp_path: Path) -> None:
    """The variable wins, a named file is made when it is missing, and neither is refused with the mend."""
    path = tmp_path / "keys"
    assert load_settings(payload_keys=KEYS, payload_key_file=path).key_ring() == KeyRing.parse(KEYS)
    assert load_settings(payload_key_file=path).key_ring() == KeyRing.from_file(path)
    with pytest.raises(BadInputError, match="openssl rand"):
        load_settings().key_ring()


def test_misspelt_variables_are_found() -> None:
    """A HEALGATE_ variable that no setting has is told, with the one that was probably meant."""
    environment = {"HEALGATE_SMS_PROVDER": "twilio", "HEALGATE_API_PORT": "1", "HEALGATE_QQQQ": "", "HOME": "/"}
    assert misspelt(environment) == {"HEALGATE_QQQQ": None, "HEALGATE_SMS_PROVDER": "HEALGATE_SMS_PROVIDER"}
