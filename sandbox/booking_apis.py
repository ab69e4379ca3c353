"""Stand-ins for the APIs of booking systems, in the vendors' shapes: here what completes a thin webhook.

Lists are in `sandbox/booking_lists.py`.

A source's `api_base_url` points to `<sandbox>/booking-apis/<vendor>`. Records are put in by
`PUT /_sandbox/booking-apis/<vendor>/<kind>/<id>` with the vendor's own JSON, and faults by
`POST /_sandbox/booking-apis/faults`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Request

from sandbox.booking_lists import list_routes
from sandbox.booking_vendors import BookingVendors, Fault

__all__ = ["BookingVendors", "Fault", "booking_api_router"]

AUTHORIZATION = {
    "calcom": "Bearer ",
    "acuity": "Basic ",
    "square": "Bearer ",
    "calendly": "Bearer ",
    "fhir": "Bearer ",
    "boulevard": "Basic ",
    "zenoti": "apikey ",
}
"""How each vendor's Authorization header begins; anything else is answered 401."""


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
    router.include_router(list_routes(vendors), prefix="/booking-apis", dependencies=[Depends(admit)])
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

    @router.get("/{kind}/{record_id}")
    async def read(kind: str, record_id: str) -> dict[str, Any]:
        return vendors.get("fhir", kind, record_id)

    return router


def _controls(vendors: BookingVendors) -> APIRouter:
    router = APIRouter()

    @router.delete("/{vendor}/{kind}/{record_id}", status_code=204)
    async def forget(vendor: str, kind: str, record_id: str) -> None:
        vendors.get(vendor, kind, record_id)
        del vendors.records[vendor, kind, record_id]

    @router.put("/{vendor}/{kind}/{record_id}", status_code=204)
    async def put(vendor: str, kind: str, record_id: str, record: Annotated[dict[str, Any], Body()]) -> None:
        if vendor not in AUTHORIZATION:
            raise HTTPException(404, f"there is no such vendor; choose one of {', '.join(AUTHORIZATION)}")
        vendors.put(vendor, kind, record_id, record)

    @router.post("/faults", status_code=204)
    async def break_next(fault: Fault) -> None:
        vendors.faults.append(fault)

    return router
