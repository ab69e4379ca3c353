"""The patient's phone: opt-out words first, then the clinic; and the page that shows it."""

import pytest

from tests.sandbox.clients import CLINIC, PATIENT, list_texts, post_text, reply
from tests.sandbox_server import RunningSandbox
from tests.webhook_sink import WebhookSink


async def texts_to_patient(sandbox: RunningSandbox) -> list[str]:
    """What the phone received, oldest first, the clinic's and the provider's own."""
    await sandbox.post("idle", {})
    return [one["body"] for one in (await list_texts(sandbox, To=PATIENT))["messages"]][::-1]


@pytest.mark.parametrize("word", ["STOP", " stop ", "Cancel", "END", "revoke", "OptOut"])
async def test_one_word_opts_out(sandbox: RunningSandbox, sink: WebhookSink, word: str) -> None:
    """A single opt-out word is answered by the provider, passed on, and blocks what follows with 21610."""
    await reply(sandbox, word, to=CLINIC)
    assert [body[:42] for body in await texts_to_patient(sandbox)] == ["You have successfully been unsubscribed. Y"]
    assert (await post_text(sandbox)).json()["code"] == 21610
    assert len(sink.hits) == 1


async def test_a_sentence_does_not_opt_out(sandbox: RunningSandbox) -> None:
    """The provider knows single words only: the product must read the rest."""
    await reply(sandbox, "please cancel", to=CLINIC)
    assert (await post_text(sandbox)).status_code == 201


async def test_an_opt_out_holds_for_one_sender(sandbox: RunningSandbox) -> None:
    """STOP to one number leaves another number of the clinic alone."""
    await reply(sandbox, "STOP", to=CLINIC)
    assert (await post_text(sandbox, From="+15005550011")).status_code == 201


async def test_start_opts_in_again(sandbox: RunningSandbox) -> None:
    """START after STOP is answered and lets messages through."""
    await reply(sandbox, "STOP", to=CLINIC)
    await reply(sandbox, "START", to=CLINIC)
    assert len(await texts_to_patient(sandbox)) == 2
    assert (await post_text(sandbox)).status_code == 201


async def test_help_is_answered_by_the_provider(sandbox: RunningSandbox) -> None:
    """HELP gets the default text; YES of somebody subscribed gets none."""
    await reply(sandbox, "help", to=CLINIC)
    await reply(sandbox, "YES", to=CLINIC)
    assert await texts_to_patient(sandbox) == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]


async def test_redaction_switches_the_providers_opt_out_off(sandbox: RunningSandbox) -> None:
    """With message redaction STOP is for the product alone."""
    await sandbox.post("faults", {"redaction": True})
    await reply(sandbox, "STOP", to=CLINIC)
    assert (await post_text(sandbox)).status_code == 201


async def test_advanced_opt_out_names_the_type(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """With Advanced Opt-Out the webhook says what the provider did."""
    sandbox.box.config.advanced_opt_out = True
    await reply(sandbox, "quit")
    assert b"OptOutType=STOP" in sink.hits[0].body


async def test_a_reply_goes_to_who_texted_last(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """Without a number, the answer goes where the last text came from."""
    await post_text(sandbox, From="+15005550011")
    await reply(sandbox, "ok")
    assert b"To=%2B15005550011" in sink.hits[0].body


async def test_a_reply_can_be_delivered_twice(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """The same message id posts the webhook again and keeps one text."""
    first = await reply(sandbox, "ok", message_sid="SM1")
    assert await reply(sandbox, "ok", message_sid="SM1") == first
    assert len(sink.hits) == 2
    assert len((await sandbox.get("ledger"))["inbound"]) == 1


async def test_a_lost_reply_is_in_the_listing(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """A webhook that never came leaves the text to be found."""
    await sandbox.fault(where="inbound", kind="drop")
    assert (await reply(sandbox, "lost", to=CLINIC))["webhook_status"] is None
    assert sink.hits == []
    (listed,) = (await list_texts(sandbox, To=CLINIC))["messages"]
    assert (listed["direction"], listed["status"], listed["body"]) == ("inbound", "received", "lost")


async def test_each_number_has_its_own_webhook(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """A text goes to the webhook of the number that it was written to."""
    await sandbox.http.put("/_sandbox/webhooks", json={"inbound_urls": {"+15005550012": f"{sink.base_url}/other"}})
    await reply(sandbox, "a", to="+15005550012")
    await reply(sandbox, "b", to=CLINIC)
    assert [hit.path for hit in sink.hits] == ["/other", "/inbound"]


async def test_the_page_shows_the_conversation(sandbox: RunningSandbox) -> None:
    """Texts of both sides are on the page, escaped, under the banner, with a form that needs no script."""
    await post_text(sandbox, Body="<b>Hi</b>")
    await reply(sandbox, "all good")
    page = (await sandbox.http.get(f"/_sandbox/patients/{PATIENT}")).text
    assert "no message leaves this machine" in page
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert "all good" in page
    assert "<script" not in page
    assert PATIENT in (await sandbox.http.get("/_sandbox/patients")).text


async def test_the_pages_form_sends_a_text(sandbox: RunningSandbox, sink: WebhookSink) -> None:
    """The form posts the reply and leads back to the conversation."""
    answer = await sandbox.http.post(f"/_sandbox/patients/%2B{PATIENT[1:]}/reply", data={"body": "from the page"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/_sandbox/patients/%2B{PATIENT[1:]}")
    assert b"Body=from+the+page" in sink.hits[0].body


@pytest.mark.parametrize(
    ("number", "body"), [("555", {"body": "x"}), (PATIENT, {}), (PATIENT, {"body": "x", "new": 1})]
)
async def test_a_wrong_reply_says_so(sandbox: RunningSandbox, number: str, body: dict[str, object]) -> None:
    """A number that is none, a missing body or an unknown field is refused."""
    assert (await sandbox.http.post(f"/_sandbox/patients/{number}/reply", json=body)).status_code == 422
