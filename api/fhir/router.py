"""The FHIR read model of a clinic: read and search, nothing else."""

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from api.fhir.bundle import searchset
from api.fhir.capability import capability_statement
from api.fhir.kinds import kind_of
from api.fhir.outcome import FhirRoute, fhir_response
from api.fhir.query import wanted_by
from api.parts import ApiParts, Parts
from api.staff.auth import require_key
from api.staff.scope import ClinicDep
from domain.clinic import Clinic
from domain.errors import NotFoundError
from store.read_model import Wanted

router = APIRouter(
    prefix="/fhir/{clinic}",
    dependencies=[Depends(require_key)],
    route_class=FhirRoute,
    include_in_schema=False,
)


@router.get("/metadata")
async def metadata(clinic: ClinicDep, parts: Parts) -> Response:
    """What can be read here."""
    return fhir_response(capability_statement(_base(parts, clinic)))


@router.get("/{kind}")
async def search(clinic: ClinicDep, kind: str, request: Request, parts: Parts) -> Response:
    """A page of the resources that match, by id."""
    asked, parameters = kind_of(kind), request.query_params.multi_items()
    wanted = wanted_by(asked, clinic, parameters)
    one_more = wanted.model_copy(update={"limit": wanted.limit + 1})
    found = await asked.load(parts.store.read_model, clinic, one_more)
    page, more = found[: wanted.limit], len(found) > wanted.limit
    return fhir_response(searchset(_base(parts, clinic), asked, parameters, page, more=more))


@router.get("/{kind}/{resource_id}")
async def read(clinic: ClinicDep, kind: str, resource_id: str, parts: Parts) -> Response:
    """One resource."""
    wanted = Wanted(clinic_id=clinic.id, ids=(resource_id,), limit=1)
    found = await kind_of(kind).load(parts.store.read_model, clinic, wanted)
    if not found:
        raise NotFoundError(f"there is no such {kind} in this clinic")
    return fhir_response(found[0])


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def nothing_else(request: Request, rest: str) -> None:
    """Whatever else FHIR knows is not here."""
    del rest
    if request.method == "GET":
        raise NotFoundError("there is nothing at this address: ask for metadata, a resource type, or one and an id")
    raise HTTPException(405, "this FHIR address is only to be read", headers={"Allow": "GET"})


def _base(parts: ApiParts, clinic: Clinic) -> str:
    return f"{parts.public_base_url}/fhir/{clinic.id}"
