"""Logs: one JSON object (or console line) per event, with ids and never with people.

Events of the standard library's loggers (Temporal, uvicorn, SQLAlchemy) go the same way and through the same redaction.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from runtime.redaction import redact_field
from runtime.settings import Settings

_QUIET = {
    "uvicorn.access": logging.CRITICAL,  # paths of patients' links
    "twilio.http_client": logging.WARNING,  # numbers, at info
    "python_http_client": logging.WARNING,  # API keys, at debug
    "httpx": logging.WARNING,  # URLs
    "httpcore": logging.WARNING,
    "urllib3": logging.WARNING,
    "aiosqlite": logging.WARNING,  # SQL parameters, at debug
    "sqlalchemy.engine": logging.WARNING,
    "asyncio": logging.WARNING,
}


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (standard error) in the settings' format. May be called again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings.log_format)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def bound(
    *, clinic_id: str | None = None, journey_id: str | None = None, message_id: str | None = None
) -> AbstractContextManager[None]:
    """Put these opaque ids into every log event inside the `with` block, also across awaits."""
    ids = {"clinic_id": clinic_id, "journey_id": journey_id, "message_id": message_id}
    return structlog.contextvars.bound_contextvars(**{name: value for name, value in ids.items() if value is not None})


def redact_event(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: every field through the redaction, just before the event is written."""
    for name, value in event.items():
        # The stamp is ours, and looks like digits to some of the patterns.
        if name != "timestamp":
            event[name] = redact_field(name, value)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendering(log_format: str) -> list[Processor]:
    """Tracebacks become text before the redaction: errors quote what they choke on."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return [structlog.processors.StackInfoRenderer(), structlog.processors.format_exc_info, redact_event, renderer]
