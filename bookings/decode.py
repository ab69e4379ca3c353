"""Bodies made safe: whatever bytes arrive, out comes a plain object or a BadInputError that says what to mend.

A correctly signed body may still hold things that no database or parser takes: an escaped NUL, half a surrogate pair,
a number of 5,000 digits, NaN, 20,000 nested lists.
"""

import json
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from domain.errors import BadInputError

MAX_BODY_BYTES = 1_048_576
"""Ten times the largest vendor sample that was read; a booking never needs more."""

MAX_FORM_FIELDS = 100


def decode_json(body: bytes) -> dict[str, Any]:
    """The JSON object in the body, or BadInputError."""
    value = _json_of(body)
    if not isinstance(value, dict):
        raise BadInputError("the body must be a JSON object, in braces")
    return value


def decode_json_list(body: bytes) -> dict[str, Any]:
    """The JSON list in the body, as the field `items` of an object; BadInputError for anything else."""
    value = _json_of(body)
    if not isinstance(value, list):
        raise BadInputError("the body must be a JSON list, in brackets")
    return {"items": value}


def _json_of(body: bytes) -> Any:
    text = _text(body)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadInputError("the JSON is nested too deeply; send a plain booking object") from None
    except ValueError as error:
        raise BadInputError(f"the body is not valid JSON ({_where(error)}); send application/json in UTF-8") from None


def decode_form(body: bytes) -> dict[str, Any]:
    """The fields of a form-encoded body (the first of each name), or BadInputError."""
    text = _text(body)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise BadInputError(f"the form has more than {MAX_FORM_FIELDS} fields or is malformed") from None
    if not pairs:
        raise BadInputError("the body holds no form fields; send application/x-www-form-urlencoded")
    return dict(reversed(pairs))


def _text(body: bytes) -> str:
    if len(body) > MAX_BODY_BYTES:
        raise BadInputError(f"the body has more than {MAX_BODY_BYTES} bytes; send one booking per delivery")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError("the body is not UTF-8; send it in UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _where(error: ValueError) -> str:
    # Only positions and our own words: the decoder's other messages may quote the body.
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return "a number is out of range"
