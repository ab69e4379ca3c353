"""Events to a clinic's own systems, in the Standard Webhooks envelope (standardwebhooks.com, specification 1.0)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook as Signer

from channels.quiet import quiet_vendor_loggers
from domain.clinic import Webhook
from domain.errors import EndpointGoneError, NotTakenError
from domain.outward import OutwardEvent

TIMEOUT = 10.0
"""Seconds for the whole of one POST: a receiver should store, answer, and work afterwards."""
_GONE = 410
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
"""24 to 64 bytes, says the specification."""

quiet_vendor_loggers()


class OutwardWebhooks:
    """Implements `domain.ports.OutwardSender`: one POST, no redirect followed, the answer's body never read."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        secret: Callable[[str], str | None],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: float = TIMEOUT,
    ) -> None:
        self._http = http
        self._secret = secret
        self._clock = clock
        self._timeout = timeout

    async def send(self, webhook: Webhook, event: OutwardEvent) -> None:
        """Post the event; any 2xx is success."""
        status = await self._post(str(webhook.url), event.body, self._headers(webhook, event))
        if status == _GONE:
            raise EndpointGoneError(f"http_{status}")
        if not httpx.codes.is_success(status):
            raise NotTakenError(f"http_{status}")

    def _headers(self, webhook: Webhook, event: OutwardEvent) -> dict[str, str]:
        """Signed with every secret that can be read, and with the time of this try: receivers refuse old ones."""
        keys = [key for name in webhook.secret_names if (key := signing_key(self._secret(name) or ""))]
        if not keys:
            raise NotTakenError("no_secret")
        now, text = self._clock().astimezone(UTC), event.body.decode()
        return {
            "content-type": "application/json",
            "user-agent": "healgate",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Signer(key).sign(event.id, now, text) for key in keys),
        }

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status. httpx bounds each wait on the socket alone, so the whole is bounded here."""
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._http.stream("POST", url, content=body, headers=headers, follow_redirects=False) as answer,
            ):
                return answer.status_code
        except TimeoutError:
            raise NotTakenError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Without its cause: it names the address.
            raise NotTakenError(type(error).__name__) from None


@asynccontextmanager
async def outward_webhooks(secret: Callable[[str], str | None]) -> AsyncIterator[OutwardWebhooks]:
    """The sender with a pool of connections of its own; `secret` looks a name up, None where there is none."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as http:
        yield OutwardWebhooks(http, secret)


def signing_key(secret: str) -> bytes | None:
    """The key of a secret (`whsec_` and base64 of 24 to 64 bytes; the prefix may be missing); None if it is none."""
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return None
    return key if len(key) in _KEY_BYTES else None
