"""What SendGrid's adapter sends, what it makes of failures, and what the event webhook says."""

import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.sendgrid_email import SendGridEmail, payload
from channels.sendgrid_events import parse_events, verify
from domain.errors import (
    BadInputError,
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    RecipientUnreachableError,
    SignatureError,
)
from domain.messages import Attachment, DeliveryState, FailureClass
from tests.channels.builders import an_email
from tests.sandbox_server import RunningSandbox
from tests.webhook_sink import webhook_sink

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.

# The vendor's own vector: test/unit/test_eventwebhook.py of sendgrid-python.
PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaIN"
    "XvVpiglSI8eNEc6wEA3F+g=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
SIGNED_AT = datetime.fromtimestamp(1600112502, UTC)
BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)
HEADERS = {
    "x-twilio-email-event-webhook-signature": SIGNATURE,
    "x-twilio-email-event-webhook-timestamp": "1600112502",
}


def test_the_vendors_vector_verifies() -> None:
    """The published signature over the published bytes is accepted, line ending and all."""
    verify(BODY, HEADERS, PUBLIC_KEY, SIGNED_AT)


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (BODY.rstrip(), {}),
        (BODY, {"x-twilio-email-event-webhook-signature": ""}),
        (BODY, {"x-twilio-email-event-webhook-signature": "no base64!"}),
        (BODY, {"x-twilio-email-event-webhook-timestamp": ""}),
        (BODY, {"x-twilio-email-event-webhook-timestamp": "1600112503"}),
        (b"\xff", {}),
    ],
)
def test_a_changed_event_webhook_is_refused(body: bytes, changes: dict[str, str]) -> None:
    """Body, timestamp and signature belong together; a missing one is refused, not a crash."""
    with pytest.raises(SignatureError):
        verify(body, HEADERS | changes, PUBLIC_KEY, SIGNED_AT)


@pytest.mark.parametrize("offset", [timedelta(hours=25, seconds=1), timedelta(minutes=-6)])
def test_an_old_event_webhook_is_refused(offset: timedelta) -> None:
    """A genuine webhook that is older than the vendor's retries, or from the future, may be a replay."""
    with pytest.raises(SignatureError, match="too old"):
        verify(BODY, HEADERS, PUBLIC_KEY, SIGNED_AT + offset)


@pytest.mark.parametrize("key", ["", "not a key"])
def test_an_unusable_public_key_is_a_setting_to_mend(key: str) -> None:
    """A wrong key is the clinic's fault and names the setting."""
    with pytest.raises(BadInputError, match="HEALGATE_SENDGRID_PUBLIC_KEY"):
        verify(BODY, HEADERS, key, SIGNED_AT)


def event(name: str, **fields: Any) -> bytes:
    """A webhook with one event about one of our messages."""
    given = {"event": name, "sg_event_id": "e1", "sg_message_id": "abc.recvd-1", "timestamp": 1600112492}
    return json.dumps([given | {"healgate_message_id": "m1", "healgate_attempt": "2"} | fields]).encode()


@pytest.mark.parametrize(
    ("body", "state", "failure", "revokes"),
    [
        (event("processed"), DeliveryState.QUEUED, FailureClass.NONE, False),
        (event("deferred"), DeliveryState.SENDING, FailureClass.NONE, False),
        (event("delivered"), DeliveryState.DELIVERED, FailureClass.NONE, False),
        (event("bounce", type="bounce"), DeliveryState.UNDELIVERED, FailureClass.NUMBER, False),
        (event("bounce", type="blocked"), DeliveryState.UNDELIVERED, FailureClass.TRANSIENT, False),
        (event("dropped", reason="Bounced Address"), DeliveryState.FAILED, FailureClass.NUMBER, False),
        (event("dropped", reason="Unsubscribed Address"), DeliveryState.FAILED, FailureClass.OPTED_OUT, True),
        (event("dropped", reason="Something new"), DeliveryState.FAILED, FailureClass.UNKNOWN, False),
        (event("spamreport"), DeliveryState.DELIVERED, FailureClass.NONE, True),
        (event("unsubscribe"), DeliveryState.DELIVERED, FailureClass.NONE, True),
    ],
)
def test_events_are_mapped(body: bytes, state: DeliveryState, failure: FailureClass, revokes: bool) -> None:
    """Each event has one state, one class of failure, and either ends the consent or not."""
    (update,) = parse_events(body)
    assert (update.state, update.failure, update.revokes_consent) == (state, failure, revokes)


def test_an_event_names_its_row() -> None:
    """Ledger id and attempt come from custom_args, the provider's id is the first label."""
    (update,) = parse_events(event("bounce", type="bounce", status="5.1.1", reason="550 ana@example.com unknown"))
    assert (update.message_id, update.attempt, update.provider_id, update.code) == ("m1", 2, "abc", "5.1.1")
    assert "ana" not in update.model_dump_json()


@pytest.mark.parametrize("body", [event("open"), event("click"), event("brand_new"), b"[1, null, {}]", b"[]"])
def test_what_machines_do_too_says_nothing(body: bytes) -> None:
    """Opens, clicks, unknown events and odd elements change nothing."""
    assert parse_events(body) == []


@pytest.mark.parametrize("body", [b"{}", b"no json", b""])
def test_events_come_as_an_array(body: bytes) -> None:
    """Another body says what is set up wrong."""
    with pytest.raises(BadInputError, match="array"):
        parse_events(body)


def test_the_request_holds_one_patient_and_our_ids() -> None:
    """One personalization with opaque string arguments, plain text before HTML, one-click unsubscribe, base64 files."""
    file = Attachment(filename="visit.ics", content_type="text/calendar", content=b"BEGIN")
    body = payload(
        an_email(message_id="m1", unsubscribe_url="https://c.example/u/1", attachments=(file,), reply_to="a@b.example")
    )
    assert body["personalizations"] == [
        {
            "to": [{"email": "ana@example.com"}],
            "custom_args": {"healgate_message_id": "m1", "healgate_attempt": "1"},
        }
    ]
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]  # type: ignore[attr-defined]
    assert body["headers"] == {
        "List-Unsubscribe": "<https://c.example/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert body["attachments"] == [
        {"content": "QkVHSU4=", "type": "text/calendar", "filename": "visit.ics", "disposition": "attachment"}
    ]
    assert body["reply_to"] == {"email": "a@b.example"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"to": "nobody"}, RecipientUnreachableError),
        ({"sender": "nobody"}, ChannelMisconfiguredError),
        ({"subject": ""}, ContentRefusedError),
        ({"text": ""}, ContentRefusedError),
    ],
)
async def test_a_refusal_names_its_class(
    email: SendGridEmail, change: dict[str, str], error: type[DeliveryError]
) -> None:
    """The field that SendGrid names decides which error is raised."""
    with pytest.raises(error):
        await email.send(an_email(**change))


@pytest.mark.parametrize(
    ("where", "kind", "error", "accepted"),
    [
        ("before", "429", NotSentError, 0),
        ("before", "500", OutcomeUnknownError, 0),
        ("before", "502html", OutcomeUnknownError, 0),
        ("before", "drop", OutcomeUnknownError, 0),
        ("before", "hang", OutcomeUnknownError, 0),
        ("after_accept", "500", OutcomeUnknownError, 1),
        ("after_accept", "502html", OutcomeUnknownError, 1),
        ("after_accept", "drop", OutcomeUnknownError, 1),
        ("after_accept", "hang", OutcomeUnknownError, 1),
    ],
)
async def test_only_what_is_provable_is_not_sent(
    sandbox: RunningSandbox, where: str, kind: str, error: type[DeliveryError], accepted: int
) -> None:
    """One POST is made whatever fails, and an outcome that nobody can know is never called not sent."""
    await sandbox.fault(where=where, kind=kind, channel="email", seconds=3)
    message = an_email()
    sender = SendGridEmail(sandbox.box.config.sendgrid_api_key, base_url=sandbox.base_url, timeout=0.3)
    with pytest.raises(error) as caught:
        await sender.send(message)
    assert caught.value.code != "deadline"
    assert len(await sandbox.ledger(message.message_id)) == accepted
    assert (await sandbox.get("ledger"))["posts"][message.message_id] == 1


async def test_a_refused_connection_is_not_sent() -> None:
    """Nobody listening means that nothing was sent."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        sender = SendGridEmail("SG.x", base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", timeout=1)
        with pytest.raises(NotSentError):
            await sender.send(an_email())


async def test_a_redirect_never_gets_the_key() -> None:
    """A redirect is not followed: nobody knows what became of the mail, and no stranger learns the key."""
    async with webhook_sink() as first, webhook_sink() as stranger:
        first.answers, first.location = [302], f"{stranger.base_url}/elsewhere"
        with pytest.raises(OutcomeUnknownError):
            await SendGridEmail("SG.x", base_url=first.base_url, timeout=1).send(an_email())
        assert (len(first.hits), stranger.hits) == (1, [])


async def test_a_proxy_never_sees_what_stays_on_the_machine(
    email: SendGridEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox on loopback is reached directly, whatever proxy the machine is told to use."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert await email.send(an_email())


async def test_a_wrong_key_is_the_clinics_fault(sandbox: RunningSandbox) -> None:
    """A 401 is a matter of configuration."""
    with pytest.raises(ChannelMisconfiguredError):
        await SendGridEmail("SG.other", base_url=sandbox.base_url, timeout=2).send(an_email())


def test_an_empty_key_is_refused() -> None:
    """An adapter without its secret says which setting to mend, and never takes one from the environment."""
    with pytest.raises(BadInputError, match="HEALGATE_SENDGRID_API_KEY"):
        SendGridEmail("")


async def test_an_unknown_outcome_is_settled_by_a_look_up(sandbox: RunningSandbox, email: SendGridEmail) -> None:
    """What SendGrid took although the answer was lost is found, and its arguments name the ledger row."""
    since = datetime.now(UTC) - timedelta(seconds=1)
    await sandbox.fault(where="after_accept", kind="drop", channel="email")
    message = an_email(to="lost@example.com")
    with pytest.raises(OutcomeUnknownError):
        await email.send(message)
    (found,) = await email.find("lost@example.com", since)
    assert found.message_id == message.message_id


async def test_a_look_up_without_that_api_finds_nothing(sandbox: RunningSandbox) -> None:
    """An account that has no e-mail logs answers 403, which proves nothing either way."""
    sender = SendGridEmail("SG.other", base_url=sandbox.base_url, timeout=2)
    assert await sender.find("ana@example.com", datetime.now(UTC)) == []


async def test_a_failed_look_up_can_be_repeated(sandbox: RunningSandbox, email: SendGridEmail) -> None:
    """Whatever goes wrong in a look-up, asking again is harmless, and the error says so."""
    await sandbox.fault(where="before", kind="500", request="lookup")
    with pytest.raises(NotSentError):
        await email.find("ana@example.com", datetime.now(UTC))
