"""What Twilio's adapter makes of every way in which a send can go wrong, against the live sandbox."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest

from channels.twilio_sms import TwilioSms
from domain.errors import (
    BadInputError,
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OptedOutError,
    OutcomeUnknownError,
    RecipientUnreachableError,
)
from domain.messages import DeliveryState, FailureClass, Receipt
from tests.channels.builders import PATIENT, an_sms, callback_url, twilio
from tests.sandbox_server import RunningSandbox
from tests.webhook_sink import webhook_sink

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"to": "+15005550001"}, RecipientUnreachableError, "21211"),
        ({"to": "+15005550009"}, RecipientUnreachableError, "21614"),
        ({"to": "+15005550004"}, OptedOutError, "21610"),
        ({"to": "not a number"}, RecipientUnreachableError, "21211"),
        ({"body": ""}, ContentRefusedError, "21602"),
        ({"body": "x" * 1601}, ContentRefusedError, "21617"),
        ({"sender": "12"}, ChannelMisconfiguredError, "21212"),
        ({"to": "+15005550010"}, RecipientUnreachableError, "21266"),
    ],
)
async def test_a_refusal_names_its_class(
    sms: TwilioSms, change: dict[str, str], error: type[DeliveryError], code: str
) -> None:
    """Twilio's error code decides which error is raised, and travels with it."""
    with pytest.raises(error) as caught:
        await sms.send(an_sms(**change))
    assert caught.value.code == code
    assert not caught.value.retryable


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
        ("after_accept", "truncated", OutcomeUnknownError, 1),
    ],
)
async def test_only_what_is_provable_is_not_sent(
    sandbox: RunningSandbox, where: str, kind: str, error: type[DeliveryError], accepted: int
) -> None:
    """One POST is made whatever fails, and an outcome that nobody can know is never called not sent."""
    await sandbox.fault(where=where, kind=kind, channel="sms", seconds=3)
    message = an_sms()
    sender = twilio(sandbox, timeout=0.3)
    with pytest.raises(error) as caught:
        await sender.send(message)
    sender.close()
    assert type(caught.value) is error
    assert caught.value.code != "deadline"
    assert len(await sandbox.ledger(message.message_id)) == accepted
    assert (await sandbox.get("ledger"))["posts"][message.message_id] == 1


async def test_a_429_says_when_to_come_back(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """Retry-After becomes a duration on the error."""
    await sandbox.fault(where="before", kind="429", seconds=7)
    with pytest.raises(NotSentError) as caught:
        await sms.send(an_sms())
    assert caught.value.retry_after == timedelta(seconds=7)
    assert caught.value.code == "20429"


async def test_a_refused_connection_is_not_sent(sandbox: RunningSandbox) -> None:
    """Nobody listening means that nothing was sent."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        sender = twilio(sandbox, base_url=f"http://127.0.0.1:{bound.getsockname()[1]}")
        with pytest.raises(NotSentError):
            await sender.send(an_sms())
    sender.close()


async def test_an_unknown_host_is_not_sent(sandbox: RunningSandbox) -> None:
    """A name that does not resolve means that nothing was sent."""
    sender = twilio(sandbox, base_url="http://nowhere.invalid")
    with pytest.raises(NotSentError):
        await sender.send(an_sms())
    sender.close()


@pytest.mark.parametrize(("status", "error"), [(404, OutcomeUnknownError), (403, ChannelMisconfiguredError)])
async def test_an_answer_that_is_not_twilios_proves_little(
    sandbox: RunningSandbox, status: int, error: type[DeliveryError]
) -> None:
    """A 4xx without Twilio's code may come from a proxy on the way back; a 403 means the set-up in any case."""
    async with webhook_sink() as stranger:
        stranger.answers = [status]
        sender = twilio(sandbox, base_url=stranger.base_url)
        with pytest.raises(error):
            await sender.send(an_sms())
    sender.close()


async def test_a_proxy_never_sees_what_stays_on_the_machine(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox on loopback is reached directly, whatever proxy the machine is told to use."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    sender = twilio(sandbox)
    assert await sender.send(an_sms())
    sender.close()


async def test_wrong_credentials_are_the_clinics_fault(sandbox: RunningSandbox) -> None:
    """A 401 is a matter of configuration, not of the patient."""
    sender = twilio(sandbox, auth_token="another-token")
    with pytest.raises(ChannelMisconfiguredError):
        await sender.send(an_sms())
    sender.close()


@pytest.mark.parametrize("missing", ["account_sid", "auth_token"])
def test_empty_secrets_are_refused(missing: str) -> None:
    """An adapter without its secrets says which setting to mend."""
    given = {"account_sid": "AC00000000", "auth_token": "token", missing: " "}
    with pytest.raises(BadInputError, match=f"HEALGATE_TWILIO_{missing.upper()}"):
        TwilioSms(given["account_sid"], given["auth_token"], base_url=None, status_callback_url=callback_url)


async def test_an_unknown_outcome_is_settled_by_a_look_up(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """What Twilio took although the answer was lost is found by recipient, with its text and time."""
    since = datetime.now(UTC)
    await sandbox.fault(where="after_accept", kind="truncated")
    message = an_sms(to="+15005550777", body="Only once")
    with pytest.raises(OutcomeUnknownError):
        await sms.send(message)
    (found,) = await sms.find("+15005550777", since)
    assert (found.body, found.to) == ("Only once", "+15005550777")
    assert found.created_at >= since.replace(microsecond=0)


async def test_a_look_up_reads_every_page(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """A patient with more messages than one page holds is read to the end."""
    since = datetime.now(UTC)
    sent = {(await sms.send(an_sms(to="+15005550778"))).provider_id for _ in range(105)}
    assert {one.provider_id for one in await sms.find("+15005550778", since)} == sent


async def test_a_look_up_leaves_out_what_is_older(sms: TwilioSms) -> None:
    """A message created before the time that was asked for is not answered."""
    await sms.send(an_sms(to="+15005550779"))
    assert await sms.find("+15005550779", datetime.now(UTC) + timedelta(seconds=2)) == []


async def test_a_failed_look_up_can_be_repeated(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """Whatever goes wrong in a look-up, asking again is harmless, and the error says so."""
    await sandbox.fault(where="before", kind="500", request="lookup")
    with pytest.raises(NotSentError):
        await sms.find(PATIENT, datetime.now(UTC))


async def test_a_lagging_listing_finds_nothing_yet(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """A listing may be behind: finding nothing does not prove that nothing was sent."""
    since = datetime.now(UTC)
    await sandbox.post("faults", {"list_delay": 60})
    await sms.send(an_sms(to="+15005550780"))
    assert await sms.find("+15005550780", since) == []


async def test_lost_inbound_texts_are_listed(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """A text whose webhook was lost is found by listing, oldest first, and only those to the clinic's number."""
    since = datetime.now(UTC)
    for body in ("one", "two"):
        await sandbox.post("patients/+15005550781/reply", {"body": body, "to": "+15005550011"})
    await sandbox.post("patients/+15005550781/reply", {"body": "three", "to": "+15005550012"})
    found = await sms.list_inbound(since, to="+15005550011")
    assert [(one.sender, one.body) for one in found] == [("+15005550781", "one"), ("+15005550781", "two")]


async def test_a_messaging_service_is_named_as_such(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """A sender that starts with MG goes out as Messaging Service, which chooses the number."""
    message = an_sms(sender="MG" + "0" * 32, valid_for_seconds=90_000)
    receipt = await sms.send(message)
    assert (receipt.status, receipt.segments) == ("accepted", None)
    (entry,) = await sandbox.ledger(message.message_id)
    assert entry["from"] == sandbox.box.config.service_number


async def test_the_receipt_counts_segments(sms: TwilioSms) -> None:
    """Segments are what the provider bills."""
    receipt = await sms.send(an_sms(body="x" * 161))
    assert (receipt.status, receipt.segments) == ("queued", 2)


async def test_the_listing_tells_how_a_message_ended(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """A handset that cannot be reached shows up with state and code."""
    since = datetime.now(UTC)
    await sms.send(an_sms(to="+15005550003"))
    await sandbox.post("idle", {})
    found = await sms.find("+15005550003", since)
    assert (found[0].state, found[0].code) == (DeliveryState.UNDELIVERED, "30003")


async def test_one_message_can_be_asked_for(sandbox: RunningSandbox, sms: TwilioSms) -> None:
    """Polling answers what the lost callback would have said, under the same event id."""
    receipt = await sms.send(an_sms(to="+15005550005"))
    await sandbox.post("idle", {})
    update = await sms.status(receipt.provider_id)
    assert update.event_id == f"{receipt.provider_id}:undelivered:30005"
    assert (update.state, update.failure) == (DeliveryState.UNDELIVERED, FailureClass.NUMBER)
    with pytest.raises(NotSentError):
        await sms.status("SM" + "0" * 32)


async def test_in_a_storm_the_ledger_agrees(sandbox: RunningSandbox) -> None:
    """With half of all requests faulty, a receipt means one message, not sent means none, unknown means either."""
    storm = [
        ("before", "429"),
        ("before", "500"),
        ("before", "drop"),
        ("after_accept", "drop"),
        ("after_accept", "500"),
    ]
    chances = {"channel": "sms", "count": None, "probability": 0.15}
    await sandbox.post("faults", [{"where": where, "kind": kind, **chances} for where, kind in storm])
    sender, messages = twilio(sandbox), [an_sms() for _ in range(80)]
    outcomes = await asyncio.gather(*(sender.send(one) for one in messages), return_exceptions=True)
    sender.close()
    accepted = [len(await sandbox.ledger(one.message_id)) for one in messages]
    by_kind = {kind: {n for n, got in zip(accepted, outcomes, strict=True) if type(got) is kind} for kind in KINDS}
    assert by_kind == {Receipt: {1}, NotSentError: {0}, OutcomeUnknownError: {0, 1}}


KINDS = (Receipt, NotSentError, OutcomeUnknownError)
