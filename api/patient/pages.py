"""Writes the pages, and answers every error of theirs with one that a patient can read."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.patient.visitors import LinkGoneError
from api.patient.words import DEFAULT, Words, words_in
from api.problems import status_of
from domain.clinic import Clinic
from domain.errors import HealgateError

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script may ever run here; the pages bring their own style."""
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, words: Words, *, status: int = 200, **variables: Any) -> HTMLResponse:
    """The template, filled."""
    content = _ENVIRONMENT.get_template(f"{name}.html").render(words=words, **variables)
    return html(content, status=status)


def html(content: str, *, status: int = 200) -> HTMLResponse:
    """A finished document with the pages' content policy."""
    return HTMLResponse(content, status_code=status, headers={"Content-Security-Policy": POLICY})


def message(words: Words, title: str, text: str, *, clinic: Clinic | None = None, status: int = 200) -> HTMLResponse:
    """A page that only says something, with the clinic's phone where it is known."""
    phone = clinic.main.phone if clinic else ""
    name = clinic.name if clinic else ""
    return page("message", words, status=status, clinic=name, title=title, text=text, phone=phone)


class PatientRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await inner(request)
            except LinkGoneError as gone:
                return _gone(gone)
            except HealgateError as error:
                words = words_in(DEFAULT)
                return message(words, words.trouble_title, words.trouble, status=status_of(error))

        return handled


def _gone(error: LinkGoneError) -> HTMLResponse:
    words, known = error.words, error.clinic is not None
    text = words.gone if known else words.unknown
    return message(words, words.gone_title, text, clinic=error.clinic, status=410 if known else 404)
