"""The second line of defence for logs: what looks like a person or a secret is blacked out.

The first line is that nobody logs such things. Ids are meant to stay readable: opaque ids, provider SIDs, UUIDs, times.
"""

import re
from collections.abc import Mapping

REDACTED = "[redacted]"

_FIELDS = {
    *("phone", "email", "first_name", "last_name", "full_name", "patient_name", "birth_date"),
    *("body", "text", "subject", "reply", "answer"),
    *("password", "token", "secret", "api_key", "auth_token", "staff_key", "authorization", "cookie", "signature"),
}
"""Fields whose value is never wanted in a log, whatever it looks like."""

_SECRETS = (
    r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}",
    r"\bSG\.[\w-]+(?:\.[\w-]+)*",
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?",
    r"(?i:\b(?:password|passwd|secret|token|api[_-]?key|authorization|signature)[\"']?\s*[=:]\s*[\"']?(?:bearer\s+|basic\s+)?)[^\s\"'&,;]{4,}",
    r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
    # The patient's pages: whoever has the link is the patient.
    r"(?<=/[cisu]/)[\w-]{8,}",
)
_PEOPLE = (
    r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+",
    # With a country prefix, as written by people or percent-encoded.
    r"(?:\+|%2B|(?<![\w.:-])00)[1-9](?:[\s().-]?\d){6,14}",
    # North American without one.
    r"(?<![\w-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?![\w-])",
    r"(?<![\w.-])\d{10,15}(?![\w.-])",
)
_QUOTED_INPUT = (
    # Validation and database errors repeat what they were given.
    r"(?<=input_value=).*?(?=, input_type=)",
    r"(?s:(?<=\[parameters: ).*?(?=\]\n|\]$|\] ))",
)
_PATTERN = re.compile("|".join((*_QUOTED_INPUT, *_SECRETS, *_PEOPLE)))
_LONGEST_PLAIN_NUMBER = 10**9
"""Counts and sizes stay below it; a phone number without its plus sign does not."""


def redact_text(text: str) -> str:
    """The text with everything blacked out that looks like a phone number, an e-mail address or a secret."""
    return _PATTERN.sub(REDACTED, text)


def redact(value: object) -> object:
    """The same for any value that can be logged, down into mappings and sequences."""
    match value:
        case str():
            return redact_text(value)
        case bool() | None | float():
            return value
        case int():
            return REDACTED if value > _LONGEST_PLAIN_NUMBER else value
        case Mapping():
            return {key: redact_field(str(key), item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact(item) for item in value]
        case _:
            return redact_text(str(value))


def redact_field(name: str, value: object) -> object:
    """A named value: some names are blacked out whatever the value is."""
    return REDACTED if name.lower() in _FIELDS and value is not None else redact(value)
