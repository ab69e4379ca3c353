"""The gate in front of the vendors' APIs: counts the POSTs of each ledger row and lets the fault plan strike."""

import asyncio
import json
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.box import Sandbox
from sandbox.carrier import ours
from sandbox.faults import Event, Fault, Request
from sandbox.sendgrid_rules import SendGridError
from sandbox.twilio_rules import TwilioError

DROP_EXTENSION = "sandbox.drop"
"""Scope extension by which the sandbox's own server cuts a connection."""
_REQUESTS: dict[tuple[str, str], Request] = {
    ("POST", "Messages.json"): "send",
    ("GET", "Messages.json"): "lookup",
    ("POST", "send"): "send",
    ("POST", "logs"): "lookup",
}
_HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class Answer(NamedTuple):
    """A whole HTTP answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class FaultGate:
    """Wraps the application. Only the vendors' paths pass through the fault plan."""

    def __init__(self, app: ASGIApp, box: Sandbox) -> None:
        self._app = app
        self._box = box

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith(("/2010-04-01/", "/v3/")):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        event, message_id = _describe(scope, body)
        if message_id:
            self._box.state.count_post(message_id)
        fault = self._box.faults.pick(event)
        answer = None if fault else await self._ask(scope, body)
        if answer and answer.status < 300:
            fault = self._box.faults.pick(event.model_copy(update={"where": "after_accept"}))
        if fault:
            answer = await self._spoil(fault, event, answer, receive)
        await (_send(send, answer) if answer else _drop(scope, receive))

    async def _ask(self, scope: Scope, body: bytes) -> Answer:
        """Let the application answer, but hold the answer back."""
        given: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            given.append(message)

        await self._app(scope, receive, keep)
        return Answer(given[0]["status"], given[0]["headers"], b"".join(one.get("body", b"") for one in given[1:]))

    async def _spoil(self, fault: Fault, event: Event, answer: Answer | None, receive: Receive) -> Answer | None:
        """What the client gets instead; None: the connection is cut."""
        if fault.kind == "hang":
            await _until_gone(receive, fault.seconds)
        if fault.kind == "truncated" and answer:
            return answer._replace(body=answer.body[: len(answer.body) // 2] or b"{")
        return _refusal(fault, event)


def _refusal(fault: Fault, event: Event) -> Answer | None:
    if fault.kind == "502html":
        return Answer(502, [(b"content-type", b"text/html")], _HTML_502)
    if fault.kind not in {"429", "500"}:
        return None
    status = int(fault.kind)
    twilio = {429: TwilioError(429, 20429, "Too Many Requests"), 500: TwilioError(500, 20500, "Internal Server Error")}
    sendgrid = {429: SendGridError(429, "too many requests"), 500: SendGridError(500, "internal server error")}
    body = (twilio if event.channel == "sms" else sendgrid)[status].body()
    headers = [(b"content-type", b"application/json")]
    if status == 429:
        headers.append((b"retry-after", str(round(fault.seconds)).encode()))
    return Answer(status, headers, json.dumps(body).encode())


def _describe(scope: Scope, body: bytes) -> tuple[Event, str | None]:
    """What the fault plan and the count of POSTs want to know of a request."""
    request = _REQUESTS.get((scope["method"], scope["path"].rpartition("/")[2]), "other")
    if scope["path"].startswith("/2010"):
        source = body if request == "send" else scope["query_string"]
        fields = {name: values[0] for name, values in parse_qs(source.decode("utf-8", "replace")).items()}
        event = Event(
            where="before", channel="sms", number=fields.get("To", ""), body=fields.get("Body", ""), request=request
        )
        return event, ours(fields.get("StatusCallback"))[0]
    address, text, message_id = _read_mail(body)
    return Event(where="before", channel="email", number=address, body=text, request=request), message_id


def _read_mail(body: bytes) -> tuple[str, str, str | None]:
    """Address, subject and text, ledger id; nothing for what is no mail/send."""
    try:
        order = json.loads(body)
        first = order["personalizations"][0]
        text = " ".join([order["subject"], *(part["value"] for part in order["content"])])
        return first["to"][0]["email"], text, first.get("custom_args", {}).get("healgate_message_id")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", "", None


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None where the client went away in the middle of it: that is no order."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    headers = [pair for pair in answer.headers if pair[0].lower() != b"content-length"]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _until_gone(receive: Receive, seconds: float) -> None:
    """Wait, but no longer than the client does."""
    try:
        await asyncio.wait_for(receive(), seconds)
    except TimeoutError:
        return


async def _drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection without an answer. Raises `RuntimeError` under a server that cannot."""
    cut = scope.get("extensions", {}).get(DROP_EXTENSION)
    if cut is None:
        raise RuntimeError("this server cannot cut a connection; run the sandbox by sandbox.serve")
    cut()
    await receive()
