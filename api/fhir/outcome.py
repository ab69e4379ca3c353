"""Errors as OperationOutcome: what the staff API says as a problem, in FHIR's words."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.resource import Resource

from api.problems import RETRY_AFTER_SECONDS, status_of
from domain.errors import HealgateError

MEDIA_TYPE: Final = "application/fhir+json"
ISSUES: Final = {
    HTTPStatus.BAD_REQUEST: "invalid",
    HTTPStatus.UNAUTHORIZED: "login",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "not-supported",
    HTTPStatus.SERVICE_UNAVAILABLE: "transient",
}
"""hl7.org/fhir/R4B/valueset-issue-type; anything else is an `exception`."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FhirRoute(APIRoute):
    """A route whose errors are OperationOutcomes, those of its dependencies included."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except HealgateError as error:
                return _outcome(status_of(error), str(error))
            except HTTPException as error:
                return _outcome(HTTPStatus(error.status_code), error.detail, dict(error.headers or {}))

        return answered


def fhir_response(
    resource: Resource, status: int = HTTPStatus.OK.value, headers: dict[str, str] | None = None
) -> Response:
    """The resource as application/fhir+json."""
    return Response(resource.model_dump_json(), status, headers, media_type=MEDIA_TYPE)


def _outcome(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> Response:
    issue = {"severity": "error", "code": ISSUES.get(status, "exception"), "diagnostics": detail}
    later = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return fhir_response(OperationOutcome.model_validate({"issue": [issue]}), status.value, later | (headers or {}))
