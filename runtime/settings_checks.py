"""Settings that are right alone but wrong together: above all sandbox and real providers mixed up."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.sandbox_credentials import is_sandbox_account_sid, is_sandbox_sendgrid_key

if TYPE_CHECKING:
    from runtime.settings import Settings

# Shapes of live credentials: twilio.com/docs/iam/api/account, sendgrid.com/docs (API keys).
_REAL_SID = re.compile(r"AC[0-9a-f]{32}")
_REAL_SENDGRID = re.compile(r"SG\.[\w-]{16,}\.[\w-]{32,}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def disagreements(settings: "Settings") -> list[str]:
    """One line for each pair of settings that cannot both be meant: what is wrong, and the mend."""
    return [*_sms(settings), *_email(settings), *_reachable(settings), *_temporal(settings)]


def unready(settings: "Settings") -> list[str]:
    """What a sandbox provider lacks: without its own address, its messages would go to the real vendor."""
    return [
        *_needed(
            f"HEALGATE_SMS_PROVIDER={settings.sms_provider}",
            HEALGATE_TWILIO_BASE_URL=settings.twilio_base_url,
            HEALGATE_TWILIO_ACCOUNT_SID=settings.twilio_account_sid,
            HEALGATE_TWILIO_AUTH_TOKEN=settings.twilio_auth_token,
            when=settings.sms_provider == "sandbox",
        ),
        *_needed(
            f"HEALGATE_EMAIL_PROVIDER={settings.email_provider}",
            HEALGATE_SENDGRID_BASE_URL=settings.sendgrid_base_url,
            HEALGATE_SENDGRID_API_KEY=settings.sendgrid_api_key,
            when=settings.email_provider == "sandbox",
        ),
    ]


def _sms(settings: "Settings") -> Iterator[str]:
    sid, token = settings.twilio_account_sid or "", settings.twilio_auth_token
    if settings.sms_provider == "sandbox":
        if _looks_live(_REAL_SID, sid) and not is_sandbox_account_sid(sid):
            yield _live_in_sandbox("HEALGATE_TWILIO_ACCOUNT_SID", "HEALGATE_SMS_PROVIDER=twilio")
        yield from _vendor_url("HEALGATE_TWILIO_BASE_URL", settings.twilio_base_url, "twilio.com")
    if settings.sms_provider == "twilio":
        if is_sandbox_account_sid(sid):
            yield _sandbox_in_live("HEALGATE_TWILIO_ACCOUNT_SID", "HEALGATE_SMS_PROVIDER=sandbox")
        yield from _needed(
            "HEALGATE_SMS_PROVIDER=twilio", HEALGATE_TWILIO_ACCOUNT_SID=sid, HEALGATE_TWILIO_AUTH_TOKEN=token
        )


def _email(settings: "Settings") -> Iterator[str]:
    key = settings.sendgrid_api_key.get_secret_value() if settings.sendgrid_api_key else ""
    if settings.email_provider == "sandbox":
        if _looks_live(_REAL_SENDGRID, key) and not is_sandbox_sendgrid_key(key):
            yield _live_in_sandbox("HEALGATE_SENDGRID_API_KEY", "HEALGATE_EMAIL_PROVIDER=sendgrid")
        yield from _vendor_url("HEALGATE_SENDGRID_BASE_URL", settings.sendgrid_base_url, "sendgrid.com")
    if settings.email_provider == "sendgrid":
        if is_sandbox_sendgrid_key(key):
            yield _sandbox_in_live("HEALGATE_SENDGRID_API_KEY", "HEALGATE_EMAIL_PROVIDER=sandbox")
        yield from _needed("HEALGATE_EMAIL_PROVIDER=sendgrid", HEALGATE_SENDGRID_API_KEY=key)
    if settings.email_provider == "smtp":
        yield from _needed("HEALGATE_EMAIL_PROVIDER=smtp", HEALGATE_SMTP_HOST=settings.smtp_host)


def _reachable(settings: "Settings") -> Iterator[str]:
    """A vendor on the internet cannot call back to loopback, and patients' links must be https."""
    sends_live = (settings.sms_provider == "twilio" and settings.twilio_base_url is None) or (
        settings.email_provider == "sendgrid" and settings.sendgrid_base_url is None
    )
    url = urlsplit(settings.public_base_url)
    if sends_live and (url.scheme != "https" or url.hostname in _LOOPBACK):
        yield (
            "HEALGATE_PUBLIC_BASE_URL: patients and vendors cannot reach this address; "
            "set it to the https URL of your API, such as https://healgate.example-clinic.com."
        )


def _temporal(settings: "Settings") -> Iterator[str]:
    cert, key = settings.temporal_tls_cert, settings.temporal_tls_key
    if (cert is None) != (key is None):
        yield "HEALGATE_TEMPORAL_TLS_CERT and HEALGATE_TEMPORAL_TLS_KEY belong together: set both, or neither."
    for name in ("temporal_tls_ca", "temporal_tls_cert", "temporal_tls_key"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            yield f"HEALGATE_{name.upper()}: there is no file {path}."


def _looks_live(shape: re.Pattern[str], value: str) -> bool:
    """Placeholders such as ACxxxx or AC000... in trials and tests are not live."""
    return shape.fullmatch(value) is not None and len(set(value)) > 6


def _vendor_url(variable: str, url: str | None, vendor: str) -> Iterator[str]:
    host = urlsplit(url or "").hostname or ""
    if host == vendor or host.endswith(f".{vendor}"):
        yield f"{variable}: points at the real {vendor} while the provider is sandbox; point it at the sandbox."


def _live_in_sandbox(variable: str, mend: str) -> str:
    return f"{variable}: looks like a live credential while the provider is sandbox; remove it, or set {mend}."


def _sandbox_in_live(variable: str, mend: str) -> str:
    return f"{variable}: is a sandbox credential, with which nothing can be sent; set a live one, or {mend}."


def _needed(because: str, *, when: bool = True, **values: str | SecretStr | None) -> Iterator[str]:
    for variable, value in values.items():
        if when and not value:
            yield f"{variable}: is not set, but {because} needs it."
