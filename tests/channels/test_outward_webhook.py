"""Events to a clinic's own systems: signed, posted once, and what each answer means."""

import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import standardwebhooks

from channels.outward_webhook import OutwardWebhooks, outward_webhooks, signing_key
from domain.clinic import Webhook
from domain.errors import EndpointGoneError, NotTakenError
from domain.outward import OutwardEvent, OutwardKind
from tests.outward import OLD_SECRET, SECRET, SECRETS, a_webhook, verified
from tests.webhook_sink import SILENT, WebhookSink, webhook_sink

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.

EVENT = OutwardEvent(
    id="e1",
    clinic_id="glow",
    endpoint="ehr",
    entry_id=7,
    kind=OutwardKind.GATE_CHANGED,
    at=datetime(2027, 3, 1, 14, tzinfo=UTC),
    data={"clinic": "glow", "journey": "j1", "step": "laser", "from": "locked", "to": "held"},
)


@pytest.fixture
async def sink() -> AsyncIterator[WebhookSink]:
    """The clinic's own system."""
    async with webhook_sink() as sink:
        yield sink


@pytest.fixture
async def sender() -> AsyncIterator[OutwardWebhooks]:
    """The adapter, as the worker has it."""
    async with outward_webhooks(SECRETS.get) as sender:
        yield sender


def at(sink: WebhookSink, *secret_names: str) -> Webhook:
    return a_webhook(url=f"{sink.base_url}/hooks?tenant=3", secret_names=secret_names or (SECRET,))


async def test_an_event_is_signed_as_the_standard_says(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """Any Standard Webhooks library verifies it over the raw body, with the time of this try."""
    await sender.send(at(sink), EVENT)
    (hit,) = sink.hits
    assert (hit.path, hit.query, hit.body, hit.headers["webhook-id"]) == ("/hooks", "tenant=3", EVENT.body, "e1")
    assert hit.headers["content-type"] == "application/json"
    assert verified(hit)["type"] == "gate.changed"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verified(hit, OLD_SECRET)


async def test_two_secrets_make_two_signatures(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """While a receiver changes over, the old and the new secret both verify; one that is not set yet stops nothing."""
    await sender.send(at(sink, SECRET, OLD_SECRET), EVENT)
    await sender.send(at(sink, "HEALGATE_NOT_SET_YET", OLD_SECRET), EVENT)
    both, old = sink.hits
    assert verified(both, SECRET) == verified(both, OLD_SECRET) == verified(old, OLD_SECRET)
    assert len(both.headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_every_2xx_is_success(sink: WebhookSink, sender: OutwardWebhooks, status: int) -> None:
    """Whatever else the answer says."""
    sink.answers = [status]
    await sender.send(at(sink), EVENT)
    assert len(sink.hits) == 1


@pytest.mark.parametrize("status", [301, 308, 400, 401, 404, 429, 500, 503])
async def test_every_other_answer_is_a_failure(sink: WebhookSink, sender: OutwardWebhooks, status: int) -> None:
    """It may be tried again; a redirect is not followed."""
    sink.answers, sink.location = [status], f"{sink.base_url}/elsewhere"
    with pytest.raises(NotTakenError) as raised:
        await sender.send(at(sink), EVENT)
    assert (raised.value.code, raised.value.retryable) == (f"http_{status}", True)
    assert [hit.path for hit in sink.hits] == ["/hooks"]


async def test_410_wants_no_more(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """The endpoint is gone for good."""
    sink.answers = [410]
    with pytest.raises(EndpointGoneError) as raised:
        await sender.send(at(sink), EVENT)
    assert not raised.value.retryable


async def test_silence_ends(sink: WebhookSink) -> None:
    """A receiver that does not answer holds nobody up."""
    sink.answers = [SILENT]
    async with httpx.AsyncClient() as http:
        with pytest.raises(NotTakenError, match="timeout"):
            await OutwardWebhooks(http, SECRETS.get, timeout=0.3).send(at(sink), EVENT)


async def test_nobody_listens(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """A refused connection may be tried again."""
    with pytest.raises(NotTakenError, match="ConnectError"):
        await sender.send(a_webhook(url="http://127.0.0.1:9/"), EVENT)


async def test_without_a_secret_nothing_is_posted(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """An unsigned event is worth nothing."""
    with pytest.raises(NotTakenError, match="no_secret"):
        await sender.send(at(sink, "HEALGATE_NOT_SET_YET"), EVENT)
    assert sink.hits == []


async def test_no_address_or_secret_is_logged_or_told(
    caplog: pytest.LogCaptureFixture, sink: WebhookSink, sender: OutwardWebhooks
) -> None:
    """At the most talkative level neither the address nor a secret is printed, nor are they part of the error."""
    sink.answers = [204, 500]
    with caplog.at_level(logging.DEBUG):
        await sender.send(at(sink), EVENT)
        with pytest.raises(NotTakenError) as raised:
            await sender.send(at(sink), EVENT)
    printed = caplog.text + str(raised.value) + repr(raised.value.__cause__)
    assert not [word for word in ("tenant", "/hooks", SECRETS[SECRET], "whsec") if word in printed]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "A" * 90, "no base64, but long enough!!", "é" * 32])
def test_what_is_no_secret(secret: str) -> None:
    """Too short, too long, or not base64."""
    assert signing_key(secret) is None


def test_what_is_a_secret() -> None:
    """With or without prefix, padding and a line's end."""
    key = b"0123456789abcdef0123456789"
    for text in ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk=", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk\n"):
        assert signing_key(text) == key


async def test_the_receiver_of_the_documents_takes_what_we_send(sink: WebhookSink, sender: OutwardWebhooks) -> None:
    """The sample of docs/webhooks.md answers 204 and keeps the event; a changed body is refused."""
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    kept: dict[str, Any] = {}
    names: dict[str, Any] = {"store_once": kept.setdefault}
    exec(sample.replace("whsec_...", SECRETS[SECRET]), names)
    await sender.send(at(sink), EVENT)
    (hit,) = sink.hits
    transport = httpx.ASGITransport(names["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver.example") as http:
        answers = [
            await http.post("/healgate", content=body, headers=hit.headers)
            for body in (hit.body, hit.body.replace(b"held", b"open"))
        ]
    assert [answer.status_code for answer in answers] == [204, 401]
    assert {event_id: event["type"] for event_id, event in kept.items()} == {"e1": "gate.changed"}
