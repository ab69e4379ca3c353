"""`healgate bench`: what one whole journey costs on the embedded server, in events, bytes and seconds."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.simulate import simulate, simulation_server
from sandbox.simulate.scenario import check_scenario

START = datetime.fromisoformat("2027-03-01T09:00:00-05:00")


def _scenario() -> dict[str, Any]:
    """A journey without trouble under a standing order."""
    zone = "America/New_York"
    visits = {"b1": ("microneedling", 3), "b2": ("laser_nafl", 38)}
    booked = [
        {"at": "0d", "booking": {"ref": ref, "treatment": kind, "starts_at": (START + timedelta(days=day)).isoformat()}}
        for ref, (kind, day) in visits.items()
    ]
    treated = [{"at": f"{day}d2h", "treated": {"ref": ref}} for ref, (_, day) in visits.items()]
    return {
        "start": START.isoformat(),
        "clinic": {"timezone": zone},
        "patient": {
            "first_name": "Ana",
            "phone": "+12025550143",
            "email": "ana@example.com",
            "timezone": zone,
            "skin_type": 2,
            "conditions": [],
        },
        "protocol": {"approved_by": "Dr. Rivera", "release": "standing_order"},
        "events": [*booked, *treated, {"on": "check_in", "after": "2h", "replies": ["1", "0", "0", "0"]}],
        "until": "90d",
    }


async def measure(echo: Callable[[str], None]) -> None:
    """Run one journey and print a JSON line with its costs."""
    lines: list[dict[str, Any]] = []
    async with simulation_server() as client:
        began = time.perf_counter()
        scenario = check_scenario(_scenario(), "bench")
        await simulate(client, "microneedling-then-laser", scenario, lines.append)
        seconds = time.perf_counter() - began
        found = [one async for one in client.list_workflows("WorkflowType = 'Journey'")]
        history = await client.get_workflow_handle(found[0].id).fetch_history()
    sent = [line for line in lines if line["kind"] == "message.sent"]
    texts = [line for line in sent if line["channel"] == "sms"]
    echo(
        json.dumps(
            {
                "seconds": round(seconds, 2),
                "history_events": len(history.events),
                "history_bytes": sum(event.ByteSize() for event in history.events),
                "messages": len(sent),
                "segments_per_sms": round(sum(line["segments"] for line in texts) / len(texts), 2),
            }
        )
    )
