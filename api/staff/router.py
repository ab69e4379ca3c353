"""All staff routes."""

from fastapi import APIRouter, Depends

from api.problems import documented
from api.staff import (
    actions,
    auth,
    calendar,
    channels,
    check_in,
    clinics,
    explain,
    journeys,
    messages,
    patients,
    shadow,
    starting,
    tasks,
)

router = APIRouter(
    dependencies=[Depends(auth.require_key)],
    responses=documented(401, 404, 422, 503),
)
for part in (
    clinics.router,
    patients.router,
    starting.router,
    journeys.router,
    explain.router,
    calendar.router,
    actions.router,
    check_in.router,
    tasks.router,
    messages.router,
    shadow.router,
    channels.router,
):
    router.include_router(part)
