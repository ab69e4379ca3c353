"""The sandbox answers as SendGrid's published API does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.clients import bearer, post_mail
from tests.sandbox_server import RunningSandbox


async def test_a_mail_is_accepted(sandbox: RunningSandbox) -> None:
    """202, no body, an id in the header, and an entry in the ledger with our ids."""
    answer = await post_mail(sandbox)
    assert (answer.status_code, answer.content) == (202, b"")
    (entry,) = await sandbox.ledger("m1")
    assert (entry["id"], entry["attempt"], entry["post_count"]) == (answer.headers["X-Message-Id"], 1, 1)
    assert (entry["to"], entry["subject"], entry["text"]) == ("ana@example.com", "Your care steps", "Hi")


async def test_sandbox_mode_sends_nothing(sandbox: RunningSandbox) -> None:
    """SendGrid's own sandbox mode answers 200 and nothing is in the ledger."""
    answer = await post_mail(sandbox, mail_settings={"sandbox_mode": {"enable": True}})
    assert answer.status_code == 200
    assert (await sandbox.get("ledger"))["messages"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        (
            {"personalizations": [{"to": [{"email": "a@b.example"}], "custom_args": {"n": 1}}]},
            "personalizations.0.custom_args",
        ),
        ({"from": None}, "from.email"),
        ({"reply_to": {"email": "x"}}, "reply_to.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content"),
        ({"send_at": int((datetime.now(UTC) + timedelta(hours=73)).timestamp())}, "send_at"),
    ],
)
async def test_a_refusal_names_the_field(sandbox: RunningSandbox, changes: dict[str, Any], field: str) -> None:
    """A refused mail answers 400 in SendGrid's shape, and is in no ledger."""
    answer = await post_mail(sandbox, **changes)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert (await sandbox.get("ledger"))["messages"] == []


async def test_the_key_is_checked(sandbox: RunningSandbox) -> None:
    """Another key is 401."""
    answer = await sandbox.http.post("/v3/mail/send", json={}, headers={"Authorization": "Bearer SG.other"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"]


async def scheduled(sandbox: RunningSandbox, status: str) -> str:
    """A batch with that status, and one mail in it that is due."""
    created = await sandbox.http.post("/v3/mail/batch", headers=bearer(sandbox))
    batch_id = str(created.json()["batch_id"])
    order = {"batch_id": batch_id, "status": status}
    answer = await sandbox.http.post("/v3/user/scheduled_sends", json=order, headers=bearer(sandbox))
    assert (created.status_code, answer.status_code, answer.json()) == (201, 201, order)
    await post_mail(sandbox, batch_id=batch_id, send_at=int(datetime.now(UTC).timestamp()))
    return batch_id


async def test_a_cancelled_batch_is_thrown_away(sandbox: RunningSandbox) -> None:
    """When its time comes, a cancelled mail is not sent."""
    await scheduled(sandbox, "cancel")
    await sandbox.post("idle", {})
    (entry,) = await sandbox.ledger("m1")
    assert entry["status"] == "dropped"


async def test_a_paused_batch_goes_on_when_resumed(sandbox: RunningSandbox) -> None:
    """A paused mail waits beyond its time and is sent once the pause is taken back."""
    batch_id = await scheduled(sandbox, "pause")
    await sandbox.post("idle", {})
    (waiting,) = await sandbox.ledger("m1")
    await sandbox.http.delete(f"/v3/user/scheduled_sends/{batch_id}", headers=bearer(sandbox))
    await sandbox.post("idle", {})
    (sent,) = await sandbox.ledger("m1")
    assert (waiting["status"], sent["status"]) == ("processed", "delivered")


async def test_batches_can_be_asked_for_and_changed(sandbox: RunningSandbox) -> None:
    """A batch is valid once made; its status can be read, changed and taken back; an unknown one is refused."""
    batch_id = await scheduled(sandbox, "pause")
    path, headers = f"/v3/user/scheduled_sends/{batch_id}", bearer(sandbox)
    again = await sandbox.http.post(
        "/v3/user/scheduled_sends", json={"batch_id": batch_id, "status": "pause"}, headers=headers
    )
    changed = await sandbox.http.patch(path, json={"status": "cancel"}, headers=headers)
    listed = (await sandbox.http.get("/v3/user/scheduled_sends", headers=headers)).json()
    assert (again.status_code, changed.status_code) == (400, 204)
    assert listed == (await sandbox.http.get(path, headers=headers)).json()
    assert listed == [{"batch_id": batch_id, "status": "cancel"}]
    assert (await sandbox.http.get(f"/v3/mail/batch/{batch_id}", headers=headers)).json() == {"batch_id": batch_id}
    assert (await sandbox.http.get("/v3/mail/batch/unknown", headers=headers)).status_code == 400
    assert (await sandbox.http.delete("/v3/user/scheduled_sends/unknown", headers=headers)).status_code == 404


async def test_the_mail_page_isolates_html(sandbox: RunningSandbox) -> None:
    """A mail's HTML is shown in a frame that may run nothing."""
    answer = await post_mail(sandbox)
    page = await sandbox.http.get(f"/_sandbox/mail/{answer.headers['X-Message-Id']}")
    assert 'sandbox srcdoc="&lt;p&gt;Hi&lt;/p&gt;"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (await sandbox.http.get("/_sandbox/mail/unknown")).status_code == 404
