"""Stand-ins for the APIs of booking systems: the few calls that complete a thin webhook, in the vendors' shapes.

A source's `api_base_url` points to `<sandbox>/booking-apis/<vendor>`. Records are put in by
`PUT /_sandbox/booking-apis/<vendor>/<kind>/<id>` with the vendor's own JSON, and faults by
`POST /_sandbox/booking-apis/faults`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Request
from pydantic import BaseModel, Field

AUTHORIZATION = {
    "acuity": "Basic ",
    "square": "Bearer ",
    "calendly": "Bearer ",
    "fhir": "Bearer ",
    "boulevard": "Basic ",
    "zenoti": "apikey ",
}
"""How each vendor's Authorization header begins; anything else is answered 401."""

FHIR_PAGE = 2
"""Appointments per page: small, so that readers who forget to follow `next` are found out."""


class Fault(BaseModel):
    """What the next calls get instead of an answer."""

    status: int = Field(ge=400, le=599)
    times: int = Field(default=1, ge=1, le=1000)
    retry_after_seconds: int | None = None


@dataclass
class BookingVendors:
    """What the vendors know, and the faults they are told to make."""

    records: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    """(vendor, kind, id) -> the record in the vendor's JSON."""
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Method and path of each call, as ground truth for tests."""

    def put(self, vendor: str, kind: str, record_id: str, record: dict[str, Any]) -> None:
        self.records[vendor, kind, record_id] = record

    def get(self, vendor: str, kind: str, record_id: str) -> dict[str, Any]:
        """The record, or an answer 404."""
        try:
            return self.records[vendor, kind, record_id]
        except KeyError:
            raise HTTPException(404) from None

    def all(self, vendor: str, kind: str) -> list[dict[str, Any]]:
        return [record for key, record in self.records.items() if key[:2] == (vendor, kind)]

    def next_fault(self) -> Fault | None:
        """The fault for this call, if one is due."""
        if not self.faults:
            return None
        fault = self.faults[0]
        fault.times -= 1
        if fault.times < 1:
            self.faults.pop(0)
        return fault


def booking_api_router(vendors: BookingVendors) -> APIRouter:
    """All stand-ins and their controls, ready to be included in the sandbox's application."""

    def admit(request: Request, authorization: Annotated[str, Header()] = "") -> None:
        vendors.calls.append(f"{request.method} {request.url.path}")
        fault = vendors.next_fault()
        if fault:
            waits = {"Retry-After": str(fault.retry_after_seconds)} if fault.retry_after_seconds else None
            raise HTTPException(fault.status, headers=waits)
        scheme = AUTHORIZATION[request.url.path.split("/")[2]]
        if not authorization.startswith(scheme) or len(authorization) == len(scheme):
            raise HTTPException(401)

    router = APIRouter()
    router.include_router(_vendor_routes(vendors), prefix="/booking-apis", dependencies=[Depends(admit)])
    router.include_router(_fhir_routes(vendors), prefix="/booking-apis/fhir", dependencies=[Depends(admit)])
    router.include_router(_controls(vendors), prefix="/_sandbox/booking-apis")
    return router


def _vendor_routes(vendors: BookingVendors) -> APIRouter:
    router = APIRouter()

    @router.get("/acuity/api/v1/appointments/{record_id}")
    async def acuity_appointment(record_id: str) -> dict[str, Any]:
        return vendors.get("acuity", "appointment", record_id)

    @router.get("/square/v2/customers/{record_id}")
    async def square_customer(record_id: str) -> dict[str, Any]:
        return {"customer": vendors.get("square", "customer", record_id)}

    @router.get("/calendly/scheduled_events/{record_id}")
    async def calendly_event(record_id: str) -> dict[str, Any]:
        return {"resource": vendors.get("calendly", "scheduled_event", record_id)}

    @router.post("/boulevard/api/2020-01/admin")
    async def boulevard_query(variables: Annotated[dict[str, str], Body(embed=True)]) -> dict[str, Any]:
        # GraphQL answers 200 with null for what it does not know.
        return {"data": {"appointment": vendors.records.get(("boulevard", "appointment", variables.get("id", "")))}}

    @router.get("/zenoti/v1/appointments/{record_id}")
    async def zenoti_appointment(record_id: str) -> dict[str, Any]:
        return vendors.get("zenoti", "appointment", record_id)

    @router.get("/zenoti/v1/guests/{record_id}")
    async def zenoti_guest(record_id: str) -> dict[str, Any]:
        return vendors.get("zenoti", "guest", record_id)

    return router


def _fhir_routes(vendors: BookingVendors) -> APIRouter:
    router = APIRouter()

    @router.get("/Appointment")
    async def search(request: Request, offset: int = 0) -> dict[str, Any]:
        since = request.query_params.get("_lastUpdated", "").removeprefix("ge")
        found = [item for item in vendors.all("fhir", "Appointment") if item["meta"]["lastUpdated"] >= since]
        page = found[offset : offset + FHIR_PAGE]
        following = request.url.include_query_params(offset=offset + FHIR_PAGE)
        links = [{"relation": "next", "url": str(following)}] if offset + FHIR_PAGE < len(found) else []
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": links,
            "entry": [{"resource": item} for item in page],
        }

    @router.get("/{kind}/{record_id}")
    async def read(kind: str, record_id: str) -> dict[str, Any]:
        return vendors.get("fhir", kind, record_id)

    return router


def _controls(vendors: BookingVendors) -> APIRouter:
    router = APIRouter()

    @router.put("/{vendor}/{kind}/{record_id}", status_code=204)
    async def put(vendor: str, kind: str, record_id: str, record: Annotated[dict[str, Any], Body()]) -> None:
        if vendor not in AUTHORIZATION:
            raise HTTPException(404, f"there is no such vendor; choose one of {', '.join(AUTHORIZATION)}")
        vendors.put(vendor, kind, record_id, record)

    @router.post("/faults", status_code=204)
    async def break_next(fault: Fault) -> None:
        vendors.faults.append(fault)

    return router
