"""What SendGrid accepts and refuses. Source: SendGrid's Mail Send reference and the wording of its 400 answers."""

import json
import re
from typing import Any

LARGEST_REQUEST = 30 * 1024 * 1024
LONGEST_CUSTOM_ARGS = 10_000
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


class SendGridError(Exception):
    """Answered in SendGrid's shape: {errors: [{message, field}]}; `field` only where one is to blame."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.field = status, message, field

    def body(self) -> dict[str, object]:
        """The JSON that SendGrid answers; `help`, which its schema and its servers type differently, is left out."""
        return {"errors": [{"message": self.message} | ({"field": self.field} if self.field else {})]}


def read_order(raw: bytes) -> dict[str, Any]:
    """The checked body of a mail/send. Raises `SendGridError` 400 or 413."""
    if len(raw) > LARGEST_REQUEST:
        raise SendGridError(413, "content too large")
    try:
        order = json.loads(raw)
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise SendGridError(400, "Bad Request")
    _check_people(order)
    _check_content(order)
    return order


def _check_people(order: dict[str, Any]) -> None:
    personalizations = order.get("personalizations")
    if not isinstance(personalizations, list) or not personalizations:
        message = "The personalizations field is required and must have at least one personalization."
        raise SendGridError(400, message, "personalizations")
    _require_address(order.get("from"), "from.email")
    for index, one in enumerate(personalizations):
        recipients = one.get("to") if isinstance(one, dict) else None
        if not isinstance(recipients, list) or not recipients:
            message = (
                "The to array is required for all personalization objects, and must have at least one email object."
            )
            raise SendGridError(400, message, f"personalizations.{index}.to")
        for position, person in enumerate(recipients):
            _require_address(person, f"personalizations.{index}.to.{position}.email")
        _check_custom_args(one)
    if order.get("reply_to") is not None:
        _require_address(order["reply_to"], "reply_to.email")


def _require_address(person: Any, field: str) -> None:
    address = person.get("email") if isinstance(person, dict) else None
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise SendGridError(400, "Does not contain a valid address.", field)


def _check_custom_args(personalization: dict[str, Any]) -> None:
    arguments = personalization.get("custom_args", {})
    if any(not isinstance(value, str) for value in arguments.values()):
        raise SendGridError(400, "The custom_args values must be strings.", "personalizations.0.custom_args")
    if len(json.dumps(arguments)) > LONGEST_CUSTOM_ARGS:
        raise SendGridError(400, "The custom_args are longer than 10000 bytes.", "personalizations.0.custom_args")


def _check_content(order: dict[str, Any]) -> None:
    if not order.get("subject"):
        raise SendGridError(400, "The subject is required.", "subject")
    content = order.get("content")
    if not isinstance(content, list) or not content:
        message = "Unless a valid template_id is provided, the content parameter is required."
        raise SendGridError(400, message, "content")
    if any(not isinstance(part, dict) or not part.get("value") or not part.get("type") for part in content):
        raise SendGridError(400, "The content value must be a string at least one character in length.", "content")
    kinds = [part["type"] for part in content]
    if "text/plain" in kinds[1:]:
        message = "If present, text/plain must be first, followed by text/html, followed by any other content."
        raise SendGridError(400, message, "content")
