"""Twilio's Messages resource: create, list, fetch, cancel, redact, delete."""

import base64
import secrets
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response

from sandbox.box import Box, Sandbox, box_of
from sandbox.carrier import FINAL, carry, new_sid, ours, report_canceled
from sandbox.records import Text, now
from sandbox.twilio_rules import TwilioError, check_order
from sandbox.twilio_shape import API_VERSION, message_resource, page_of

LARGEST_PAGE = 1_000


def authenticate(request: Request, account_sid: str) -> None:
    """Raises `TwilioError` 401 for other credentials, 404 for another account."""
    config = box_of(request).config
    expected = base64.b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
    if not secrets.compare_digest(request.headers.get("Authorization", ""), f"Basic {expected}"):
        raise TwilioError(401, 20003, "Authenticate")
    if account_sid != config.account_sid:
        raise TwilioError(404, 20404, f"The requested resource /{API_VERSION}/Accounts/{account_sid} was not found")


async def form_of(request: Request) -> dict[str, str]:
    """The posted fields; of a repeated one the last."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


router = APIRouter(prefix=f"/{API_VERSION}/Accounts/{{account_sid}}", dependencies=[Depends(authenticate)])
Fields = Annotated[dict[str, str], Depends(form_of)]


@router.post("/Messages.json", status_code=201)
async def create(box: Box, fields: Fields) -> dict[str, object]:
    """Take a text, or refuse it as Twilio would."""
    check_order(fields)
    text = _ordered(box, fields)
    if box.state.opted_out(text.sender, text.to):
        raise TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")
    box.state.save_text(text)
    answer = message_resource(text, box.config.account_sid)
    box.spawn(carry(box, text))
    return answer


@router.get("/Messages.json")
async def list_messages(request: Request, box: Box) -> dict[str, object]:
    """Newest first, filtered by To, From and DateSent."""
    query = dict(request.query_params)
    size = _number(query.pop("PageSize", ""), 50)
    page = _number(query.pop("Page", ""), 0)
    query.pop("PageToken", None)
    visible_until = now() - timedelta(seconds=box.faults.list_delay)
    found = [
        message_resource(one, box.config.account_sid, redacted=box.faults.redaction)
        for one in reversed(box.state.texts.values())
        if one.created_at <= visible_until and _fits(one, query)
    ]
    return page_of(found, request.url.path, query, page, max(1, min(size, LARGEST_PAGE)))


@router.get("/Messages/{sid}.json")
async def fetch(box: Box, sid: str) -> dict[str, object]:
    """One text."""
    return message_resource(_known(box, sid), box.config.account_sid, redacted=box.faults.redaction)


@router.post("/Messages/{sid}.json")
async def update(box: Box, sid: str, fields: Fields) -> dict[str, object]:
    """Redact (an empty Body) or cancel what was not sent."""
    text = _known(box, sid)
    if "Body" in fields:
        _redact(text, fields["Body"])
    if "Status" in fields:
        _cancel(text, fields["Status"])
        box.spawn(report_canceled(box, text))
    box.state.save_text(text)
    return message_resource(text, box.config.account_sid)


@router.delete("/Messages/{sid}.json", status_code=204)
async def delete(box: Box, sid: str) -> Response:
    """Forget a text that has come to its end."""
    text = _known(box, sid)
    if text.status not in FINAL:
        raise TwilioError(409, 20009, "Cannot delete this resource before it is complete")
    box.state.drop_text(sid)
    return Response(status_code=204)


def _ordered(box: Sandbox, fields: dict[str, str]) -> Text:
    service = fields.get("MessagingServiceSid")
    message_id, attempt = ours(fields.get("StatusCallback"))
    send_at = _send_at(fields)
    first = "accepted" if service else "queued"
    return Text(
        sid=new_sid(),
        direction="outbound-api",
        to=fields["To"],
        sender=fields.get("From") or box.config.service_number,
        service_sid=service,
        body=fields.get("Body", ""),
        num_media=1 if fields.get("MediaUrl") else 0,
        status="scheduled" if send_at else first,
        send_at=send_at,
        callback_url=fields.get("StatusCallback"),
        message_id=message_id,
        attempt=attempt,
    )


def _send_at(fields: dict[str, str]) -> datetime | None:
    if fields.get("ScheduleType") != "fixed":
        return None
    if not fields.get("MessagingServiceSid"):
        raise TwilioError(400, 35118, "MessagingServiceSid is required to schedule a message")
    try:
        moment = datetime.fromisoformat(fields.get("SendAt", ""))
    except ValueError:
        raise TwilioError(400, 35111, "SendAt is missing or not a valid time") from None
    if not timedelta(minutes=5) <= moment - now() <= timedelta(days=35):
        raise TwilioError(400, 35114, "SendAt must be between 5 minutes and 35 days ahead")
    return moment


def _known(box: Sandbox, sid: str) -> Text:
    if sid not in box.state.texts:
        path = f"/{API_VERSION}/Accounts/{box.config.account_sid}/Messages/{sid}.json"
        raise TwilioError(404, 20404, f"The requested resource {path} was not found")
    return box.state.texts[sid]


def _redact(text: Text, body: str) -> None:
    if body:
        raise TwilioError(400, 20001, "Body can only be set to an empty string")
    text.body = ""


def _cancel(text: Text, status: str) -> None:
    if status != "canceled":
        raise TwilioError(400, 20001, "Status can only be set to canceled")
    if text.status not in {"accepted", "scheduled", "queued"}:
        raise TwilioError(400, 30409, "The message can no longer be canceled")
    text.status = "canceled"


def _number(value: str, default: int) -> int:
    return int(value) if value.isdigit() else default


def _fits(text: Text, query: dict[str, str]) -> bool:
    """DateSent is null until a text is sent, so such a filter never finds what is still queued."""
    same_people = text.to == query.get("To", text.to) and text.sender == query.get("From", text.sender)
    return same_people and all(
        _sent_in(text, name[8:], value) for name, value in query.items() if name[:8] == "DateSent"
    )


def _sent_in(text: Text, relation: str, value: str) -> bool:
    sent = text.sent_at or (text.created_at if text.direction == "inbound" else None)
    if sent is None:
        return False
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        raise TwilioError(400, 20001, "DateSent must look like 2026-12-31") from None
    return {"<": sent.date() <= day, ">": sent.date() >= day}.get(relation, sent.date() == day)
