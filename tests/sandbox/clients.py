"""Plain HTTP calls to the sandbox's vendor APIs, as any client would make them."""

from typing import Any

import httpx

from tests.sandbox_server import RunningSandbox

CLINIC = "+15005550010"
PATIENT = "+15005550006"


def messages_path(sandbox: RunningSandbox) -> str:
    """The list resource of the sandbox's own account."""
    return f"/2010-04-01/Accounts/{sandbox.box.config.account_sid}/Messages.json"


def auth(sandbox: RunningSandbox) -> tuple[str, str]:
    """The sandbox's own Twilio credentials."""
    return sandbox.box.config.account_sid, sandbox.box.config.auth_token


async def post_text(sandbox: RunningSandbox, **fields: str) -> httpx.Response:
    """POST Messages.json."""
    given = {"To": PATIENT, "From": CLINIC, "Body": "Hi Ana"} | fields
    return await sandbox.http.post(messages_path(sandbox), data=given, auth=auth(sandbox))


async def list_texts(sandbox: RunningSandbox, **query: str) -> dict[str, Any]:
    """GET Messages.json."""
    answer = await sandbox.http.get(messages_path(sandbox), params=query, auth=auth(sandbox))
    return dict(answer.raise_for_status().json())


async def reply(sandbox: RunningSandbox, body: str, **fields: Any) -> dict[str, Any]:
    """The patient writes."""
    return dict(await sandbox.post(f"patients/{PATIENT}/reply", {"body": body, **fields}))


async def post_mail(sandbox: RunningSandbox, to: str = "ana@example.com", **changes: Any) -> httpx.Response:
    """POST /v3/mail/send."""
    given: dict[str, Any] = {
        "personalizations": [
            {"to": [{"email": to}], "custom_args": {"healgate_message_id": "m1", "healgate_attempt": "1"}}
        ],
        "from": {"email": "care@clinic.example"},
        "subject": "Your care steps",
        "content": [{"type": "text/plain", "value": "Hi"}, {"type": "text/html", "value": "<p>Hi</p>"}],
    }
    return await sandbox.http.post("/v3/mail/send", json=given | changes, headers=bearer(sandbox))


def bearer(sandbox: RunningSandbox) -> dict[str, str]:
    """The sandbox's own SendGrid key."""
    return {"Authorization": f"Bearer {sandbox.box.config.sendgrid_api_key}"}
