"""Who may read, and what is not there."""

from typing import Any

import pytest

from tests.api.fhir.standard import FHIR, checked, get, read
from tests.api.world import BASE_URL, STAFF, World
from tests.store.rows import NOW, a_booking, a_clinic, a_message, a_task

pytestmark = pytest.mark.slow

KINDS = ("Appointment", "CarePlan", "Communication", "Consent", "Patient", "Task")


def issue_of(resource: dict[str, Any]) -> str:
    """The code of the one issue of an OperationOutcome."""
    (issue,) = resource["issue"]
    return str(issue["code"])


@pytest.mark.parametrize("path", ["metadata", "Patient", "Patient/p1", "Observation", "Patient/p1/_history"])
async def test_nobody_reads_without_the_staff_key(world: World, path: str) -> None:
    """Not even what there is to read; the answer says which scheme it wants."""
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await world.http.get(f"{FHIR}/{path}", headers=headers)
        assert (answer.status_code, issue_of(checked(answer))) == (401, "login")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_nothing_of_another_clinic_is_there(world: World) -> None:
    """Neither in a search nor by its id, nor by an id of its patient."""
    await world.store.clinics.apply(a_clinic(id="other"))
    await world.store.bookings.apply(a_booking(patient_id="p1"))
    row = await world.store.ledger.open(a_message())
    await world.store.tasks.open(a_task(patient_id="p1"))
    there = {"Appointment": "b-1", "CarePlan": "j1", "Communication": row.id, "Task": "t1", "Patient": "p1"}
    for kind, known in there.items():
        assert (await read(world, f"{kind}/{known}"))["id"] == known
        hidden = await world.http.get(f"/fhir/other/{kind}/{known}", headers=STAFF)
        assert (hidden.status_code, issue_of(checked(hidden))) == (404, "not-found")
        for query in ("", f"?_id={known}"):
            page = checked(await world.http.get(f"/fhir/other/{kind}{query}", headers=STAFF))
            assert "entry" not in page


@pytest.mark.parametrize(
    "path",
    [
        "Observation",
        "Observation/1",
        "Patient/nobody",
        "Consent/x",
        "Consent/1-p1",
        "Task/t1,t2",
        "Patient/p1/_history/1",
        "",
    ],
)
async def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    """An unknown kind, an unknown id, and what FHIR knows and we do not."""
    answer = await get(world, path)
    assert (answer.status_code, issue_of(checked(answer))) == (404, "not-found")


async def test_an_unknown_clinic_is_not_found(world: World) -> None:
    """As an outcome, too."""
    answer = await world.http.get("/fhir/nowhere/Patient", headers=STAFF)
    assert (answer.status_code, issue_of(checked(answer))) == (404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written(world: World, method: str) -> None:
    """The staff API and the booking system are where things change."""
    for path in ("Patient", "Patient/p1", "metadata", "Patient/_search"):
        answer = await world.http.request(method, f"{FHIR}/{path}", headers=STAFF)
        assert (answer.status_code, issue_of(checked(answer))) == (405, "not-supported")
        assert answer.headers["allow"] == "GET"


async def test_an_outage_says_when_to_come_back(world: World) -> None:
    """While the database is down, reading is 503 with Retry-After."""
    world.database.down = True
    answer = await get(world, "Patient/p1")
    assert (answer.status_code, issue_of(checked(answer)), answer.headers["retry-after"]) == (503, "transient", "5")


async def test_the_server_says_what_it_can_do(world: World) -> None:
    """Every kind that it names can be searched by every parameter that it names."""
    statement = await read(world, "metadata")
    assert statement["implementation"]["url"] == f"{BASE_URL}{FHIR}"
    (rest,) = statement["rest"]
    assert tuple(one["type"] for one in rest["resource"]) == KINDS
    samples = {"_id": "x", "patient": "p1", "_lastUpdated": f"ge{NOW:%Y-%m-%d}", "date": f"ge{NOW:%Y-%m-%d}"}
    for resource in rest["resource"]:
        names = [one["name"] for one in resource["searchParam"] if one["name"] != "status"]
        query = "&".join(f"{name}={samples[name]}" for name in names)
        assert (await read(world, f"{resource['type']}?{query}"))["type"] == "searchset"


async def test_the_openapi_document_is_of_the_staff_api_alone(world: World) -> None:
    """FHIR describes itself under `metadata`."""
    document = (await world.http.get("/api/v1/openapi.json")).json()
    assert not [path for path in document["paths"] if path.startswith("/fhir")]
