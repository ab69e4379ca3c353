"""What gets into the logs, and what must not."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from runtime.logging import bound, configure_logging
from runtime.redaction import REDACTED, redact, redact_text
from runtime.settings import load_settings


class Log(io.StringIO):
    """A stream that is read back as JSON lines."""

    def events(self) -> list[dict[str, Any]]:
        """All events so far."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Logging to memory; the old configuration comes back afterwards."""
    root, stream = logging.getLogger(), Log()
    handlers, level = root.handlers[:], root.level
    configure_logging(load_settings(), stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("sentence", "leak"),
    [
        ("sent to +15005550006 today", "5550006"),
        ("call +1 (500) 555-0006", "0006"),
        ("GET /reply?From=%2B15005550006&x=1", "5550006"),
        ("from 004420794609580", "9580"),
        ("at 500-555-0006.", "0006"),
        ("at (500) 555 0006,", "0006"),
        ("/patients/15005550006/page", "5550006"),
        ("key=('c1', '15005550006')", "5550006"),
        ("bounced: <ana.lopez+clinic@example.co.uk>", "ana"),
        ("/unsubscribe?e=ana%40example.com", "ana"),
        ("Authorization: Bearer abcdef0123456789", "abcdef"),
        ("header Basic dXNlcjpwYXNz", "dXNl"),
        ("key SG.sandbox.abcdef refused", "abcdef"),
        ("jwt eyJhbGciOi.eyJzdWIi.c2ln", "eyJzd"),
        ("password=hunter2", "hunter2"),
        ("{'api_key': 'hunter2'}", "hunter2"),
        ("postgresql+asyncpg://healgate:hunter2@db/healgate", "hunter2"),
        ("GET https://h.example.com/c/Qm9vbXNoYWthbGFrYQ 200", "Qm9vb"),
        ("[SQL: UPDATE p SET name=?]\n[parameters: ('Ana', [1])]\n(more)", "Ana"),
    ],
)
def test_people_and_secrets_are_blacked_out(sentence: str, leak: str) -> None:
    """Whatever looks like a number, an address or a secret does not survive."""
    assert leak not in redact_text(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T09:00:00+10:00",
        "2027-03-01 09:00:00.123456",
        "01a20539-9e5a-7dcb-8f55-5ca478f1f0b4",
        "SM0123456789abcdef0123456789abcdef",
        "journey-3f2504e04f8941d39a0c0305e82cc301",
        "microneedling-then-laser@3",
        "127.0.0.1:7233",
        "3.11.7",
        "attempt 3 of 10, 25000 rows, 0.53 s",
        "not released: interval until 2027-04-01",
    ],
)
def test_ids_and_times_stay_readable(text: str) -> None:
    """Redaction leaves what operators need."""
    assert redact_text(text) == text


def test_redaction_reaches_into_values() -> None:
    """Nested fields, sequences, bare numbers and foreign objects are covered; small numbers and flags stay."""
    value = {"to": ["+15005550006", 15005550006, 3, True, None], "patient": {"first_name": "Ana", "skin_type": 2}}
    assert redact(value) == {
        "to": [REDACTED, REDACTED, 3, True, None],
        "patient": {"first_name": REDACTED, "skin_type": 2},
    }
    assert redact(ValueError("no such user ana@example.com")) == f"no such user {REDACTED}"


def test_an_event_carries_its_ids(log: Log) -> None:
    """Ids that were bound around the work are in each of its events, and gone after it."""
    with bound(clinic_id="c1", journey_id="j1"):
        structlog.get_logger("relay").info("handed on", attempt=2)
    structlog.get_logger("relay").info("idle")
    first, second = log.events()
    assert {**first, "timestamp": ""} == {
        "event": "handed on",
        "attempt": 2,
        "clinic_id": "c1",
        "journey_id": "j1",
        "level": "info",
        "logger": "relay",
        "timestamp": "",
    }
    assert "clinic_id" not in second


def test_events_are_redacted(log: Log) -> None:
    """Message, fields and arguments go through the redaction; the event's own time does not."""
    structlog.get_logger().info("texted +15005550006", body="it hurts", email="ana@example.com", code=30003)
    event = log.events()[0]
    assert event["event"] == f"texted {REDACTED}"
    assert (event["body"], event["email"], event["code"]) == (REDACTED, REDACTED, 30003)
    assert event["timestamp"].startswith("2")


def test_other_libraries_are_redacted_too(log: Log) -> None:
    """A standard logger's text, arguments and extras take the same way."""
    logging.getLogger("vendor").warning("could not reach %s", "ana@example.com", extra={"phone": "5550006"})
    event = log.events()[0]
    assert (event["event"], event["phone"]) == (f"could not reach {REDACTED}", REDACTED)


class _Contact(BaseModel):
    phone: int


def test_tracebacks_do_not_quote_their_input(log: Log) -> None:
    """A validation error in a traceback keeps its place and loses the value it choked on."""
    reply = {"phone": "ask my " + "friend"}
    try:
        _Contact.model_validate(reply)
    except ValidationError:
        structlog.get_logger().exception("bad contact")
    trace = log.events()[0]["exception"]
    assert "ValidationError" in trace
    assert "my friend" not in trace


def test_noisy_loggers_are_silent(log: Log) -> None:
    """Loggers that write numbers, keys or patients' links are turned down."""
    for name in ("uvicorn.access", "twilio.http_client", "python_http_client", "httpx"):
        logging.getLogger(name).info("POST /c/secret-link")
    assert log.events() == []
