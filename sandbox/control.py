"""The sandbox's own address space: the patient's phone, the ledger as ground truth, faults, and the signing key."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.box import Box, Sandbox
from sandbox.faults import Fault
from sandbox.phone import Reply, conversation, patients, receive
from sandbox.records import Mail, Text
from sandbox.twilio_rules import E164

router = APIRouter(prefix="/_sandbox")

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=select_autoescape(), trim_blocks=True
)


class Knobs(BaseModel):
    """What is not a rule but a way of working. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    list_delay: float | None = Field(default=None, ge=0)
    redaction: bool | None = None


class Webhooks(BaseModel):
    """Where webhooks go. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    inbound_url: str | None = None
    inbound_urls: dict[str, str] | None = None
    event_url: str | None = None


@router.post("/patients/{number}/reply")
async def reply(request: Request, box: Box, number: str) -> Response:
    """A patient's text, as JSON (answers {message_sid, webhook_status}) or from the page's form (leads back to it)."""
    from_page = not request.headers.get("Content-Type", "").startswith("application/json")
    order = _read_reply(await request.body(), from_page=from_page)
    text, status = await receive(box, _checked(number), order)
    if from_page:
        return RedirectResponse(f"/_sandbox/patients/{quote(number)}", status_code=303)
    answer = _Answer(message_sid=text.sid, webhook_status=status)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/patients")
async def show_patients(box: Box) -> HTMLResponse:
    """Everybody who got or wrote a text."""
    mails = list(reversed(box.state.mails.values()))
    return _page("patients.html", patients=patients(box), mails=mails)


@router.get("/patients/{number}")
async def show_phone(box: Box, number: str) -> HTMLResponse:
    """One patient's conversation, with a field to answer."""
    return _page("phone.html", number=_checked(number), texts=conversation(box, number))


@router.get("/mail/{mail_id}")
async def show_mail(box: Box, mail_id: str) -> HTMLResponse:
    """One e-mail."""
    mail = box.state.mails.get(mail_id)
    if mail is None:
        raise HTTPException(404, "no such mail")
    return _page("mail.html", mail=mail)


@router.get("/ledger")
async def ledger(box: Box, message_id: str | None = None) -> dict[str, object]:
    """What was accepted for patients (`messages`), what they wrote (`inbound`), and POSTs by ledger row (`posts`)."""
    texts = [one for one in box.state.texts.values() if one.direction != "inbound"]
    entries = [_text_entry(box, one) for one in texts] + [_mail_entry(box, one) for one in box.state.mails.values()]
    shown = [one for one in entries if message_id in {None, one["message_id"]}]
    inbound = [_text_entry(box, one) for one in box.state.texts.values() if one.direction == "inbound"]
    return {
        "messages": sorted(shown, key=lambda one: str(one["created_at"])),
        "inbound": inbound,
        "posts": dict(box.state.posts),
    }


@router.delete("/ledger", status_code=204)
async def start_afresh(box: Box) -> Response:
    """Forget all messages, opt-outs and faults; webhooks and keys stay."""
    await box.start_afresh()
    return Response(status_code=204)


@router.post("/faults", status_code=201)
async def add_fault(box: Box, order: Fault | list[Fault] | Knobs) -> dict[str, object]:
    """One rule, several, or a knob."""
    if isinstance(order, Knobs):
        _turn(box, order)
        return {"list_delay": box.faults.list_delay, "redaction": box.faults.redaction}
    rules = order if isinstance(order, list) else [order]
    for rule in rules:
        _add(box, rule)
    return {"added": len(rules)}


@router.delete("/faults", status_code=204)
async def clear_faults(box: Box) -> Response:
    """Everything works again."""
    box.faults.clear()
    return Response(status_code=204)


@router.get("/key")
async def public_key(box: Box) -> dict[str, str]:
    """The public key of the event webhook, base64 SPKI."""
    return {"public_key": box.key.public}


@router.put("/webhooks")
async def set_webhooks(box: Box, order: Webhooks) -> Webhooks:
    """Where webhooks go from now on."""
    for name, value in order.model_dump(exclude_none=True).items():
        setattr(box.config, name, value)
    config = box.config
    return Webhooks(inbound_url=config.inbound_url, inbound_urls=config.inbound_urls, event_url=config.event_url)


@router.post("/idle")
async def idle(box: Box, seconds: float = 10.0) -> dict[str, bool]:
    """Answer when every webhook so far was delivered or given up, or after `seconds`."""
    try:
        await asyncio.wait_for(box.idle(), seconds)
    except TimeoutError:
        return {"idle": False}
    return {"idle": True}


class _Answer(BaseModel):
    message_sid: str
    webhook_status: int | None


def _read_reply(raw: bytes, *, from_page: bool) -> Reply:
    try:
        if from_page:
            fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
            return Reply(body=fields.get("body", [""])[0])
        return Reply.model_validate_json(raw)
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_url=False, include_context=False)) from None


def _checked(number: str) -> str:
    if not E164.fullmatch(number):
        raise HTTPException(422, "a patient is named by a number such as +15005550123")
    return number


def _turn(box: Sandbox, knobs: Knobs) -> None:
    if knobs.list_delay is not None:
        box.faults.list_delay = knobs.list_delay
    if knobs.redaction is not None:
        box.faults.redaction = knobs.redaction


def _add(box: Sandbox, rule: Fault) -> None:
    if rule.kind != "refuse":
        box.faults.add(rule)
        return
    if box.shut_door is None:
        raise HTTPException(409, "only a sandbox that runs as its own server can refuse connections")
    box.shut_door(rule.seconds)


def _text_entry(box: Sandbox, text: Text) -> dict[str, object]:
    return {
        "id": text.sid,
        "channel": "sms",
        "to": text.to,
        "from": text.sender,
        "body": text.body,
        "created_at": text.created_at.isoformat(),
        "status": text.status,
        "error_code": text.error_code,
        "automatic": text.direction == "outbound-reply",
        "message_id": text.message_id,
        "attempt": text.attempt,
        "post_count": box.state.posts.get(text.message_id or "", 0),
    }


def _mail_entry(box: Sandbox, mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id,
        "channel": "email",
        "to": mail.to,
        "from": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "attachments": mail.attachments,
        "created_at": mail.created_at.isoformat(),
        "status": mail.status,
        "automatic": False,
        "message_id": mail.message_id,
        "attempt": mail.attempt,
        "post_count": box.state.posts.get(mail.message_id or "", 0),
    }


def _page(name: str, **values: object) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-src 'self'"
    }
    return HTMLResponse(_PAGES.get_template(name).render(**values), headers=headers)
