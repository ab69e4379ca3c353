"""A page of a search as a Bundle, with the address of the next one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.domainresource import DomainResource

from api.fhir.kind import Kind
from api.fhir.query import AFTER, Parameters


def searchset(base: str, kind: Kind, parameters: Parameters, page: Sequence[DomainResource], *, more: bool) -> Bundle:
    """`base` is the clinic's FHIR address; `more`: another page follows. It has no total, which would cost a scan."""
    links = [{"relation": "self", "url": _address(base, kind, parameters)}]
    if more:
        links.append({"relation": "next", "url": _address(base, kind, _following(parameters, page))})
    entries = [_entry(base, kind, resource) for resource in page]
    return Bundle.model_validate({"type": "searchset", "link": links, **({"entry": entries} if entries else {})})


def _following(parameters: Parameters, page: Sequence[DomainResource]) -> Parameters:
    kept = [(name, value) for name, value in parameters if name != AFTER]
    return [*kept, (AFTER, str(page[-1].id))]


def _address(base: str, kind: Kind, parameters: Parameters) -> str:
    query = urlencode(parameters, safe=",:/")
    return f"{base}/{kind.name}" + (f"?{query}" if query else "")


def _entry(base: str, kind: Kind, resource: DomainResource) -> dict[str, Any]:
    return {"fullUrl": f"{base}/{kind.name}/{resource.id}", "resource": resource, "search": {"mode": "match"}}
