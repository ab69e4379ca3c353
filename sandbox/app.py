"""The sandbox as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from sandbox import carrier, control, mailroom, sendgrid_api, twilio_api
from sandbox.booking_apis import BookingVendors, booking_api_router
from sandbox.box import Sandbox
from sandbox.config import SandboxConfig
from sandbox.gate import FaultGate
from sandbox.sendgrid_rules import SendGridError
from sandbox.twilio_rules import TwilioError

_END_OF_MAIL = {"delivered", "dropped", "bounced", "blocked"}


def create_app(config: SandboxConfig) -> ASGIApp:
    """The whole sandbox. Its state file is opened here and closed when the server stops."""
    return application(Sandbox(config))


def application(box: Sandbox) -> ASGIApp:
    """The application around a sandbox that the caller wants to hold."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _go_on(box)
        yield
        await box.close()

    app = FastAPI(title="Healgate sandbox", lifespan=lifespan, openapi_url=None)
    app.state.box = box
    vendors = booking_api_router(BookingVendors())
    for router in (twilio_api.router, sendgrid_api.router, control.router, vendors):
        app.include_router(router)
    for kind in (TwilioError, SendGridError, HTTPException):
        app.add_exception_handler(kind, _answer_error)
    return FaultGate(app, box)


def _go_on(box: Sandbox) -> None:
    """After a restart, what was on its way travels on; a callback that was under way may be lost, as with a vendor."""
    for text in box.state.texts.values():
        if text.status not in carrier.FINAL:
            box.spawn(carrier.carry(box, text))
    for mail in box.state.mails.values():
        if mail.status not in _END_OF_MAIL:
            box.spawn(mailroom.carry(box, mail))


async def _answer_error(request: Request, error: Exception) -> Response:
    """Errors in the shape of the vendor whose path was asked."""
    if isinstance(error, HTTPException):
        error = _in_vendors_words(request.url.path, error)
    if isinstance(error, TwilioError | SendGridError):
        return JSONResponse(error.body(), status_code=error.status)
    if isinstance(error, HTTPException):
        return await http_exception_handler(request, error)
    raise error


def _in_vendors_words(path: str, error: HTTPException) -> Exception:
    if path.startswith("/2010-04-01/"):
        code = {404: 20404, 405: 20004}.get(error.status_code, 20001)
        return TwilioError(error.status_code, code, str(error.detail))
    if path.startswith("/v3/"):
        return SendGridError(error.status_code, str(error.detail).lower())
    return error
