"""SendGrid: send an e-mail and find it again. Its event webhook is read in `sendgrid_events`.

We build the JSON and use the vendor's package as transport alone: its mail helpers have open bugs, its client knows no
default time-out.
"""

import errno
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from python_http_client.client import Client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from channels.blocking import in_thread
from channels.headers import require_secret, retry_after
from channels.quiet import quiet_vendor_loggers
from domain.errors import (
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    RecipientUnreachableError,
    RejectedError,
)
from domain.messages import DeliveryState, EmailMessage, Receipt, SentMessage

quiet_vendor_loggers()

T = TypeVar("T")
MESSAGE_ID_ARG = "healgate_message_id"
ATTEMPT_ARG = "healgate_attempt"
VENDOR_URL = "https://api.sendgrid.com"
LOOKUP_LIMIT = 20
"""Messages whose detail is read in one look-up: each costs a request of its own."""

_NEVER_LEFT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH}
_STATUS_REFUSALS: dict[int, type[RejectedError]] = {
    401: ChannelMisconfiguredError,
    403: ChannelMisconfiguredError,
    404: ChannelMisconfiguredError,
    405: ChannelMisconfiguredError,
    413: ContentRefusedError,
    415: ChannelMisconfiguredError,
}
_FIELD_REFUSALS: tuple[tuple[str, type[RejectedError]], ...] = (
    ("personalizations.0.to", RecipientUnreachableError),
    ("from", ChannelMisconfiguredError),
    ("reply_to", ChannelMisconfiguredError),
    ("subject", ContentRefusedError),
    ("content", ContentRefusedError),
    ("attachments", ContentRefusedError),
)
_LOG_STATES: dict[str, DeliveryState] = {
    "processed": DeliveryState.QUEUED,
    "deferred": DeliveryState.SENDING,
    "delivered": DeliveryState.DELIVERED,
    "bounced": DeliveryState.UNDELIVERED,
    "blocked": DeliveryState.UNDELIVERED,
    "dropped": DeliveryState.FAILED,
}


class SendGridEmail:
    """Implements `domain.ports.EmailSender` by the `sendgrid` package: one POST per call.

    `base_url` None means SendGrid itself; `timeout` is in seconds. Raises `BadInputError` for an empty key.
    """

    def __init__(self, api_key: str, *, base_url: str | None = None, timeout: float = 10.0) -> None:
        self._timeout = timeout
        key = require_secret(api_key, "HEALGATE_SENDGRID_API_KEY")
        self._api = SendGridAPIClient(key, host=(base_url or VENDOR_URL).rstrip("/"))
        self._api.client = _Client(self._api.host, self._api.client.request_headers, version=3, timeout=timeout)

    async def send(self, message: EmailMessage) -> Receipt:
        """Hand one e-mail to SendGrid. Raises a subclass of `DeliveryError`.

        Only 202 with an id is an acceptance: 200 would mean that the vendor's sandbox mode swallowed the mail.
        """
        response = await self._call(partial(self._api.client.mail.send.post, request_body=payload(message)))
        provider_id = response.headers.get("X-Message-Id")
        if response.status_code != 202 or not provider_id:
            raise OutcomeUnknownError(f"http-{response.status_code}")
        return Receipt(provider_id=provider_id, status="accepted")

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """What the Email Logs API knows of `to` since then; nothing on an account without that API.

        Bodies are not listed: `message_id` tells which row a message belongs to. Raises `NotSentError` otherwise.
        """
        try:
            summaries = await self._summaries(to, since)
            return [await self._detailed(one) for one in summaries]
        except ChannelMisconfiguredError:
            return []
        except DeliveryError as error:
            raise NotSentError(error.code, retry_after=error.retry_after) from None
        except (ValueError, TypeError, LookupError, AttributeError):
            raise NotSentError("unreadable") from None

    async def _summaries(self, to: str, since: datetime) -> list[dict[str, Any]]:
        if '"' in to:
            return []  # a quoted local part cannot be written in the vendor's query language
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = f'to_email = "{to}" AND sg_message_id_created_at >= TIMESTAMP "{moment}"'
        body = {"query": query, "limit": LOOKUP_LIMIT}
        found = await self._json(partial(self._api.client.logs.post, request_body=body))
        return list(found["messages"])

    async def _detailed(self, summary: Mapping[str, Any]) -> SentMessage:
        log_id = summary["sg_message_id"]
        detail = await self._json(self._api.client.logs._(log_id).get)
        return SentMessage(
            provider_id=log_id.split(".")[0],
            to=summary["to_email"],
            body="",
            created_at=datetime.fromisoformat(summary["sg_message_id_created_at"]),
            state=_LOG_STATES.get(summary["status"], DeliveryState.ACCEPTED),
            message_id=_logged_message_id(detail),
        )

    async def _json(self, call: Callable[[], Any]) -> dict[str, Any]:
        response = await self._call(call)
        return dict(json.loads(response.body))

    async def _call(self, call: Callable[[], T]) -> T:
        return await in_thread(partial(_translated, call), self._timeout)


class _Client(Client):  # type: ignore[misc]  # the package ships no types
    """The package's HTTP client with an opener of our own.

    It follows no redirect, since urllib would hand the key to whatever it points to, and uses no proxy on loopback.
    """

    def _build_client(self, name: str | None = None) -> "_Client":
        path = [*self._url_path, name] if name else self._url_path
        return _Client(self.host, self.request_headers, version=self._version, url_path=path, timeout=self.timeout)

    def _make_request(self, opener: object, request: Request, timeout: float | None = None) -> Any:  # noqa: ARG002
        local = urlsplit(self.host).hostname in {"127.0.0.1", "localhost", "::1"}
        direct = build_opener(_NoRedirect, *([ProxyHandler({})] if local else []))
        return super()._make_request(direct, request, timeout)


class _NoRedirect(HTTPRedirectHandler):
    """Leaves a redirect standing as the error that it is for a POST."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def payload(message: EmailMessage) -> dict[str, object]:
    """The body of POST /v3/mail/send: one personalization, so that no patient ever sees another's address."""
    ours = {MESSAGE_ID_ARG: message.message_id, ATTEMPT_ARG: str(message.attempt)}
    body: dict[str, object] = {
        "personalizations": [{"to": [{"email": message.to}], "custom_args": ours}],
        "from": _sender(message),
        "subject": message.subject,
        "content": [
            {"type": "text/plain", "value": message.text},
            {"type": "text/html", "value": message.html},
        ],
    }
    return body | _optional(message)


def _logged_message_id(detail: Mapping[str, Any]) -> str | None:
    """The vendor's schema allows custom_args on the message and on each of its events."""
    holders = [detail, *detail.get("events", [])]
    found = ((one.get("custom_args") or {}).get(MESSAGE_ID_ARG) for one in holders)
    return next((one for one in found if one), None)


def _sender(message: EmailMessage) -> dict[str, str]:
    return {"email": message.sender} | ({"name": message.sender_name} if message.sender_name else {})


def _optional(message: EmailMessage) -> dict[str, object]:
    parts: dict[str, object] = {}
    if message.reply_to:
        parts["reply_to"] = {"email": message.reply_to}
    if message.unsubscribe_url:
        parts["headers"] = {
            "List-Unsubscribe": f"<{message.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    if message.attachments:
        parts["attachments"] = [
            {
                "content": b64encode(one.content).decode("ascii"),
                "type": one.content_type,
                "filename": one.filename,
                "disposition": "attachment",
            }
            for one in message.attachments
        ]
    return parts


def _translated(call: Callable[[], T]) -> T:
    """The vendor's errors, made ours inside the thread: its own time-out must not look like the whole call's."""
    try:
        return call()
    except HTTPError as error:
        raise _refusal(error) from None
    except (OSError, HTTPException) as error:
        raise _failure(error) from None


def _refusal(error: HTTPError) -> DeliveryError:
    """From the status, and for 400 from the field that SendGrid names (a path, never a value)."""
    status = int(error.status_code)
    if status == 429:
        return NotSentError("429", retry_after=retry_after(dict(error.headers or {}), datetime.now(UTC)))
    if status in _STATUS_REFUSALS:
        return _STATUS_REFUSALS[status](str(status))
    if status != 400:
        return OutcomeUnknownError(f"http-{status}")
    field = _named_field(error.body)
    kind = next((kind for prefix, kind in _FIELD_REFUSALS if field.startswith(prefix)), RejectedError)
    return kind(f"400:{field}" if field else "400")


def _named_field(body: bytes) -> str:
    try:
        return str(json.loads(body)["errors"][0].get("field") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _failure(error: OSError | HTTPException) -> DeliveryError:
    """`URLError` wraps what failed while connecting or writing: only the first is provably not sent."""
    reason = error.reason if isinstance(error, URLError) else error
    name = type(reason).__name__
    no_route = isinstance(reason, OSError) and reason.errno in _NO_ROUTE
    if isinstance(error, URLError) and (isinstance(reason, _NEVER_LEFT) or no_route):
        return NotSentError(name)
    return OutcomeUnknownError(name)
