"""The command line on a running system, with good and with bad input, and the demo from its start to its end."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.databases import PostgresServer
from tests.e2e.patient import Visitor
from tests.e2e.system import System, command
from worker.sample import SAMPLE_CLINIC

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LAST_LINE = "- the journey is completed, and the sandbox's ledger holds exactly the expected messages"


def assert_whole_journey(result: tuple[int, str, str]) -> None:
    """The demo ended well, and its timeline is plain text."""
    code, out, err = result
    assert code == 0, out[-2000:] + err
    assert out.splitlines()[-1] == LAST_LINE
    assert "\x1b" not in out
    for expected in ("welcome by sms", "check_in by sms", "awaiting_reply -> in_review", "completed"):
        assert expected in out


async def test_doctor_finds_the_running_system(system: System) -> None:
    """`doctor --json` reads the folder of the running system, and finds nothing to mend."""
    code, out, err = await command("doctor", "--json", HEALGATE_STATE_DIR=str(system.folder))
    findings = {line["what"]: line["state"] for line in map(json.loads, out.splitlines())}
    assert code == 0, out + err
    assert set(findings) == {"senders", "links", "database", f"clinic {SAMPLE_CLINIC}", "temporal"}
    assert set(findings.values()) == {"ok"}


async def test_bad_files_are_refused_with_a_mend(system: System, tmp_path: Path) -> None:
    """A bad clinic, scenario and protocol each end with 2 and name the file and the field; no clinic has changed."""
    clinic, scenario, protocol = (tmp_path / f"{name}.yaml" for name in ("clinic", "scenario", "protocol"))
    clinic.write_text(f"id: {SAMPLE_CLINIC}\nname: Another name\ntimezone: Mars/Olympus\nlocations: []\n")
    scenario.write_text("start: 2027-03-01T09:00:00\npatient: {skin_type: 9}\nevents: []\nuntil: 90d\n")
    protocol.write_text("id: mine\nsteps: 3\n")
    folder = str(system.folder)
    before = await system.store.clinics.get(SAMPLE_CLINIC)
    results = await asyncio.gather(
        command("clinic", "apply", str(clinic), HEALGATE_STATE_DIR=folder),
        command("simulate", "--scenario", str(scenario), "--json", HEALGATE_STATE_DIR=folder),
        command("check-protocol", str(protocol), HEALGATE_STATE_DIR=folder),
    )
    assert [code for code, _, _ in results] == [2, 2, 2], results
    assert "timezone" in results[0][2]
    assert "skin_type" in results[1][2]
    assert "protocol.yaml" in results[2][1]
    assert not any("Traceback" in err for _, _, err in results)
    assert await system.store.clinics.get(SAMPLE_CLINIC) == before


async def test_the_embedded_mode_stays_on_this_machine(tmp_path: Path) -> None:
    """A vendor's address on another machine is refused with its mend, before anything could be sent there."""
    elsewhere = {"HEALGATE_STATE_DIR": str(tmp_path / "state"), "HEALGATE_TWILIO_BASE_URL": "http://192.0.2.7:4510"}
    code, _, err = await command("up", **elsewhere)
    assert code == 2, err
    assert "http://192.0.2.7:4510 is elsewhere: unset it" in err


async def test_a_source_is_tested_against_the_running_system(system: System) -> None:
    """`webhook-test` says of every event what it did; for a source that is not there, which ones are."""
    folder = str(system.folder)
    code, out, err = await command("webhook-test", "generic", HEALGATE_STATE_DIR=folder)
    assert code == 0, out + err
    assert "booking.booked" in out
    assert [line.split(None, 2)[2] for line in out.splitlines()][1:3] == ["booked: accepted", "rescheduled: accepted"]
    code, _, err = await command("webhook-test", "nowhere", HEALGATE_STATE_DIR=folder)
    assert (code, "it has generic" in err) == (2, True)


async def test_stopped_used_and_started_again(system: System, patient: Visitor) -> None:
    """On the same folder `demo --exit` walks its own journey, and then the system goes on with the old one.

    The addresses are the same, and nothing that was sent is sent again.
    """
    await patient.starts()
    await patient.accepted("welcome")
    before, environment = [one["id"] for one in await system.sent_to(patient.phone)], system.environment
    await system.stop()
    try:
        for _ in range(2):  # a second walk has a patient of its own
            assert_whole_journey(await command("demo", "--exit", HEALGATE_STATE_DIR=str(system.folder)))
    finally:
        await system.start()  # the other tests go on with it, whatever became of the walks
    assert system.environment == environment
    await patient.until_sent("pre_visit")
    after = [one["id"] for one in await system.sent_to(patient.phone)]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1


async def test_the_demo_walks_a_journey_on_postgresql(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """`demo --exit` makes its tables in an empty PostgreSQL database, and ends as on SQLite."""
    url = await postgres_server.new()
    result = await command("demo", "--exit", HEALGATE_STATE_DIR=str(tmp_path / "state"), HEALGATE_DATABASE_URL=url)
    assert_whole_journey(result)
    assert not (tmp_path / "state" / "healgate.db").exists()
