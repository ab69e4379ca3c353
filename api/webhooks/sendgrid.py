"""SendGrid: what became of our e-mails."""

from fastapi import APIRouter, Request

from api.parts import ApiParts, Parts
from api.webhooks.clinics import WebhookClinic
from api.webhooks.delivery import apply
from api.webhooks.storing import refusals_counted
from channels.sendgrid_events import parse_events, verify
from domain.errors import SignatureError

router = APIRouter(prefix="/webhooks/sendgrid/{clinic}")


@router.post("/events", status_code=204)
async def events(clinic: WebhookClinic, request: Request, parts: Parts) -> None:
    """Note a batch of events; SendGrid sends the whole batch again where one could not be noted."""
    body = await request.body()
    with refusals_counted(parts, "sendgrid"):
        _verify(parts, body, request)
    for update in parse_events(body):
        await apply(parts, clinic, update, counted_as="sendgrid")


def _verify(parts: ApiParts, body: bytes, request: Request) -> None:
    if not parts.sendgrid_public_key:
        raise SignatureError("HEALGATE_SENDGRID_PUBLIC_KEY is not set: nothing of SendGrid's can be verified")
    verify(body, request.headers, parts.sendgrid_public_key, parts.clock())
