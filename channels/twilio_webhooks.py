"""Twilio's webhooks: verified by the vendor's own validator over the raw bytes, then read.

The URL that Twilio signed is the configured public one with the raw path and query as they arrived: a proxy may have
changed Host and X-Forwarded-*, and anybody can set them.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

from channels.headers import find_header, require_secret, required_header
from channels.twilio_codes import delivery_state, failure_of
from domain.errors import BadInputError, SignatureError
from domain.messages import DeliveryUpdate, FailureClass, InboundSms

SIGNATURE_HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
MOST_FIELDS = 200
"""Twilio sends some thirty; far more is somebody trying to keep the parser busy."""


class Form:
    """A posted form: names with one or more values, blank ones kept since they are signed too."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """All values of a field; the vendor's validator asks by this name."""
        return self._values.get(name, [])

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return self._values.get(name, [default])[0]


def read_form(raw_body: bytes) -> Form:
    """Parse an URL-encoded body. Raises `BadInputError` for one that cannot be read."""
    try:
        text = raw_body.decode("utf-8")
        return Form(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadInputError("the body is not an URL-encoded UTF-8 form of a webhook's size") from None


def signed_url(public_base_url: str, raw_path: str, raw_query: str = "") -> str:
    """The URL as Twilio requested it. Raises `BadInputError` for a base URL that signatures cannot work with."""
    parts = urlsplit(public_base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BadInputError(
            "HEALGATE_PUBLIC_BASE_URL must look like https://clinic.example, without user name, query or fragment"
        )
    url = public_base_url.rstrip("/") + raw_path
    return f"{url}?{raw_query}" if raw_query else url


def verify(auth_token: str, request_url: str, raw_body: bytes, headers: Mapping[str, str]) -> Form:
    """Check that Twilio sent this, and answer its form. `request_url` comes from `signed_url`.

    Raises `SignatureError` for a missing or wrong signature or an unreadable body.
    """
    secret = require_secret(auth_token, "HEALGATE_TWILIO_AUTH_TOKEN")
    signature = required_header(headers, SIGNATURE_HEADER)
    algorithm = get_signature_algorithm(find_header(headers, SETTINGS_HEADER))
    try:
        form = read_form(raw_body)
    except BadInputError as error:
        raise SignatureError(str(error)) from None
    if not RequestValidator(secret).validate(request_url, form, signature, algorithm):
        raise SignatureError(f"{SIGNATURE_HEADER} does not fit this request")
    return form


def parse_inbound(form: Form, received_at: datetime | None = None) -> InboundSms:
    """A patient's text. Raises `BadInputError` where sender or id is missing; unknown fields are fine."""
    provider_id = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    if not provider_id or not form.get("From"):
        raise BadInputError("no MessageSid or From: set this URL as the number's message webhook alone")
    media = form.get("NumMedia")
    return InboundSms(
        provider_id=provider_id,
        sender=form.get("From"),
        to=form.get("To"),
        body=form.get("Body"),
        media_count=int(media) if media.isdigit() else 0,
        opt_out_type=form.get("OptOutType") or None,
        received_at=received_at,
    )


def parse_status(form: Form, query: str = "") -> DeliveryUpdate:
    """A status callback; `query` is its raw query string with our `n` (message id) and `a` (attempt).

    Raises `BadInputError` where MessageSid or status is missing.
    """
    provider_id = form.get("MessageSid") or form.get("SmsSid")
    status = form.get("MessageStatus") or form.get("SmsStatus")
    if not provider_id or not status:
        raise BadInputError("no MessageSid or MessageStatus: use this URL as StatusCallback alone")
    code = form.get("ErrorCode")
    ours = dict(parse_qsl(query))
    state = delivery_state(status)
    failure = failure_of(state, code)
    return DeliveryUpdate(
        event_id=f"{provider_id}:{status}:{code}",
        provider_id=provider_id,
        message_id=ours.get("n"),
        attempt=int(ours["a"]) if ours.get("a", "").isdigit() else None,
        state=state,
        failure=failure,
        code=code,
        revokes_consent=failure is FailureClass.OPTED_OUT,
        at=_done_date(form.get("RawDlrDoneDate")),
    )


def _done_date(value: str) -> datetime | None:
    """YYMMDDhhmm, the carrier's own clock; taken as UTC since Twilio names no zone."""
    try:
        return datetime.strptime(value, "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
