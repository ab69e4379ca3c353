"""Who gets into the staff API, and what errors look like."""

from dataclasses import replace

import pytest

from api.app import create_app
from tests.api.world import API, STAFF, STAFF_KEY, World

pytestmark = pytest.mark.slow

PATHS = [
    ("GET", "/api/v1/clinics"),
    ("GET", API),
    ("POST", f"{API}/patients"),
    ("POST", f"{API}/patients/search"),
    ("GET", f"{API}/patients/p1"),
    ("PATCH", f"{API}/patients/p1"),
    ("POST", f"{API}/patients/p1/consents"),
    ("POST", f"{API}/journeys"),
    ("GET", f"{API}/journeys/j1/explain"),
    ("POST", f"{API}/journeys/j1/actions"),
    ("POST", f"{API}/journeys/j1/treated"),
    ("GET", f"{API}/tasks"),
    ("POST", f"{API}/tasks/t1/close"),
    ("GET", f"{API}/messages?journey=j1"),
]


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", f"Basic {STAFF_KEY}", "Bearer \u00e9"])
async def test_without_the_key_nobody_gets_in(world: World, given: str | None) -> None:
    """Every staff route is 401 without the right bearer key, and says which scheme it wants."""
    headers = {} if given is None else {b"Authorization": given.encode("latin-1")}
    for method, path in PATHS:
        answer = await world.http.request(method, path, headers=headers)
        assert (path, answer.status_code) == (path, 401)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_without_a_configured_key_nobody_gets_in(world: World) -> None:
    """An empty key in the settings opens nothing, not even for an empty bearer."""
    world.app.state.parts = replace(world.app.state.parts, staff_key="")
    answers = [await world.http.get(API, headers={"Authorization": f"Bearer {key}"}) for key in ("", STAFF_KEY)]
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\tb"])
async def test_an_action_needs_a_name(world: World, name: str) -> None:
    """Whoever acts says so, in 1 to 100 printable characters."""
    answer = await world.staff("POST", "/journeys/j1/actions", {"action": "pause"}, **{"X-Healgate-Actor": name})
    assert answer.status_code == 400
    assert "X-Healgate-Actor" in answer.json()["detail"]


async def test_names_may_be_written_in_utf8(world: World) -> None:
    """A name with an umlaut arrives as it was written, although headers are latin-1."""
    headers = [(name.encode(), value.encode()) for name, value in (STAFF | {"X-Healgate-Actor": "Dr. Müller"}).items()]
    await world.http.post(f"{API}/journeys/j1/actions", json={"action": "pause"}, headers=headers)
    assert world.journeys.calls[0].what.by == "Dr. Müller"


async def test_wrong_input_names_the_field_and_never_its_value(world: World) -> None:
    """A body that does not fit is a 422 problem with the fields, without what somebody typed in."""
    body = {"first_name": "Ana", "email": "secret-thing", "nickname": "An"}
    answer = await world.staff("POST", "/patients", body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {error["field"] for error in answer.json()["errors"]} == {"email", "nickname"}
    assert "secret-thing" not in answer.text


@pytest.mark.parametrize("path", ["/journeys/none", "/patients/none", "/tasks?journey", "/nothing"])
async def test_every_error_is_a_problem(world: World, path: str) -> None:
    """What is not there is 404 as application/problem+json, with the status inside."""
    answer = await world.staff("POST" if "?" in path else "GET", path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


async def test_another_clinics_journey_is_not_found(world: World) -> None:
    """What belongs to one clinic does not exist under another one's path."""
    clinic = await world.store.clinics.get("glow")
    await world.store.clinics.apply(clinic.model_copy(update={"id": "other"}))
    paths = ["journeys/j1", "journeys/j1/explain", "journeys/j1/timeline", "patients/p1", "messages?journey=j1"]
    answers = [await world.http.get(f"/api/v1/clinics/other/{path}", headers=STAFF) for path in paths]
    assert {answer.status_code for answer in answers} == {404}


async def test_an_outage_says_when_to_come_back(world: World) -> None:
    """While the database is down the API is 503 with Retry-After."""
    world.database.down = True
    answer = await world.staff("GET", "/tasks")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_the_api_describes_itself(world: World) -> None:
    """The OpenAPI document lists the staff routes, their problems and the key, and no pages or webhooks."""
    document = (await world.http.get("/api/v1/openapi.json")).json()
    start = document["paths"]["/api/v1/clinics/{clinic}/journeys"]["post"]
    assert start["responses"]["409"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert start["security"] == [{"HTTPBearer": []}]
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    assert "detail" in document["components"]["schemas"]["Problem"]["properties"]


async def test_the_application_can_be_built_twice(world: World) -> None:
    """Building the application changes nothing that another one uses."""
    first, second = (create_app(world.app.state.parts).openapi() for _ in range(2))
    assert first == second
