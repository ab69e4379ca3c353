"""Unsubscribing from e-mail: a page with a button, and the one-click POST of mail programs (RFC 8058)."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.parts import ApiParts, Parts
from api.patient.pages import PatientRoute, message, page
from api.patient.visitors import Visitor, visitor_of
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import LinkKind

router = APIRouter(route_class=PatientRoute)


@router.get("/u/{token}")
async def ask(token: str, parts: Parts) -> HTMLResponse:
    """Ask first: robots that open links must not unsubscribe anybody."""
    visitor = await visitor_of(parts, token, LinkKind.UNSUBSCRIBE)
    text = visitor.words.unsubscribe.format(clinic=visitor.clinic.name)
    return page("unsubscribe", visitor.words, clinic=visitor.clinic.name, text=text, phone=visitor.clinic.main.phone)


@router.post("/u/{token}")
async def unsubscribe(token: str, parts: Parts) -> HTMLResponse:
    """End the consent to e-mail; again it changes nothing."""
    visitor = await visitor_of(parts, token, LinkKind.UNSUBSCRIBE)
    await _revoke(parts, visitor)
    words = visitor.words
    text = words.unsubscribed.format(clinic=visitor.clinic.name)
    return message(words, words.unsubscribed_title, text, clinic=visitor.clinic)


async def _revoke(parts: ApiParts, visitor: Visitor) -> None:
    clinic_id, address = visitor.clinic.id, visitor.patient.email
    if address is None:
        return
    newest = await parts.store.consents.status(clinic_id, Channel.EMAIL, address)
    if newest is not None and newest.status is ConsentStatus.REVOKED:
        return
    await parts.store.consents.record(
        Consent(
            clinic_id=clinic_id,
            channel=Channel.EMAIL,
            address=address,
            status=ConsentStatus.REVOKED,
            origin="unsubscribe_link",
            at=parts.clock(),
        )
    )
