"""Twilio: patients' texts, and what became of ours."""

from fastapi import APIRouter, Request, Response

from api.parts import ApiParts, Parts
from api.webhooks.clinics import WebhookClinic
from api.webhooks.delivery import apply
from api.webhooks.storing import inbox_row, keep, public_url, raw_query, refusals_counted
from channels.twilio_webhooks import Form, parse_inbound, parse_status, verify
from domain.errors import SignatureError
from relay.matching import e164

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""Nothing is answered here: replies go out through the ledger."""

router = APIRouter(prefix="/webhooks/twilio/{clinic}")


@router.post("/message")
async def message(clinic: WebhookClinic, request: Request, parts: Parts) -> Response:
    """Store a patient's text."""
    form = await _verified(parts, request, "twilio")
    sms = parse_inbound(form)
    row = inbox_row(
        parts,
        clinic_id=clinic.id,
        source="twilio",
        delivery_id=sms.provider_id,
        key=f"phone:{e164(sms.sender, clinic.country) or sms.sender}",
        body=await request.body(),
    )
    await keep(parts, row, counted_as="twilio")
    return Response(EMPTY_TWIML, media_type="text/xml")


@router.post("/status", status_code=204)
async def status(clinic: WebhookClinic, request: Request, parts: Parts) -> None:
    """Note what became of one of our texts."""
    form = await _verified(parts, request, "twilio_status")
    await apply(parts, clinic, parse_status(form, raw_query(request)), counted_as="twilio_status")


async def _verified(parts: ApiParts, request: Request, counted_as: str) -> Form:
    with refusals_counted(parts, counted_as):
        if not parts.twilio_auth_token:
            raise SignatureError("HEALGATE_TWILIO_AUTH_TOKEN is not set: nothing of Twilio's can be verified")
        return verify(parts.twilio_auth_token, public_url(parts, request), await request.body(), request.headers)
