"""Search parameters to what the read model is asked. What is not understood is refused: it would widen the answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from api.fhir.kind import DATE, LAST_UPDATED, PATIENT, STATUS, Kind
from api.fhir.times import between, narrowed
from domain.clinic import Clinic
from domain.errors import BadInputError
from store.read_model import Between, Wanted

PER_PAGE: Final = 50
MOST_PER_PAGE: Final = 200
COUNT: Final = "_count"
AFTER: Final = "_after"
"""Ours, in the link to the next page; FHIR leaves paging to the server."""
FORMAT: Final = "_format"
JSON: Final = ("json", "application/json", "application/fhir+json")
TIMES: Final = {LAST_UPDATED: "changed", DATE: "starts"}
"""Parameters that may be given twice, for both ends of a span."""
_REFERENCE: Final = re.compile(r"(?:(?:.*/)?Patient/)?([A-Za-z0-9.-]{1,64})")

Parameters = Sequence[tuple[str, str]]


def wanted_by(kind: Kind, clinic: Clinic, parameters: Parameters) -> Wanted:
    """What the parameters ask for; BadInputError says which one is wrong and how to mend it."""
    _check_names(kind, [name for name, _ in parameters])
    fields: dict[str, Any] = {"clinic_id": clinic.id, "limit": PER_PAGE}
    for name, value in parameters:
        if name in TIMES:
            field = TIMES[name]
            fields[field] = narrowed(fields.get(field, Between()), between(name, value, clinic.timezone))
        else:
            fields |= _READERS[name](kind, value)
    return Wanted.model_validate(fields)


def _check_names(kind: Kind, names: Sequence[str]) -> None:
    known = (*kind.parameters, "_id", COUNT, AFTER, FORMAT)
    for name in names:
        if name not in known:
            raise BadInputError(f"{kind.name} cannot be searched by {name}; use {', '.join(known)}")
        if names.count(name) > 1 and name not in TIMES:
            raise BadInputError(f"{name} is given twice; separate values by commas where several may match")


def _patient(kind: Kind, value: str) -> dict[str, Any]:
    del kind
    named = _REFERENCE.fullmatch(value)
    if named is None:
        raise BadInputError("patient must be a patient's id, or Patient/ and the id")
    return {"patient_id": named[1]}


def _status(kind: Kind, value: str) -> dict[str, Any]:
    asked = set(value.split(","))
    if unknown := asked - set(kind.statuses.values()):
        known = ", ".join(dict.fromkeys(kind.statuses.values()))
        raise BadInputError(f"status {', '.join(sorted(unknown))} is none of {kind.name} here; use {known}")
    return {"states": frozenset(ours for ours, theirs in kind.statuses.items() if theirs in asked)}


def _ids(kind: Kind, value: str) -> dict[str, Any]:
    del kind
    ids = tuple(value.split(","))
    if len(ids) > MOST_PER_PAGE or not all(ids):
        raise BadInputError(f"_id must be 1 to {MOST_PER_PAGE} ids, with commas between them")
    return {"ids": ids}


def _count(kind: Kind, value: str) -> dict[str, Any]:
    del kind
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
        raise BadInputError(f"_count must be a whole number from 1; a page has at most {MOST_PER_PAGE} entries")
    return {"limit": min(int(value), MOST_PER_PAGE)}


def _after(kind: Kind, value: str) -> dict[str, Any]:
    del kind
    return {"after": value}


def _format(kind: Kind, value: str) -> dict[str, Any]:
    del kind
    if value not in JSON:
        raise BadInputError(f"_format must be json: {' or '.join(JSON)}")
    return {}


_READERS: Final[Mapping[str, Callable[[Kind, str], dict[str, Any]]]] = {
    PATIENT: _patient,
    STATUS: _status,
    "_id": _ids,
    COUNT: _count,
    AFTER: _after,
    FORMAT: _format,
}
