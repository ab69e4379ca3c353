"""Errors as application/problem+json (RFC 9457): one place where a domain error becomes an HTTP status."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.errors import (
    BadInputError,
    HealgateError,
    NotFoundError,
    RefusedError,
    SignatureError,
    StoreUnavailableError,
)
from workflows.client import JourneyEndedError, TemporalUnavailableError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
"""A killed worker or a database that fails over is back within seconds."""

_STATUS: dict[type[HealgateError], HTTPStatus] = {
    BadInputError: HTTPStatus.BAD_REQUEST,
    NotFoundError: HTTPStatus.NOT_FOUND,
    RefusedError: HTTPStatus.CONFLICT,
    SignatureError: HTTPStatus.FORBIDDEN,
    JourneyEndedError: HTTPStatus.CONFLICT,
    TemporalUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Problem(BaseModel):
    """What every error answer looks like."""

    type: str = "about:blank"
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["A hold is open: waive it by name first, then release."])
    reason: str | None = Field(None, description="Short code, where the rules refused.", examples=["hold_open"])
    errors: list[dict[str, str]] | None = Field(None, description="Wrong fields of the request, one by one.")


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> ProblemResponse:
    """One error answer; `more` are `reason` or `errors`."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    return ProblemResponse(body.model_dump(exclude_none=True), status_code=status, headers=headers)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route's OpenAPI for these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def add_problem_handlers(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    app.add_exception_handler(HealgateError, _domain_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def status_of(error: HealgateError) -> HTTPStatus:
    """The HTTP status of a domain error."""
    known = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)
    if known is not None:
        return known
    return HTTPStatus.SERVICE_UNAVAILABLE if error.retryable else HTTPStatus.INTERNAL_SERVER_ERROR


async def _domain_error(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HealgateError)
    status = status_of(error)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return problem(status, str(error), headers=headers, reason=_reason(error))


def _reason(error: HealgateError) -> str | None:
    if isinstance(error, JourneyEndedError):
        return "journey_ended"
    return error.reason if isinstance(error, RefusedError) else None


async def _http_error(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> ProblemResponse:
    """Names the fields, never their values: those are about people."""
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _path(one["loc"]), "message": str(one["msg"])} for one in error.errors()]
    detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"


async def _unforeseen(_: Request, __: Exception) -> ProblemResponse:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong here; it is in the log")
