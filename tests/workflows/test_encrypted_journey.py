"""What Temporal keeps of a whole journey holds no person: ids, codes and ciphertext only."""

from pathlib import Path

import pytest
from temporalio.client import Client

from sandbox.simulate import simulate
from sandbox.simulate.scenario import check_scenario

pytestmark = pytest.mark.slow

MARKERS = {
    "name": "Zebulonia",
    "phone": "+15005550123",
    "email": "zebulonia.q@example.org",
    "reply": "quixotically itchy",
    "reason": "saw the zeppelin scar",
    "clinic": "Marzipan Skin Rooms",
    "on-call": "+15005550177",
}
SCENARIO = {
    "start": "2027-03-01T09:00:00-05:00",
    "clinic": {"timezone": "America/New_York", "name": MARKERS["clinic"], "on_call": [MARKERS["on-call"]]},
    "patient": {
        "first_name": MARKERS["name"],
        "phone": MARKERS["phone"],
        "email": MARKERS["email"],
        "timezone": "America/New_York",
        "skin_type": 2,
        "conditions": [],
    },
    "events": [
        {
            "at": "0d",
            "booking": {"ref": "b1", "treatment": "microneedling", "starts_at": "2027-03-04T14:00:00-05:00"},
        },
        {"at": "3d6h", "treated": {"ref": "b1"}},
        {"at": "4d", "reply": f"it is {MARKERS['reply']}"},
        {"at": "5d", "reply": f"{MARKERS['reply']} and I can't breathe"},
        {"at": "6d", "staff": {"action": "hold", "by": MARKERS["name"], "reason": MARKERS["reason"]}},
    ],
    "until": "8d",
}


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_the_servers_files_hold_no_person(client: Client, server_folder: Path) -> None:
    """After a journey with an alarm and a staff action, no marker stands in the server's database or log."""
    lines: list[dict[str, object]] = []
    await simulate(client, "microneedling-then-laser", check_scenario(SCENARIO, "markers"), lines.append)
    everything = content(server_folder)
    assert all(marker in str(lines) for marker in (MARKERS["name"], MARKERS["phone"], MARKERS["reason"]))
    assert {"page", "reply", "staff"} <= {line["kind"] for line in lines}
    assert b"urgent-" in everything, "looked into the wrong files"
    assert {what: marker.encode() in everything for what, marker in MARKERS.items()} == dict.fromkeys(MARKERS, False)
