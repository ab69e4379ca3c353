"""Posts webhooks as Twilio and SendGrid do: signed, with their time-outs and their retries."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urldefrag
from uuid import uuid4

import httpx
from pydantic import BaseModel

from sandbox.config import SandboxConfig
from sandbox.faults import Fault
from sandbox.records import now
from sandbox.signing import EventKey, twilio_signature

EVENT_TRIES = 4
"""SendGrid goes on for 24 hours; the sandbox stops when a person would have looked."""
RETRY_PAUSE = 0.2
"""Seconds before the first retry, doubled each time. Twilio documents none."""


class Overrides(BaseModel):
    """Connection overrides of a webhook URL's fragment (Twilio, webhooks connection overrides). Times in ms."""

    connect: int = 5_000
    read: int = 15_000
    total: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, fragment: str) -> "Overrides":
        """Read `#ct=…&rt=…&tt=…&rc=…&rp=…`; what is missing or no number keeps Twilio's default."""
        named = {name: values[0] for name, values in parse_qs(fragment).items()}
        numbers = {
            field: min(int(named[short]), most) for short, field, most in _BOUNDS if named.get(short, "").isdigit()
        }
        policy = {"policy": frozenset(named["rp"].split(","))} if "rp" in named else {}
        return cls.model_validate(numbers | policy)

    def retry(self, outcome: str) -> bool:
        """Whether this outcome (`ct`, `rt`, `2xx`, `4xx`, …) is to be tried again."""
        return outcome in self.policy or ("all" in self.policy and outcome != "2xx")


_BOUNDS = (("ct", "connect", 10_000), ("rt", "read", 15_000), ("tt", "total", 15_000), ("rc", "retries", 5))


class WebhookPoster:
    """Sends form webhooks (Twilio) and event webhooks (SendGrid). `close()` it."""

    def __init__(self, config: SandboxConfig, key: EventKey) -> None:
        self._config = config
        self._key = key
        # A kept connection to a product that was restarted would lose the next webhook, which no vendor's would
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, limits=limits)

    async def post_form(self, url: str, fields: Mapping[str, str], fault: Fault | None = None) -> int | None:
        """Post one Twilio webhook, answer the last status; None if there was none."""
        if fault and fault.kind == "drop":
            return None
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        status = await self._form_with_retries(url, fields, bad=bool(fault and fault.kind == "bad_signature"))
        if fault and fault.kind == "dup":
            status = await self._form_with_retries(url, fields, bad=False)
        return status

    async def post_events(self, url: str, events: list[dict[str, Any]], fault: Fault | None = None) -> int | None:
        """Post SendGrid events as one signed array, answer the last status; None if there was none."""
        if fault and fault.kind == "drop":
            return None
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"
        bad = bool(fault and fault.kind == "bad_signature")
        for _ in range(2 if fault and fault.kind == "dup" else 1):
            status = await self._events_with_retries(url, body, bad=bad)
        return status

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _form_with_retries(self, url: str, fields: Mapping[str, str], *, bad: bool) -> int | None:
        target, fragment = urldefrag(url)
        overrides = Overrides.of(fragment)
        headers = self._form_headers(target, fields, bad=bad)
        status: int | None = None
        for turn in range(1 + overrides.retries):
            outcome, status = await self._form_once(target, fields, headers, overrides)
            if not overrides.retry(outcome):
                break
            await asyncio.sleep(self._config.scaled(RETRY_PAUSE * 2**turn))
        return status

    def _form_headers(self, url: str, fields: Mapping[str, str], *, bad: bool) -> dict[str, str]:
        """The idempotency token stays the same over retries of one webhook."""
        asked = httpx.URL(url)
        signed = f"{asked.scheme}://{asked.netloc.decode()}{asked.raw_path.decode()}"
        token = "not-the-token" if bad else self._config.auth_token
        headers = {
            "X-Twilio-Signature": twilio_signature(token, signed, fields, self._config.signature),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }
        if self._config.signature == "sha256":
            headers["X-Twilio-Webhooks-Signature-Settings"] = "key=sandbox,algorithm=HMAC_SHA256"
        return headers

    async def _form_once(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str], overrides: Overrides
    ) -> tuple[str, int | None]:
        limits = httpx.Timeout(overrides.read / 1000, connect=overrides.connect / 1000)
        try:
            async with asyncio.timeout(overrides.total / 1000):
                answer = await self._client.post(url, data=dict(fields), headers=headers, timeout=limits)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return "ct", None
        except (httpx.HTTPError, TimeoutError):
            return "rt", None
        return f"{answer.status_code // 100}xx", answer.status_code

    async def _events_with_retries(self, url: str, body: bytes, *, bad: bool) -> int | None:
        status: int | None = None
        for turn in range(EVENT_TRIES):
            status = await self._events_once(url, body, bad=bad)
            if status is not None and 200 <= status < 300:
                break
            await asyncio.sleep(self._config.scaled(RETRY_PAUSE * 2**turn))
        return status

    async def _events_once(self, url: str, body: bytes, *, bad: bool) -> int | None:
        timestamp = str(int(now().timestamp()))
        headers = {
            "Content-Type": "application/json;charset=utf-8",
            "User-Agent": "SendGrid Event API",
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            "X-Twilio-Email-Event-Webhook-Signature": self._key.sign(timestamp, b"" if bad else body),
        }
        try:
            return (await self._client.post(url, content=body, headers=headers, timeout=10)).status_code
        except httpx.HTTPError:
            return None
