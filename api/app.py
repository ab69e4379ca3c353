"""Puts the edge together."""

from typing import Any

import uvicorn
from fastapi import FastAPI

from api import health
from api.fhir import router as fhir
from api.middleware import AccessLog, BodyLimit, SecurityHeaders
from api.parts import ApiParts
from api.patient import router as patient
from api.problems import Problem, add_problem_handlers
from api.staff import router as staff
from api.staff import shadow
from api.webhooks import router as webhooks
from api.webhooks.clinics import RememberedClinics

TITLE = "Healgate staff API"
ABOUT = """Starts and steers the treatment journeys of a clinic.

Send `Authorization: Bearer <HEALGATE_STAFF_KEY>`. Whoever acts is named in `X-Healgate-Actor`, with the role in
`X-Healgate-Role`. A POST with an `Idempotency-Key` may be repeated and has its effect once. Every error is a problem
(RFC 9457) whose `detail` says how to mend it.
"""

KEEP_ALIVE = 75
"""Seconds, longer than proxies keep an idle connection (60 by default in nginx and AWS): else a webhook may be written
into one that is just being closed."""


class StaffApi(FastAPI):
    """The application, with an OpenAPI document of the staff's part."""

    def openapi(self) -> dict[str, Any]:
        """The routes refer to `Problem`, which FastAPI itself would only describe as application/json."""
        document = super().openapi()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        return document


def create_app(parts: ApiParts) -> FastAPI:
    """The ASGI application; it owns nothing that must be closed."""
    app = StaffApi(
        title=TITLE,
        version="1",
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.clinics = RememberedClinics(parts.store.clinics)
    add_problem_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, https=parts.public_base_url.startswith("https://"))
    app.add_middleware(AccessLog)
    for router in (health.router, webhooks.router, staff.router, shadow.pages, fhir.router, patient.router):
        app.include_router(router)
    return app


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How the application is served: without a server header, without uvicorn's access log (it writes paths)."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        server_header=False,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
