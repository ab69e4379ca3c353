"""What becomes of a text after Twilio took it: its statuses, and the callbacks about them."""

import asyncio
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from sandbox.box import Sandbox
from sandbox.faults import Event, Fault
from sandbox.records import Text, now
from sandbox.twilio_rules import fate
from sandbox.twilio_shape import API_VERSION

FINAL = {"delivered", "undelivered", "failed", "canceled", "received", "read"}

Callback = tuple[dict[str, str], Fault | None]


def new_sid() -> str:
    """A message SID."""
    return f"SM{uuid4().hex}"


def ours(callback_url: str | None) -> tuple[str | None, int | None]:
    """Ledger id and attempt from `n` and `a` of a StatusCallback URL."""
    named = {name: values[0] for name, values in parse_qs(urlsplit(callback_url or "").query).items()}
    attempt = named.get("a", "")
    return named.get("n"), int(attempt) if attempt.isdigit() else None


async def carry(box: Sandbox, text: Text) -> None:
    """Take a text through its statuses, posting a callback for each but the first (as Twilio does)."""
    if text.send_at:
        await asyncio.sleep(max(box.config.scaled((text.send_at - now()).total_seconds()), 0))
    held: list[Callback] = []
    for status, code in _road(text):
        await asyncio.sleep(box.config.scaled(box.config.step_seconds))
        if text.sid not in box.state.texts or text.status in FINAL:
            return
        _advance(box, text, status, code)
        held += await _report(box, text)
    for index in box.faults.shuffled(len(held)):
        await _post(box, text, held[index])


async def report_canceled(box: Sandbox, text: Text) -> None:
    """The one callback of a text that was cancelled before it was sent."""
    for callback in await _report(box, text):
        await _post(box, text, callback)


def _road(text: Text) -> list[tuple[str, int | None]]:
    start: list[tuple[str, int | None]] = []
    if text.status in {"accepted", "scheduled"}:
        start.append(("queued", None))
    if text.status in {"accepted", "scheduled", "queued"}:
        start.append(("sent", None))
    return [*start, fate(text.to)]


def _advance(box: Sandbox, text: Text, status: str, code: int | None) -> None:
    text.status, text.error_code = status, code
    if status == "sent":
        text.sent_at = now()
    box.state.save_text(text)


async def _report(box: Sandbox, text: Text) -> list[Callback]:
    """Post the callback now, or answer it when it is to come late and out of order."""
    fault = box.faults.pick(Event(where="callback", channel="sms", number=text.to, body=text.body))
    callback = (_fields(box, text), fault)
    if fault and fault.kind == "shuffle":
        return [callback]
    if fault and fault.kind == "delay":
        box.spawn(_post(box, text, callback))
        return []
    await _post(box, text, callback)
    return []


async def _post(box: Sandbox, text: Text, callback: Callback) -> None:
    if text.callback_url:
        await box.webhooks.post_form(text.callback_url, *callback)


def _fields(box: Sandbox, text: Text) -> dict[str, str]:
    fields = {
        "AccountSid": box.config.account_sid,
        "ApiVersion": API_VERSION,
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": text.status,
        "SmsSid": text.sid,
        "SmsStatus": text.status,
        "To": text.to,
    }
    if text.service_sid:
        fields["MessagingServiceSid"] = text.service_sid
    if text.error_code:
        fields["ErrorCode"] = str(text.error_code)
    if text.status in {"delivered", "undelivered"}:
        fields["RawDlrDoneDate"] = now().strftime("%y%m%d%H%M")
    return fields
