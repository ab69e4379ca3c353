"""What becomes of a mail after SendGrid took it: its events, and the webhook about them."""

import asyncio
import secrets
from typing import Any

from sandbox.box import Sandbox
from sandbox.faults import Event
from sandbox.records import Mail, now

Story = tuple[str, dict[str, str]]

_DELIVERED: Story = ("delivered", {"response": "250 OK"})
_FATES: dict[str, tuple[Story, ...]] = {
    "bounce": (
        (
            "bounce",
            {
                "type": "bounce",
                "status": "5.1.1",
                "reason": "550 5.1.1 The mailbox does not exist",
                "bounce_classification": "Invalid Address",
            },
        ),
    ),
    "blocked": (
        (
            "bounce",
            {
                "type": "blocked",
                "status": "4.7.1",
                "reason": "451 4.7.1 Try again later",
                "bounce_classification": "Reputation",
            },
        ),
    ),
    "deferred": (("deferred", {"response": "451 Greylisted", "attempt": "1"}), _DELIVERED),
    "spamreport": (_DELIVERED, ("spamreport", {})),
    "unsubscribe": (_DELIVERED, ("unsubscribe", {})),
}
"""By the last word of the local part: `bounce@…` and `ana+bounce@…` bounce."""
_SUPPRESSING = {
    "bounce": "Bounced Address",
    "spamreport": "Spam Reporting Address",
    "unsubscribe": "Unsubscribed Address",
}
_LOG_STATUS = {"bounce": "bounced", "spamreport": "delivered", "unsubscribe": "delivered"}


def new_mail_id() -> str:
    """An id as in X-Message-Id: 22 letters, digits, dashes."""
    return secrets.token_urlsafe(16)


async def carry(box: Sandbox, mail: Mail) -> None:
    """Take a mail through its events, posting each to the event webhook."""
    if mail.send_at:
        await asyncio.sleep(max(box.config.scaled((mail.send_at - now()).total_seconds()), 0))
        if _held(box, mail):
            return
    for name, details in _story(box, mail):
        await asyncio.sleep(box.config.scaled(box.config.step_seconds))
        await _happen(box, mail, name, details)


def resume(box: Sandbox, batch_id: str) -> None:
    """Send what a pause held back beyond its time."""
    for mail in box.state.mails.values():
        if mail.batch_id == batch_id and not mail.events and mail.send_at and mail.send_at <= now():
            box.spawn(carry(box, mail))


def _held(box: Sandbox, mail: Mail) -> bool:
    """A cancelled batch is thrown away when its time comes; a paused one waits for `resume`."""
    status = box.state.batches.get(mail.batch_id or "")
    if status == "cancel":
        mail.status = "dropped"
        box.state.save_mail(mail)
    return bool(status)


def _story(box: Sandbox, mail: Mail) -> tuple[Story, ...]:
    reason = box.state.suppressed.get(mail.to)
    if reason:
        return (("dropped", {"reason": reason}),)
    word = mail.to.partition("@")[0].rpartition("+")[2].lower()
    return (("processed", {}), *_FATES.get(word, (_DELIVERED,)))


async def _happen(box: Sandbox, mail: Mail, name: str, details: dict[str, str]) -> None:
    event = _event(mail, name, details)
    blocked = details.get("type") == "blocked"
    if name in _SUPPRESSING and not blocked:
        box.state.suppress(mail.to, _SUPPRESSING[name])
    mail.status = "blocked" if blocked else _LOG_STATUS.get(name, name)
    mail.events.append(event)
    box.state.save_mail(mail)
    if box.config.event_url:
        fault = box.faults.pick(Event(where="callback", channel="email", number=mail.to, body=mail.subject))
        await box.webhooks.post_events(box.config.event_url, [event | mail.custom_args], fault)


def _event(mail: Mail, name: str, details: dict[str, str]) -> dict[str, Any]:
    return {
        "email": mail.to,
        "event": name,
        "ip": "127.0.0.1",
        "sg_event_id": secrets.token_urlsafe(16),
        "sg_message_id": f"{mail.id}.recvd-sandbox-0",
        "smtp-id": f"<{mail.id}@sandbox>",
        "timestamp": int(now().timestamp()),
        **details,
    }
