"""The sandbox's webhooks, checked by the vendors' own validators as the product reads them."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from channels import sendgrid_events, twilio_webhooks
from channels.twilio_webhooks import Form
from domain.errors import SignatureError
from domain.messages import DeliveryState, FailureClass
from sandbox.webhooks import Overrides
from tests.sandbox.clients import PATIENT, post_mail, post_text, reply
from tests.sandbox_server import RunningSandbox
from tests.webhook_sink import Hit, WebhookSink


def verified(sandbox: RunningSandbox, sink: WebhookSink, hit: Hit) -> Form:
    """The form, if the vendor's validator takes it."""
    url = twilio_webhooks.signed_url(sink.base_url, hit.path, hit.query)
    return twilio_webhooks.verify(sandbox.box.config.auth_token, url, hit.body, hit.headers)


async def test_status_callbacks_are_signed_and_name_our_row(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """Sent and delivered arrive in order, genuine, with ledger id and attempt; the fragment stays behind."""
    await post_text(sandbox, StatusCallback=f"{sink.base_url}/status?n=m%2F1&a=2#rc=3&rp=all")
    hits = await sink.wait_count(2)
    updates = [twilio_webhooks.parse_status(verified(sandbox, sink, hit), hit.query) for hit in hits]
    assert [one.state for one in updates] == [DeliveryState.SENT, DeliveryState.DELIVERED]
    assert {(one.message_id, one.attempt) for one in updates} == {("m/1", 2)}
    assert updates[1].at is not None


async def test_a_messaging_service_reports_queued_too(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """From accepted on, every further status has its callback."""
    await post_text(sandbox, From="", MessagingServiceSid="MG" + "0" * 32, StatusCallback=f"{sink.base_url}/status")
    words = [parse_qs(hit.body.decode())["MessageStatus"][0] for hit in await sink.wait_count(3)]
    assert words == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(
    ("to", "failure", "code"),
    [
        ("+15005550003", FailureClass.TRANSIENT, "30003"),
        ("+15005550005", FailureClass.NUMBER, "30005"),
        ("+15005550007", FailureClass.CONTENT, "30007"),
        ("+15005550034", FailureClass.CONFIGURATION, "30034"),
    ],
)
async def test_magic_numbers_fail_late(
    sandbox: RunningSandbox, sink: WebhookSink, to: str, failure: FailureClass, code: str
) -> None:
    """Each class of late failure has a number that shows it."""
    await post_text(sandbox, To=to, StatusCallback=f"{sink.base_url}/status")
    update = twilio_webhooks.parse_status(verified(sandbox, sink, (await sink.wait_count(2))[1]))
    assert (update.failure, update.code) == (failure, code)


@pytest.mark.parametrize(
    ("fragment", "answers", "posts"),
    [
        ("", [500], 1),
        ("#rc=2&rp=5xx", [500, 500, 204], 3),
        ("#rc=1&rp=all", [500, 500, 204], 2),
        ("#rc=2&rp=4xx", [500], 1),
    ],
)
async def test_retries_follow_the_fragment(
    sandbox: RunningSandbox, sink: WebhookSink, fragment: str, answers: list[int], posts: int
) -> None:
    """Without a fragment a 500 loses the webhook; with one it is tried again, under the same token."""
    sink.answers = answers
    await sandbox.http.put("/_sandbox/webhooks", json={"inbound_url": f"{sink.base_url}/inbound{fragment}"})
    await reply(sandbox, "all good")
    assert len(sink.hits) == posts
    assert len({hit.headers["i-twilio-idempotency-token"] for hit in sink.hits}) == 1


def test_a_fragment_keeps_twilios_bounds() -> None:
    """More than Twilio allows is cut, nonsense keeps the default."""
    assert Overrides.of("rc=9&ct=20000&rp=4xx,rt").model_dump() == {
        "connect": 10_000,
        "read": 15_000,
        "total": 15_000,
        "retries": 5,
        "policy": frozenset({"4xx", "rt"}),
    }
    assert Overrides.of("rc=x") == Overrides()


async def test_a_lost_callback_never_comes(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With drop the message is delivered but nobody says so."""
    await sandbox.fault(where="callback", kind="drop", count=2)
    await post_text(sandbox, StatusCallback=f"{sink.base_url}/status?n=m1&a=1")
    await sandbox.post("idle", {})
    assert sink.hits == []
    assert [one["status"] for one in await sandbox.ledger("m1")] == ["delivered"]


async def test_a_doubled_callback_comes_twice(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With dup one status arrives two times."""
    await sandbox.fault(where="callback", kind="dup")
    await post_text(sandbox, StatusCallback=f"{sink.base_url}/status")
    words = [parse_qs(hit.body.decode())["MessageStatus"][0] for hit in await sink.wait_count(3)]
    assert words == ["sent", "sent", "delivered"]


async def test_a_shuffled_callback_comes_late(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With shuffle an earlier status arrives after a later one."""
    await sandbox.fault(where="callback", kind="shuffle")
    await post_text(sandbox, StatusCallback=f"{sink.base_url}/status")
    words = [parse_qs(hit.body.decode())["MessageStatus"][0] for hit in await sink.wait_count(2)]
    assert words == ["delivered", "sent"]


async def test_a_badly_signed_callback_is_refused(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With bad_signature the validator says no."""
    await sandbox.fault(where="callback", kind="bad_signature")
    await post_text(sandbox, StatusCallback=f"{sink.base_url}/status")
    bad, good = await sink.wait_count(2)
    with pytest.raises(SignatureError):
        verified(sandbox, sink, bad)
    assert verified(sandbox, sink, good)


async def test_shared_key_signatures_verify(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """SHA-256 signatures carry the header that names them, and are accepted."""
    sandbox.box.config.signature = "sha256"
    await reply(sandbox, "all good")
    assert verified(sandbox, sink, sink.hits[0]).get("Body") == "all good"


async def test_events_are_signed_and_name_our_row(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """Processed and delivered arrive genuine, as arrays, with our arguments at the top level."""
    await post_mail(sandbox)
    key = (await sandbox.get("key"))["public_key"]
    hits = await sink.wait_count(2)
    for hit in hits:
        sendgrid_events.verify(hit.body, hit.headers, key, datetime.now(UTC))
    updates = [one for hit in hits for one in sendgrid_events.parse_events(hit.body)]
    assert [one.state for one in updates] == [DeliveryState.QUEUED, DeliveryState.DELIVERED]
    assert {(one.message_id, one.attempt) for one in updates} == {("m1", 1)}
    assert all(hit.body.endswith(b"\r\n") for hit in hits)


async def test_events_are_retried(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """An event that was not taken comes again."""
    sink.answers = [500]
    await post_mail(sandbox)
    hits = await sink.wait_count(3)
    assert json.loads(hits[0].body)[0]["sg_event_id"] == json.loads(hits[1].body)[0]["sg_event_id"]


async def test_badly_signed_events_are_refused(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With bad_signature the verifier says no."""
    await sandbox.fault(where="callback", kind="bad_signature", channel="email")
    await post_mail(sandbox)
    hit = (await sink.wait_count(1))[0]
    with pytest.raises(SignatureError):
        sendgrid_events.verify(hit.body, hit.headers, sandbox.box.key.public, datetime.now(UTC))


@pytest.mark.parametrize(
    ("to", "failure", "revokes"),
    [
        ("bounce@example.com", FailureClass.NUMBER, False),
        ("ana+blocked@example.com", FailureClass.TRANSIENT, False),
        ("ana+spamreport@example.com", FailureClass.NONE, True),
        ("ana+unsubscribe@example.com", FailureClass.NONE, True),
    ],
)
async def test_magic_addresses_fail_late(
    sandbox: RunningSandbox, sink: WebhookSink, to: str, failure: FailureClass, revokes: bool
) -> None:
    """Each class of late failure of a mail has an address that shows it."""
    await post_mail(sandbox, to)
    await sandbox.post("idle", {})
    last = sendgrid_events.parse_events(sink.hits[-1].body)[0]
    assert (last.failure, last.revokes_consent) == (failure, revokes)


async def test_a_suppressed_address_is_dropped_next_time(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """After a spam report SendGrid sends nothing more to that address."""
    await post_mail(sandbox, "ana+spamreport@example.com")
    await sandbox.post("idle", {})
    await post_mail(sandbox, "ana+spamreport@example.com")
    await sandbox.post("idle", {})
    last = sendgrid_events.parse_events(sink.hits[-1].body)[0]
    assert (last.state, last.failure) == (DeliveryState.FAILED, FailureClass.OPTED_OUT)


async def test_an_inbound_text_is_signed(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """What a patient writes arrives genuine, blank fields and all, and the sandbox says how it was answered."""
    answer = await reply(sandbox, "señal 👍 & more", media_count=1)
    text = twilio_webhooks.parse_inbound(verified(sandbox, sink, sink.hits[0]))
    assert answer == {"message_sid": text.provider_id, "webhook_status": 204}
    assert (text.sender, text.body, text.media_count) == (PATIENT, "señal 👍 & more", 1)
