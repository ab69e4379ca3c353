"""What webhooks and answers carry in their headers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from domain.errors import BadInputError, SignatureError


def find_header(headers: Mapping[str, str], name: str) -> str | None:
    """The value of a header, whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def required_header(headers: Mapping[str, str], name: str) -> str:
    """As `find_header`; raises `SignatureError` when it is missing or empty."""
    value = find_header(headers, name)
    if not value:
        raise SignatureError(f"the header {name} is missing")
    return value


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long a 429 asks us to wait: `Retry-After` (seconds or a date) or SendGrid's `X-RateLimit-Reset` (epoch)."""
    value = find_header(headers, "Retry-After")
    if value and value.isdigit():
        return timedelta(seconds=int(value))
    if value:
        return _until(_http_date(value), now)
    reset = find_header(headers, "X-RateLimit-Reset") or ""
    return _until(datetime.fromtimestamp(int(reset), UTC), now) if reset.isdigit() else None


def require_secret(value: str, setting: str) -> str:
    """Refuse an empty secret. Raises `BadInputError` naming the setting to mend."""
    if not value.strip():
        raise BadInputError(f"{setting} is empty; set it, or choose another provider")
    return value


def _http_date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        return None


def _until(moment: datetime | None, now: datetime) -> timedelta | None:
    return max(moment - now, timedelta(0)) if moment and moment.tzinfo else None
