"""Stand-ins for the lists of booking systems: windows, pages and refusals as the vendors publish them.

Pages hold at most two records, so that readers who forget to ask for the next one are found out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request

from sandbox.booking_vendors import BookingVendors

PAGE = 2
FIRST = "0"
"""Page token of the first page."""
LONGEST_SQUARE_SPAN = timedelta(days=31)
Record = dict[str, Any]


def list_routes(vendors: BookingVendors) -> APIRouter:
    """The lists of every vendor that has one."""
    router = APIRouter()
    _calcom(router, vendors)
    _calendly(router, vendors)
    _acuity(router, vendors)
    _square(router, vendors)
    _fhir(router, vendors)
    return router


def _page(found: Sequence[Record], first: int, size: int = PAGE) -> tuple[list[Record], int | None]:
    """The page, and where the next one begins."""
    end = first + min(size, PAGE)
    return list(found[first:end]), end if end < len(found) else None


def _calcom(router: APIRouter, vendors: BookingVendors) -> None:
    @router.get("/calcom/v2/bookings")
    async def bookings(
        after: Annotated[str, Query(alias="afterStart")],
        before: Annotated[str, Query(alias="beforeEnd")],
        version: Annotated[str, Header(alias="cal-api-version")],
        take: int = 100,
        skip: int = 0,
    ) -> Record:
        del version
        found = [one for one in vendors.all("calcom", "booking") if one["start"] >= after and one["end"] <= before]
        data, following = _page(found, skip, take)
        pagination = {"totalItems": len(found), "returnedItems": len(data), "hasNextPage": following is not None}
        return {"status": "success", "data": data, "pagination": pagination}

    @router.get("/calcom/v2/bookings/{record_id}")
    async def booking(record_id: str) -> Record:
        return {"status": "success", "data": vendors.get("calcom", "booking", record_id)}


def _calendly(router: APIRouter, vendors: BookingVendors) -> None:
    @router.get("/calendly/scheduled_events")
    async def events(
        organization: str, min_start_time: str, max_start_time: str, count: int = 20, page_token: str = FIRST
    ) -> Record:
        del organization
        found = [
            one
            for one in vendors.all("calendly", "scheduled_event")
            if min_start_time <= one["start_time"] < max_start_time
        ]
        return _collection(found, page_token, count)

    @router.get("/calendly/scheduled_events/{event_id}/invitees")
    async def invitees(event_id: str, count: int = 20, page_token: str = FIRST) -> Record:
        found = [one for one in vendors.all("calendly", "invitee") if f"/{event_id}/invitees/" in one["uri"]]
        return _collection(found, page_token, count)

    @router.get("/calendly/scheduled_events/{event_id}/invitees/{invitee_id}")
    async def invitee(event_id: str, invitee_id: str) -> Record:
        del event_id
        return {"resource": vendors.get("calendly", "invitee", invitee_id)}


def _collection(found: Sequence[Record], page_token: str, count: int) -> Record:
    page, following = _page(found, int(page_token), count)
    return {"collection": page, "pagination": {"next_page_token": None if following is None else str(following)}}


def _acuity(router: APIRouter, vendors: BookingVendors) -> None:
    @router.get("/acuity/api/v1/appointments")
    async def appointments(
        first: Annotated[str, Query(alias="minDate")],
        last: Annotated[str, Query(alias="maxDate")],
        most: Annotated[int, Query(alias="max")] = 100,
        show_all: Annotated[bool, Query(alias="showall")] = False,
    ) -> list[Record]:
        found = [one for one in vendors.all("acuity", "appointment") if first <= one["datetime"][:10] <= last]
        return [one for one in found if show_all or not one["canceled"]][:most]


def _square(router: APIRouter, vendors: BookingVendors) -> None:
    @router.get("/square/v2/bookings")
    async def bookings(start_at_min: datetime, start_at_max: datetime, limit: int = 100, cursor: str = FIRST) -> Record:
        if start_at_max - start_at_min > LONGEST_SQUARE_SPAN:
            raise HTTPException(400, "the span is longer than 31 days")
        starts = ((one, datetime.fromisoformat(one["start_at"])) for one in vendors.all("square", "booking"))
        found = [one for one, start in starts if start_at_min <= start <= start_at_max]
        page, following = _page(found, int(cursor), limit)
        return {"bookings": page} | ({} if following is None else {"cursor": str(following)})

    @router.get("/square/v2/bookings/{record_id}")
    async def booking(record_id: str) -> Record:
        return {"booking": vendors.get("square", "booking", record_id)}


def _fhir(router: APIRouter, vendors: BookingVendors) -> None:
    @router.get("/fhir/Appointment")
    async def search(request: Request, offset: int = 0) -> Record:
        found = [one for one in vendors.all("fhir", "Appointment") if _fits(one, request)]
        page, following = _page(found, offset)
        links = []
        if following is not None:
            url = request.url.include_query_params(offset=following)
            links = [{"relation": "next", "url": str(url)}]
        entries = [{"resource": one} for one in page]
        return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def _fits(resource: Record, request: Request) -> bool:
    asked = request.query_params
    starts = resource.get("start")
    by_start = all(starts is not None and _holds(starts, bound) for bound in asked.getlist("date"))
    return by_start and all(_holds(resource["meta"]["lastUpdated"], bound) for bound in asked.getlist("_lastUpdated"))


def _holds(moment: str, bound: str) -> bool:
    """Whether the moment keeps to a bound such as `ge2027-03-01T00:00:00+00:00`."""
    prefix, limit = bound[:2], datetime.fromisoformat(bound[2:])
    found = datetime.fromisoformat(moment)
    return {"ge": found >= limit, "gt": found > limit, "lt": found < limit, "le": found <= limit}[prefix]
