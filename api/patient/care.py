"""The care instructions as a page, rendered from the published wording each time."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.parts import ApiParts, Parts
from api.patient.pages import PatientRoute, html
from api.patient.visitors import Visitor, visitor_of
from domain.aftercare import Care
from domain.booking import Treatment
from domain.calendar import local_date
from domain.records import Booking, BookingStatus, LinkKind
from domain.wording import MessageContext

router = APIRouter(route_class=PatientRoute)


@router.get("/s/{token}")
async def care(token: str, parts: Parts) -> HTMLResponse:
    """What the care e-mail of this touchpoint says."""
    visitor = await visitor_of(parts, token, LinkKind.CARE)
    context = _context(visitor, await _next_visit(parts, visitor), parts.clock())
    return html(parts.templates.render_page(visitor.link.data["key"], context, visitor.patient.locale))


async def _next_visit(parts: ApiParts, visitor: Visitor) -> Booking | None:
    """The visit that the instructions prepare for, as it is booked now."""
    if visitor.link.journey_id is None:
        return None
    now, treatment = parts.clock(), _treatment(visitor)
    visits = await parts.store.bookings.of_journey(visitor.link.journey_id)
    return next((one for one in visits if _is_ahead(one, now) and treatment in (None, one.treatment)), None)


def _is_ahead(visit: Booking, now: datetime) -> bool:
    return visit.status is BookingStatus.BOOKED and visit.starts_at > now


def _treatment(visitor: Visitor) -> Treatment | None:
    code = visitor.link.data.get("treatment")
    return Treatment(code) if code else None


def _care(visitor: Visitor, now: datetime) -> Care | None:
    """Where treatments collide: the same list as in the e-mail, as it stands today."""
    written = visitor.link.data.get("care")
    return Care.read(written, local_date(now, visitor.clinic.timezone)) if written else None


def _context(visitor: Visitor, visit: Booking | None, now: datetime) -> MessageContext:
    clinic = visitor.clinic
    place = clinic.location(visit.location if visit else None)
    return MessageContext(
        clinic=clinic.name,
        zone=clinic.timezone,
        name=visitor.patient.first_name,
        patient_zone=visitor.patient.timezone,
        when=visit.starts_at if visit else None,
        phone=place.phone,
        sos=place.emergency_number,
        address=place.address,
        treatment=_treatment(visitor),
        country=clinic.country,
        care=_care(visitor, now),
    )
