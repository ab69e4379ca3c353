"""`healgate up` and `healgate demo`: everything on this machine, and one patient's walk through it."""

import sys
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import httpx

from runtime.lifecycle import GracefulStop
from runtime.settings import Settings
from store import Database, Store
from worker.embedded import Running, running
from worker.sample import BOOKING_SECRET, SAMPLE_CLINIC, SAMPLE_SOURCE
from worker.timeline import Timeline
from worker.walk import Walk


async def stay_up(settings: Settings, *, virtual_time: bool = False) -> None:
    """Run until Ctrl-C or SIGTERM."""
    stop = GracefulStop()
    with stop.on_signals():
        async with running(settings, say=_say, virtual_time=virtual_time) as place:
            _print_addresses(place, sys.stdout)
            await stop.wait()
            _say("stopping")


async def walk(settings: Settings) -> None:
    """Walk one patient through the whole journey, print its timeline, check the ledger, end."""
    async with running(settings, say=_say, virtual_time=True) as place, httpx.AsyncClient(timeout=20) as http:
        _print_addresses(place, sys.stdout)
        clinic = await _sample(place)
        journey = Walk(place, clinic, http, _say)
        await journey.run()
        _print_timeline(await journey.timeline(), await journey.messages(), clinic.timezone, sys.stdout)
        await journey.check()
        _say("the journey is completed, and the sandbox's ledger holds exactly the expected messages")


async def _sample(place: Running) -> Any:
    database = Database(place.environment["HEALGATE_DATABASE_URL"])
    try:
        return await Store(database).clinics.get(SAMPLE_CLINIC)
    finally:
        await database.close()


def _print_addresses(place: Running, out: TextIO) -> None:
    hooks = f"{place.api_url}/webhooks"
    lines = {
        "Staff API": f"{place.api_url}/api/v1/clinics (OpenAPI: {place.api_url}/api/v1/openapi.json)",
        "Staff login": f"Authorization: Bearer {place.environment['HEALGATE_STAFF_KEY']}",
        "Patients' phones": f"{place.sandbox_url}/_sandbox/patients",
        "Temporal UI": f"{place.temporal_ui}/namespaces/healgate/workflows",
        "Temporal": place.temporal_address,
        "Booking webhook": f"{hooks}/bookings/{SAMPLE_CLINIC}/{SAMPLE_SOURCE}",
        "  its secret": place.environment[BOOKING_SECRET],
        "Sandbox ledger": f"{place.sandbox_url}/_sandbox/ledger",
        "State and logs": str(place.state.path),
    }
    out.write("Healgate is up. Nothing leaves this machine.\n")
    out.writelines(f"  {name + ':':<18} {value}\n" for name, value in lines.items())
    out.flush()


def _print_timeline(entries: list[dict[str, Any]], messages: dict[str, dict[str, Any]], zone: str, out: TextIO) -> None:
    """The journey's own clock: what came over HTTP in between is shown at the journey's time."""
    timeline = Timeline(out)
    shown = datetime.min.replace(tzinfo=ZoneInfo("UTC"))
    for entry in entries:
        shown = max(shown, datetime.fromisoformat(entry["at"]))
        line = {"local": shown.astimezone(ZoneInfo(zone)).isoformat(), "kind": entry["kind"], **entry["data"]}
        if entry["kind"].startswith("message."):
            line |= _message(messages.get(entry["data"]["message_id"], {}), entry)
        timeline.line(line)


def _message(row: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    found = {name: row.get(name) or "" for name in ("subject", "body")}
    return {**found, "key": entry["data"]["touchpoint"], "channel": entry["data"]["channel"]}


def _say(text: str) -> None:
    sys.stdout.write(f"- {text}\n")
    sys.stdout.flush()
