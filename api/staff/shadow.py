"""What a clinic in shadow mode would have sent: as JSON for the staff tool, and as one plain page."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import AwareDatetime

from api.parts import ApiParts, Parts
from api.staff.auth import same_key
from api.staff.scope import OF_CLINIC, ClinicDep
from domain.records import MessageRow

PER_PAGE: Final = 50
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
Before = Annotated[AwareDatetime | None, Query(description="Only what was due before then; for the next page.")]

router = APIRouter(prefix=f"{OF_CLINIC}/shadow", tags=["messages"])
pages = APIRouter(prefix="/staff/clinics/{clinic}", include_in_schema=False)
_basic = HTTPBasic(realm="healgate: any name, and the staff key as the password")


@router.get("")
async def list_shadow(clinic: ClinicDep, parts: Parts, after: Before = None) -> list[MessageRow]:
    """Messages that were not sent because the clinic was not live, with their text, newest first; 50 a page."""
    return await _rows(parts, clinic.id, after)


async def _staff_in_a_browser(parts: Parts, given: Annotated[HTTPBasicCredentials, Depends(_basic)]) -> None:
    """A browser asks for the key once; the staff API's key is the password."""
    if not same_key(parts, given.password):
        raise HTTPException(401, "the password is the staff key", headers={"WWW-Authenticate": "Basic"})


@pages.get("/shadow", dependencies=[Depends(_staff_in_a_browser)])
async def shadow_page(clinic: ClinicDep, parts: Parts, after: Before = None) -> HTMLResponse:
    """The same, to read."""
    rows = await _rows(parts, clinic.id, after)
    following = rows[-1].due_at.isoformat().replace("+00:00", "Z") if len(rows) == PER_PAGE else ""
    content = _ENVIRONMENT.get_template("shadow.html").render(clinic=clinic, rows=rows, following=following)
    return HTMLResponse(content, headers={"Content-Security-Policy": POLICY})


async def _rows(parts: ApiParts, clinic_id: str, before: datetime | None) -> list[MessageRow]:
    return await parts.store.ledger.shadowed(clinic_id, before=before, limit=PER_PAGE)
