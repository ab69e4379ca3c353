"""SendGrid's v3 API as far as a sender of single mails needs it: mail/send, batches, scheduled sends, e-mail logs."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.box import Box, Sandbox, box_of
from sandbox.mailroom import carry, new_mail_id, resume
from sandbox.records import Mail, now
from sandbox.sendgrid_rules import SendGridError, read_order

_TO_EMAIL = re.compile(r"""to_email\s*=\s*(["'])(.+?)\1""")
_CREATED = re.compile(r"""sg_message_id_created_at\s*>=?\s*TIMESTAMP\s*(["'])(.+?)\1""")


def authenticate(request: Request) -> None:
    """Raises `SendGridError` 401 for another key."""
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(given, f"Bearer {box_of(request).config.sendgrid_api_key}"):
        raise SendGridError(401, "The provided authorization grant is invalid, expired, or revoked")


router = APIRouter(prefix="/v3", dependencies=[Depends(authenticate)])


@router.post("/mail/send")
async def send(request: Request, box: Box) -> Response:
    """202 and X-Message-Id; 200 and nothing sent where sandbox_mode is on."""
    order = read_order(await request.body())
    if order.get("mail_settings", {}).get("sandbox_mode", {}).get("enable") is True:
        return Response(status_code=200)
    mails = [_mail(order, one, person) for one in order["personalizations"] for person in one["to"]]
    for mail in mails:
        box.state.save_mail(mail)
        box.spawn(carry(box, mail))
    return Response(status_code=202, headers={"X-Message-Id": mails[0].id})


@router.post("/mail/batch", status_code=201)
async def create_batch(box: Box) -> dict[str, str]:
    """A new batch id."""
    batch_id = secrets.token_urlsafe(24)
    box.state.set_batch(batch_id, "")
    return {"batch_id": batch_id}


@router.get("/mail/batch/{batch_id}")
async def fetch_batch(box: Box, batch_id: str) -> dict[str, str]:
    """Whether a batch id is valid."""
    if batch_id not in box.state.batches:
        raise SendGridError(400, "invalid batch id")
    return {"batch_id": batch_id}


@router.post("/user/scheduled_sends", status_code=201)
async def stop_batch(request: Request, box: Box) -> dict[str, str]:
    """Pause or cancel a batch; one that already has a status must be patched."""
    order = await _json(request)
    batch_id, status = order.get("batch_id", ""), order.get("status", "")
    if batch_id not in box.state.batches or status not in {"pause", "cancel"}:
        raise SendGridError(400, "invalid batch id or status", "batch_id")
    if box.state.batches[batch_id]:
        raise SendGridError(400, "a status for this batch id exists, try PATCH to update it", "batch_id")
    box.state.set_batch(batch_id, status)
    return {"batch_id": batch_id, "status": status}


@router.get("/user/scheduled_sends")
async def list_stopped(box: Box) -> list[dict[str, str]]:
    """All paused and cancelled batches."""
    return [{"batch_id": key, "status": status} for key, status in box.state.batches.items() if status]


@router.get("/user/scheduled_sends/{batch_id}")
async def fetch_stopped(box: Box, batch_id: str) -> list[dict[str, str]]:
    """One batch's status, as an array; empty without one."""
    status = box.state.batches.get(batch_id)
    return [{"batch_id": batch_id, "status": status}] if status else []


@router.patch("/user/scheduled_sends/{batch_id}", status_code=204)
async def change_stopped(request: Request, box: Box, batch_id: str) -> Response:
    """Change pause to cancel, or back."""
    status = (await _json(request)).get("status", "")
    if not box.state.batches.get(batch_id) or status not in {"pause", "cancel"}:
        raise SendGridError(404, "batch id not found")
    box.state.set_batch(batch_id, status)
    return Response(status_code=204)


@router.delete("/user/scheduled_sends/{batch_id}", status_code=204)
async def resume_batch(box: Box, batch_id: str) -> Response:
    """Take pause or cancel back."""
    if not box.state.batches.get(batch_id):
        raise SendGridError(404, "batch id not found")
    box.state.set_batch(batch_id, "")
    resume(box, batch_id)
    return Response(status_code=204)


@router.post("/logs")
async def search_logs(request: Request, box: Box) -> dict[str, object]:
    """Mails to an address since a time, newest first."""
    order = await _json(request)
    query, limit = str(order.get("query", "")), order.get("limit", 10)
    if not isinstance(limit, int) or not 1 <= limit <= 1000:
        raise SendGridError(400, "limit must be between 1 and 1000", "limit")
    found = [_log_entry(one) for one in reversed(box.state.mails.values()) if _asked_for(box, one, query)]
    return {"messages": found[:limit]}


@router.get("/logs/{log_id}")
async def fetch_log(box: Box, log_id: str) -> dict[str, object]:
    """One mail with its events."""
    mail = box.state.mails.get(log_id.partition(".")[0])
    if mail is None:
        raise SendGridError(404, "not found")
    events = [event | {"custom_args": mail.custom_args} for event in mail.events]
    detail = {"api_key_id": "sandbox", "client_ip": "127.0.0.1", "custom_args": mail.custom_args, "events": events}
    return {key: value for key, value in _log_entry(mail).items() if key != "sg_message_id_created_at"} | detail


async def _json(request: Request) -> dict[str, Any]:
    try:
        return dict(await request.json())
    except (ValueError, TypeError):
        raise SendGridError(400, "Bad Request") from None


def _mail(order: dict[str, Any], personalization: dict[str, Any], person: dict[str, Any]) -> Mail:
    parts = {part["type"]: part["value"] for part in order["content"]}
    arguments = order.get("custom_args", {}) | personalization.get("custom_args", {})
    attempt = arguments.get("healgate_attempt", "")
    return Mail(
        id=new_mail_id(),
        to=person["email"],
        sender=order["from"]["email"],
        subject=personalization.get("subject") or order["subject"],
        text=parts.get("text/plain", ""),
        html=parts.get("text/html", ""),
        headers=order.get("headers", {}),
        attachments=[one.get("filename", "") for one in order.get("attachments", [])],
        custom_args=arguments,
        send_at=_send_at(order.get("send_at")),
        batch_id=order.get("batch_id"),
        message_id=arguments.get("healgate_message_id"),
        attempt=int(attempt) if attempt.isdigit() else None,
    )


def _send_at(epoch: object) -> datetime | None:
    if epoch is None:
        return None
    if not isinstance(epoch, int) or datetime.fromtimestamp(epoch, UTC) - now() > timedelta(hours=72):
        raise SendGridError(400, "send_at must be a time within 72 hours", "send_at")
    return datetime.fromtimestamp(epoch, UTC)


def _asked_for(box: Sandbox, mail: Mail, query: str) -> bool:
    address, created = _TO_EMAIL.search(query), _CREATED.search(query)
    visible = mail.created_at <= now() - timedelta(seconds=box.faults.list_delay)
    to_whom = address is None or address[2] == mail.to
    in_time = created is None or mail.created_at >= _instant(created[2])
    return visible and to_whom and in_time


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SendGridError(400, "the query holds no valid TIMESTAMP", "query") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _log_entry(mail: Mail) -> dict[str, object]:
    return {
        "from_email": mail.sender,
        "sg_message_id": f"{mail.id}.recvd-sandbox-0",
        "subject": mail.subject,
        "to_email": mail.to,
        "status": mail.status,
        "sg_message_id_created_at": mail.created_at.isoformat(),
    }
