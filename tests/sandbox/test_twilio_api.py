"""The sandbox answers as Twilio's published API does."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.clients import CLINIC, PATIENT, auth, list_texts, messages_path, post_text
from tests.sandbox_server import RunningSandbox

FIELDS = {
    "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction", "error_code",
    "error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price", "price_unit", "sid",
    "status", "subresource_uris", "to", "uri",
}  # fmt: skip
PAGE_FIELDS = {
    "end", "first_page_uri", "messages", "next_page_uri", "page", "page_size", "previous_page_uri", "start", "uri",
}  # fmt: skip


async def test_a_message_has_every_published_field(sandbox: RunningSandbox) -> None:
    """Created, fetched and listed, a message looks as the Message resource says."""
    created = await post_text(sandbox)
    text = created.json()
    fetched = (await sandbox.http.get(text["uri"], auth=auth(sandbox))).json()
    (listed,) = (await list_texts(sandbox))["messages"]
    assert created.status_code == 201
    assert set(text) == set(fetched) == set(listed) == FIELDS
    assert (text["status"], text["num_segments"], text["direction"]) == ("queued", "1", "outbound-api")
    assert text["date_created"].endswith("+0000")
    assert text["sid"].startswith("SM")
    assert len(text["sid"]) == len(text["account_sid"]) == 34


async def test_a_messaging_service_starts_as_accepted(sandbox: RunningSandbox) -> None:
    """With a Messaging Service the first status is accepted and the segments are not known yet."""
    text = (await post_text(sandbox, From="", MessagingServiceSid="MG" + "0" * 32)).json()
    assert (text["status"], text["num_segments"], text["messaging_service_sid"]) == ("accepted", "0", "MG" + "0" * 32)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"From": ""}, 21603),
        ({"To": ""}, 21604),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "555"}, 21211),
        ({"From": "555"}, 21212),
        ({"To": CLINIC}, 21266),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"StatusCallback": "http://under_score.example/x"}, 21609),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"ScheduleType": "fixed"}, 35118),
    ],
)
async def test_a_refusal_has_twilios_shape(sandbox: RunningSandbox, fields: dict[str, str], code: int) -> None:
    """A refused message answers 400 with Twilio's code, and is in no ledger."""
    answer = await post_text(sandbox, **fields)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert (answer.json()["code"], answer.json()["status"]) == (code, 400)
    assert (await sandbox.get("ledger"))["messages"] == []


async def test_credentials_are_checked(sandbox: RunningSandbox) -> None:
    """A wrong token is 401, another account 404, an unknown message 404."""
    path = messages_path(sandbox)
    wrong = await sandbox.http.get(path, auth=(auth(sandbox)[0], "wrong"))
    other = await sandbox.http.get(path.replace("AC0", "AC1"), auth=auth(sandbox))
    unknown = await sandbox.http.get(path.replace(".json", "/SM1.json"), auth=auth(sandbox))
    assert [one.status_code for one in (wrong, other, unknown)] == [401, 404, 404]
    assert [one.json()["code"] for one in (wrong, other, unknown)] == [20003, 20404, 20404]


async def test_a_list_is_paged(sandbox: RunningSandbox) -> None:
    """Following next_page_uri visits every message once, newest first."""
    sids = [(await post_text(sandbox)).json()["sid"] for _ in range(5)]
    page = await list_texts(sandbox, PageSize="2", To=PATIENT)
    assert set(page) == PAGE_FIELDS
    seen = [one["sid"] for one in page["messages"]]
    while page["next_page_uri"]:
        page = (await sandbox.http.get(page["next_page_uri"], auth=auth(sandbox))).json()
        seen += [one["sid"] for one in page["messages"]]
    assert seen == sids[::-1]
    assert page["previous_page_uri"] is not None


async def test_a_list_is_filtered(sandbox: RunningSandbox) -> None:
    """To, From and DateSent narrow a list, and DateSent leaves out what was never sent."""
    await post_text(sandbox)
    await post_text(sandbox, To="+15005550007")
    await sandbox.post("idle", {})
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=1)
    assert len((await list_texts(sandbox, To=PATIENT))["messages"]) == 1
    assert len((await list_texts(sandbox, From=CLINIC))["messages"]) == 2
    assert len((await list_texts(sandbox, **{"DateSent>": str(today)}))["messages"]) == 2
    assert len((await list_texts(sandbox, **{"DateSent>": str(tomorrow)}))["messages"]) == 0


async def test_a_scheduled_message_can_be_cancelled(sandbox: RunningSandbox) -> None:
    """What is scheduled is not sent, and a cancel ends it for good."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    fields = {"From": "", "MessagingServiceSid": "MG" + "0" * 32, "ScheduleType": "fixed", "SendAt": later}
    text = (await post_text(sandbox, **fields)).json()
    cancelled = await sandbox.http.post(text["uri"], data={"Status": "canceled"}, auth=auth(sandbox))
    again = await sandbox.http.post(text["uri"], data={"Status": "canceled"}, auth=auth(sandbox))
    assert (text["status"], cancelled.json()["status"], again.status_code) == ("scheduled", "canceled", 400)


async def test_a_message_can_be_redacted_and_deleted(sandbox: RunningSandbox) -> None:
    """An empty Body takes the words away, DELETE the message."""
    text = (await post_text(sandbox)).json()
    await sandbox.post("idle", {})
    redacted = await sandbox.http.post(text["uri"], data={"Body": ""}, auth=auth(sandbox))
    refused = await sandbox.http.post(text["uri"], data={"Body": "new"}, auth=auth(sandbox))
    deleted = await sandbox.http.delete(text["uri"], auth=auth(sandbox))
    assert (redacted.json()["body"], refused.status_code, deleted.status_code) == ("", 400, 204)
    assert (await list_texts(sandbox))["messages"] == []


async def test_redaction_hides_words_and_digits(sandbox: RunningSandbox) -> None:
    """With message redaction a look-up shows neither body nor last digits."""
    await post_text(sandbox)
    await sandbox.post("faults", {"redaction": True})
    (listed,) = (await list_texts(sandbox))["messages"]
    assert (listed["body"], listed["to"]) == ("", "+1500555XXXX")
