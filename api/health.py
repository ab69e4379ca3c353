"""Whether the process lives, whether it can work, and what it counts."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.parts import Parts
from domain.errors import StoreUnavailableError
from runtime.metrics import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The event loop turns; nothing else is asked, so that an outage elsewhere restarts nobody."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(parts: Parts) -> JSONResponse:
    """All named checks; 503 while one fails."""
    report = await parts.health.report()
    body = {"status": "ok" if report.ready else "failing", "checks": report.checks}
    return JSONResponse(body, status_code=200 if report.ready else 503)


@router.get("/metrics")
async def metrics(parts: Parts) -> Response:
    """Prometheus text; the gauges keep their last values while the database is away."""
    try:
        backlog = await parts.store.inbox.backlog(parts.clock())
        parts.metrics.set_inbox(backlog.count, backlog.oldest_age if backlog.count else None)
    except StoreUnavailableError:
        pass
    return Response(parts.metrics.render(), headers={"Content-Type": CONTENT_TYPE})
