"""Reads what the server says back by the standard's own models, and checks what those leave to the reader."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
from fhir.resources.R4B import get_fhir_model_class
from fhir_core.fhirabstractmodel import FHIRAbstractModel

from tests.api.world import STAFF, World
from tests.store.rows import CLINIC

FHIR = f"/fhir/{CLINIC}"


async def get(world: World, path: str) -> httpx.Response:
    """What is at this FHIR address of the clinic, asked with the staff key."""
    return await world.http.get(f"{FHIR}/{path}", headers=STAFF)


async def read(world: World, path: str) -> dict[str, Any]:
    """The resource at this address; it must be one, and keep the standard."""
    answer = await get(world, path)
    assert answer.status_code == 200, answer.text
    return checked(answer)


async def entries(world: World, path: str) -> list[dict[str, Any]]:
    """The resources on the first page of a search."""
    bundle = await read(world, path)
    for entry in bundle.get("entry", []):
        check(entry["resource"])
    return [entry["resource"] for entry in bundle.get("entry", [])]


def checked(answer: httpx.Response) -> dict[str, Any]:
    """The answer's resource, which must keep the standard."""
    assert answer.headers["content-type"] == "application/fhir+json"
    resource: dict[str, Any] = answer.json()
    check(resource)
    return resource


def check(resource: dict[str, Any]) -> None:
    """Parsed by its class, every code is one of its value set, and the constraints that we could break hold."""
    model = get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    for element in _elements(model):
        _check_codes(element)
    constraints = CONSTRAINTS.get(resource["resourceType"], {})
    assert [name for name, holds in constraints.items() if not holds(resource)] == []


def _elements(element: FHIRAbstractModel) -> Iterator[FHIRAbstractModel]:
    yield element
    for name in type(element).model_fields:
        value = getattr(element, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, FHIRAbstractModel):
                yield from _elements(item)


def _check_codes(element: FHIRAbstractModel) -> None:
    for name, field in type(element).model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        value = getattr(element, name)
        for item in value if isinstance(value, list) else [value]:
            where = f"{type(element).__name__}.{name}: {item}"
            assert item is None or _is_known(item, extra.get("enum_values")), where
            assert _may_refer(item, extra.get("enum_reference_types")), where


def _is_known(code: object, known: object) -> bool:
    """The package cuts some lists short and marks that with a plus, and does not list content types."""
    return not isinstance(known, list) or "+" in known or "ttl" in known or code in known


def _may_refer(item: object, kinds: object) -> bool:
    target = getattr(item, "reference", None)
    if not isinstance(kinds, list) or not isinstance(target, str):
        return True
    return kinds == ["Resource"] or target.partition("/")[0] in kinds


CONSTRAINTS: dict[str, dict[str, Any]] = {
    "Appointment": {
        "app-1": lambda it: all("actor" in one or "type" in one for one in it["participant"]),
        "app-3": lambda it: "start" in it and ("end" in it or "_end" in it),
    },
    "CarePlan": {"cpl-3": lambda it: all(("detail" in one) != ("reference" in one) for one in it.get("activity", []))},
    "Consent": {"ppc-1": lambda it: "policyRule" in it, "ppc-2": lambda it: "patient" in it},
    "Task": {
        "inv-1": lambda it: it["lastModified"] >= it["authoredOn"],
        "status": lambda it: it["status"] in ("requested", "in-progress", "completed", "cancelled"),
    },
    "CapabilityStatement": {"cpb-15": lambda it: "implementation" in it},
    "Bundle": {
        "bdl-7": lambda it: len({one["fullUrl"] for one in it.get("entry", [])}) == len(it.get("entry", [])),
        "ids": lambda it: all(
            re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one["resource"]["id"]) for one in it.get("entry", [])
        ),
    },
}
"""Constraints of hl7.org/fhir/R4B that the package does not check."""
