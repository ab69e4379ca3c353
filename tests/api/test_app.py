"""What holds for every request: health, headers, and logs without people."""

import structlog

from api.app import server_config
from tests.api.test_check_in_page import a_link
from tests.api.world import API, World


async def test_the_process_says_that_it_lives_and_whether_it_can_work(world: World) -> None:
    """/livez asks nothing; /readyz is 503 while a check fails and never says more than the kind of error."""
    world.health.add("database", world.database.ping)
    ready = await world.http.get("/readyz")
    world.database.down = True
    failing = await world.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "checks": {"database": "ok"}})
    assert (failing.status_code, failing.json()["checks"]) == (503, {"database": "StoreUnavailableError"})
    assert (await world.http.get("/livez")).status_code == 200


async def test_metrics_count_webhooks_and_the_backlog(world: World) -> None:
    """What waits in the inbox shows, and an outage of the database does not take the numbers away."""
    await world.twilio("message", {"MessageSid": "SM1", "From": "+15005550006", "Body": "ok"})
    text = (await world.http.get("/metrics")).text
    world.database.down = True
    during = await world.http.get("/metrics")
    assert 'healgate_webhooks_total{outcome="stored",source="twilio"} 1.0' in text
    assert "healgate_inbox_backlog 1.0" in text
    assert during.status_code == 200
    assert "healgate_inbox_backlog 1.0" in during.text


async def test_every_answer_carries_the_security_headers(world: World) -> None:
    """Also errors: no sniffing, no framing, no caching, TLS from now on, and no name of a server."""
    for path in ("/livez", f"{API}/tasks", "/nowhere", "/c/unknown"):
        headers = (await world.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in headers


async def test_the_access_log_names_routes_and_nobody(world: World) -> None:
    """A log line has the route's pattern: neither a patient's token nor a query."""
    path = await a_link(world)
    with structlog.testing.capture_logs() as logs:
        await world.http.get(f"{path}?x=+15005550006")
        await world.http.get("/wp-login.php?user=ana@example.com")
        await world.staff("GET", "/patients/p1")
    lines = [line for line in logs if line["event"] == "http"]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/c/{token}", 200),
        ("none", 404),
        ("/api/v1/clinics/{clinic}/patients/{patient_id}", 200),
    ]
    assert not any(secret in str(logs) for secret in (path[3:], "15005550006", "ana@"))


async def test_the_server_does_not_say_what_it_is(world: World) -> None:
    """Uvicorn sends no server header and writes no paths to its own log."""
    config = server_config(world.app, "127.0.0.1", 0)
    assert (config.server_header, config.access_log, config.proxy_headers) == (False, False, False)
