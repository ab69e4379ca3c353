"""Twilio: send an SMS, find it again, and read what Twilio's listing says. Webhooks are read in `twilio_webhooks`.

The vendor's package runs synchronously in a thread: its asynchronous client ignores time-outs and repeats POSTs on 5xx.
"""

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from channels.blocking import in_thread
from channels.headers import require_secret, retry_after
from channels.quiet import quiet_vendor_loggers
from channels.twilio_codes import ONE_RECIPIENT, delivery_state, failure_class, failure_of
from domain.errors import (
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OptedOutError,
    OutcomeUnknownError,
    RecipientUnreachableError,
    RejectedError,
)
from domain.messages import DeliveryUpdate, FailureClass, InboundSms, Receipt, SentMessage, SmsMessage

quiet_vendor_loggers()

T = TypeVar("T")
StatusCallbackUrl = Callable[[str, str, int], str]
"""From clinic id, message id and attempt to the URL that takes Twilio's status callbacks."""

LONGEST_VALIDITY = 36_000
"""Seconds (Twilio, Message resource, ValidityPeriod)."""
LOOKUP_LIMIT = 1_000
"""Messages read at most in one look-up, so that a busy sender cannot hold a worker."""

_REFUSALS: dict[FailureClass, type[RejectedError]] = {
    FailureClass.NUMBER: RecipientUnreachableError,
    FailureClass.CONTENT: ContentRefusedError,
    FailureClass.CONFIGURATION: ChannelMisconfiguredError,
    FailureClass.OPTED_OUT: OptedOutError,
}
_BEFORE_SENDING = (NewConnectionError, ConnectTimeoutError, NameResolutionError)


class TwilioSms:
    """Implements `domain.ports.SmsSender` by the `twilio` package: one POST per call, never a retry inside.

    `base_url` replaces scheme and host of Twilio's addresses (None: Twilio itself); `timeout` is in seconds.
    Raises `BadInputError` for empty credentials.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        base_url: str | None,
        status_callback_url: StatusCallbackUrl,
        timeout: float = 10.0,
    ) -> None:
        self._timeout = timeout
        self._status_callback_url = status_callback_url
        self._http = _Transport(base_url, timeout)
        self._client = Client(
            require_secret(account_sid, "HEALGATE_TWILIO_ACCOUNT_SID"),
            require_secret(auth_token, "HEALGATE_TWILIO_AUTH_TOKEN"),
            http_client=self._http,
        )

    async def send(self, message: SmsMessage) -> Receipt:
        """Hand one SMS to Twilio. Raises a subclass of `DeliveryError`."""
        request = self._request(message)
        return await self._call(lambda: _receipt(self._client.messages.create(**request)))

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:
        """Outbound messages to `to` created since then, newest first; see `domain.ports.SmsSender.find`.

        Twilio filters by recipient alone: its DateSent filter leaves out what is still queued.
        """
        listed = await self._list(_sent, since, to=to)
        return [sent for direction, sent in listed if direction.startswith("outbound")]

    async def list_inbound(self, since: datetime, to: str | None = None) -> Sequence[InboundSms]:
        """Texts that patients sent (to the number `to`, or to any) since then, oldest first.

        Finds what a lost webhook did not bring. Raises `NotSentError` when Twilio cannot be asked now.
        """
        filters = {"to": to} if to else {}
        listed = await self._list(_received, since, date_sent_after=since - timedelta(days=1), **filters)
        return [received for direction, received in reversed(listed) if direction == "inbound"]

    async def list_outbound(self, since: datetime) -> Sequence[SentMessage]:
        """Every text that the account sent since then, oldest first; see `domain.ports.SmsArchive`."""
        listed = await self._list(_sent, since, limit=None, page_size=1000, date_sent_after=since - timedelta(days=1))
        return [sent for direction, sent in reversed(listed) if direction.startswith("outbound")]

    async def status(self, provider_id: str) -> DeliveryUpdate:
        """How one message stands, for what no callback has brought to an end.

        Raises `NotSentError` when Twilio cannot be asked now or does not know the message.
        """

        def read() -> DeliveryUpdate:
            return _update(self._client.messages(provider_id).fetch())

        return await self._ask(read)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.session.close()

    def _request(self, message: SmsMessage) -> dict[str, object]:
        sender = "messaging_service_sid" if message.sender.startswith("MG") else "from_"
        callback = self._status_callback_url(message.clinic_id, message.message_id, message.attempt)
        request: dict[str, object] = {
            "to": message.to,
            "body": message.body,
            sender: message.sender,
            "status_callback": callback,
        }
        if message.valid_for_seconds is not None:
            request["validity_period"] = max(1, min(message.valid_for_seconds, LONGEST_VALIDITY))
        return request

    async def _list(self, read: Callable[[Any], T], since: datetime, **filters: object) -> list[tuple[str, T]]:
        """Direction and reading of each message created since then, newest first."""

        def read_all() -> list[tuple[str, T]]:
            listed = self._client.messages.list(**{"page_size": 100, "limit": LOOKUP_LIMIT} | filters)
            return [(str(one.direction), read(one)) for one in listed if _created_since(one, since)]

        return await self._ask(read_all)

    async def _ask(self, question: Callable[[], T]) -> T:
        """A question changes nothing at Twilio, so whatever goes wrong it may be repeated."""
        try:
            return await self._call(question)
        except DeliveryError as error:
            raise NotSentError(error.code, retry_after=error.retry_after) from None

    async def _call(self, call: Callable[[], T]) -> T:
        """`_Transport` names what HTTP can tell; what the package itself cannot read is an unknown outcome."""
        try:
            return await in_thread(call, self._timeout)
        except (TwilioException, ValueError, TypeError, LookupError, AttributeError) as error:
            raise OutcomeUnknownError(type(error).__name__) from None


class _Transport(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """The package's HTTP client, pointed at another host, raising our errors. Its own retries stay off."""

    def __init__(self, base_url: str | None, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base_url) if base_url else None
        if self._base and self._base.hostname in {"127.0.0.1", "localhost", "::1"}:
            self.session.trust_env = False  # a proxy of the machine must not see what stays on it

    def request(self, method: str, url: str, *args: object, **options: object) -> Any:
        """One exchange; answers only 2xx. Raises a subclass of `DeliveryError`."""
        try:
            response = super().request(method, self._moved(url), *args, **options)
        except requests.RequestException as error:
            raise _failure(error) from None
        if not 200 <= response.status_code < 300:
            raise _refusal(response.status_code, response.text, response.headers)
        return response

    def _moved(self, url: str) -> str:
        if self._base is None:
            return url
        parts = urlsplit(url)
        path = self._base.path.rstrip("/") + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))


def _failure(error: requests.RequestException) -> DeliveryError:
    """Not sent only where the request provably never left; else nobody knows."""
    name = type(error).__name__
    if isinstance(error, requests.ConnectTimeout):
        return NotSentError(name)
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return ChannelMisconfiguredError(name)
    wrapped = error.args[0] if error.args else None
    reason = wrapped.reason if isinstance(wrapped, MaxRetryError) else wrapped
    cause = next(iter(getattr(reason, "args", ())), None)
    never_left = isinstance(reason, _BEFORE_SENDING) or isinstance(cause, ssl.SSLCertVerificationError)
    return NotSentError(name) if never_left else OutcomeUnknownError(name)


def _refusal(status: int, text: str, headers: Mapping[str, str]) -> DeliveryError:
    """Reads Twilio's error body; an answer without Twilio's code may come from anything in between."""
    code = _provider_code(text)
    if status == 429:
        return NotSentError(str(code or status), retry_after=retry_after(headers, datetime.now(UTC)))
    if status in {401, 403}:
        return ChannelMisconfiguredError(str(code or status))
    if code is None or not 400 <= status < 500:
        return OutcomeUnknownError(f"http-{status}")
    if code in ONE_RECIPIENT:
        return RejectedError(str(code))
    return _REFUSALS.get(failure_class(code), RejectedError)(str(code))


def _provider_code(text: str) -> int | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else None


def _created_since(listed: Any, since: datetime) -> bool:
    """Twilio's times have whole seconds, so a message of the same second counts."""
    return bool(listed.date_created and listed.date_created >= since.replace(microsecond=0))


def _receipt(created: Any) -> Receipt:
    """Segments are not known yet (0) where a Messaging Service still has to choose a sender."""
    segments = int(created.num_segments or 0) or None
    return Receipt(provider_id=created.sid, status=str(created.status), segments=segments)


def _sent(listed: Any) -> SentMessage:
    return SentMessage(
        provider_id=listed.sid,
        to=listed.to,
        body=listed.body or "",
        created_at=listed.date_created,
        state=delivery_state(str(listed.status)),
        code=str(listed.error_code or ""),
        sender=listed.from_ or "",
    )


def _update(listed: Any) -> DeliveryUpdate:
    """The id is the one that the callback of this status would have had."""
    status, code = str(listed.status), str(listed.error_code or "")
    state = delivery_state(status)
    failure = failure_of(state, code)
    return DeliveryUpdate(
        event_id=f"{listed.sid}:{status}:{code}",
        provider_id=listed.sid,
        state=state,
        failure=failure,
        code=code,
        revokes_consent=failure is FailureClass.OPTED_OUT,
    )


def _received(listed: Any) -> InboundSms:
    return InboundSms(
        provider_id=listed.sid,
        sender=listed.from_,
        to=listed.to,
        body=listed.body or "",
        media_count=int(listed.num_media or 0),
        received_at=listed.date_created,
    )
