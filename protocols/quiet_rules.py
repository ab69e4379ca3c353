"""Reads the rules on quiet hours of countries and states: the shipped ones, or a clinic's own in their place."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, ValidationError

from domain.calendar import RegionalHours, Span
from domain.messages import Frozen
from domain.patient import Region
from domain.quiet_rules import QuietRules
from domain.week import parse_hours
from protocols.explain_errors import explain
from protocols.findings import FindingsError
from protocols.yaml_source import read_yaml

QUIET_HOURS_FILE: Final = "quiet_hours.yaml"
SHIPPED_RULES: Final = Path(__file__).with_name(QUIET_HOURS_FILE)


class _Rule(RegionalHours):
    """A rule as it is written."""

    region: Region
    hours: Annotated[dict[int, tuple[Span, ...]], BeforeValidator(parse_hours)]
    source: str = Field(min_length=3)


class _File(Frozen):
    rules: tuple[_Rule, ...]


def load_quiet_rules(folder: Path | None = None) -> QuietRules:
    """The rules in the clinic's `folder` where it has a file of them, else the shipped ones. Raises FindingsError."""
    own = folder / QUIET_HOURS_FILE if folder is not None else None
    return read_quiet_rules(own if own is not None and own.is_file() else SHIPPED_RULES)


def read_quiet_rules(path: Path) -> QuietRules:
    """The rules of one file. FindingsError names file and line of everything that is wrong."""
    source = read_yaml(path)
    try:
        written = _File.model_validate(source.data)
    except ValidationError as error:
        raise FindingsError(explain(source, error)) from error
    return QuietRules(rules=tuple(RegionalHours.model_validate(rule.model_dump()) for rule in written.rules))
