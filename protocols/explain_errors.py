"""Turns pydantic's errors about a protocol into findings that name line and mend."""

import re
from collections.abc import Sequence
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.protocol import FLOOR, Protocol
from protocols.findings import Finding, did_you_mean
from protocols.yaml_source import Location, YamlSource

MAX_SHOWN: Final = 40
_QUOTED: Final = re.compile(r"'([^']+)'")
_MENDS: Final = {
    "string_type": "put it in quotes",
    "string_pattern_mismatch": "use lower-case letters, digits, - and _, beginning with a letter",
    "string_too_short": "say where the number comes from",
    "too_short": "give at least one",
    "time_parsing": 'write a time of day in quotes, such as "10:00"',
    "time_delta_parsing": "write a duration such as 28d, 2h or 10m",
    "time_delta_type": "write a duration such as 28d, 2h or 10m",
    "tuple_type": "write a list: [one, two]",
    "model_type": "write keys and values, indented below it",
    "int_parsing": "write a whole number",
}


def explain(source: YamlSource, error: ValidationError) -> tuple[Finding, ...]:
    """One finding per thing that is wrong, in the order of the file."""
    findings = {_finding(source, details) for details in error.errors(include_url=False)}
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.message)))


def _finding(source: YamlSource, details: ErrorDetails) -> Finding:
    location = details["loc"]
    return Finding(
        file=source.path,
        line=_line(source, details),
        message=_message(location, details),
        mend=_mend(location, details),
    )


def _line(source: YamlSource, details: ErrorDetails) -> int:
    """A check of the whole file has no place of its own, but quotes the section that it is about."""
    if details["loc"]:
        return source.line_of(details["loc"])
    return max((source.line_of((section,)) for section in _QUOTED.findall(details["msg"])), default=1)


def _message(location: Sequence[str | int], details: ErrorDetails) -> str:
    place = ".".join(str(part) for part in location) or "the protocol"
    match details["type"]:
        case "extra_forbidden":
            return f"{place}: unknown key {location[-1]!r}"
        case "missing":
            return f"{place} is missing"
        case "enum" | "literal_error":
            return f"{place}: {_shown(details['input'])} is not known"
        case "value_error":
            return f"{place}: {_value_error(details)[0]}"
    return f"{place}: {_shown(details['input'])} will not do"


def _mend(location: Sequence[str | int], details: ErrorDetails) -> str:
    match details["type"]:
        case "extra_forbidden":
            known = _fields_at(tuple(location[:-1]))
            return did_you_mean(location[-1], known, f"known here: {', '.join(sorted(known))}")
        case "missing":
            return f"add {location[-1]!r}"
        case "enum" | "literal_error":
            expected = str(details["ctx"]["expected"])
            return did_you_mean(details["input"], _QUOTED.findall(expected), f"use one of {expected}")
        case "value_error":
            return _value_error(details)[1]
        case "greater_than_equal" if location[-1] == "days":
            return f"no interval may be shorter than the floor of {FLOOR.days} days"
    return _MENDS.get(details["type"], details["msg"].removeprefix("Input ").lower())


def _value_error(details: ErrorDetails) -> tuple[str, str]:
    """The domain writes its errors as 'what is wrong; how to mend it'."""
    message, _, mend = details["msg"].removeprefix("Value error, ").partition("; ")
    return message, mend or "see docs/protocols.md"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _fields_at(location: Location) -> tuple[str, ...]:
    """The keys that the model at `location` knows."""
    model: type[BaseModel] = Protocol
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return tuple(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
