"""A journey by HTTP alone, and what it leaves behind."""

from datetime import UTC, datetime

import pytest

from tests.e2e.patient import Visitor, answered, working_day
from tests.e2e.system import System, command, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WORD = "zanzibarish"
"""Said by the patient alone: kept for staff, and to be found nowhere else."""


@pytest.fixture(scope="package")
async def walked(system: System) -> Visitor:
    """A patient who was treated, wrote on the way and has answered the check-in."""
    patient = Visitor(system, first_name="Zebulina")
    await patient.starts()
    await patient.accepted("welcome")
    await answered(patient, f"it feels {WORD}")
    await patient.until_sent("check_in")
    await answered(patient, "1", "0", "0", "0")
    return patient


async def test_a_booking_leads_to_a_gate_that_a_clinician_opens(walked: Visitor) -> None:
    """Booked, treated, healed and answered without trouble, the gate waits for a clinician, who releases it."""

    async def in_review() -> bool:
        return await walked.gate() == "in_review"

    await eventually(in_review, "the gate to be in review")
    await walked.task("review")
    await walked.system.staff(
        "POST", f"journeys/{walked.journey}/actions", {"action": "release", "reason": "answers read"}
    )

    async def released() -> bool:
        return await walked.gate() == "released"

    await eventually(released, "the gate to open")
    await walked.until_sent("invite")
    for touchpoint in ("welcome", "check_in", "check_in_discomfort", "check_in_red_flags", "invite"):
        assert await walked.copies(touchpoint) == 1, touchpoint


async def test_temporal_and_the_logs_know_nobody(walked: Visitor) -> None:
    """Temporal's database and all logs hold no name, number, address or reply of a patient."""
    folder = walked.system.folder
    files = [*folder.glob("temporal.db*"), *(folder / "logs").iterdir(), walked.system.output]
    assert len(files) >= 6
    private = [walked.first_name, walked.phone.removeprefix("+"), walked.email, WORD]
    told = (folder / "healgate.db").read_bytes() + (folder / "healgate.db-wal").read_bytes()
    assert all(word.encode() in told for word in private), "the search itself does not work"
    for file in files:
        content = file.read_bytes().lower()
        assert [word for word in private if word.lower().encode() in content] == [], file.name


async def test_explain_says_what_was_sent_and_what_is_due(walked: Visitor) -> None:
    """`healgate explain` finds the running system by its folder, and names the messages of the journey."""
    code, out, err = await command("explain", walked.journey, "--json", HEALGATE_STATE_DIR=str(walked.system.folder))
    assert code == 0, err
    assert all(touchpoint in out for touchpoint in ("welcome", "check_in"))
    assert walked.phone not in out


async def test_a_laser_on_the_day_of_the_needling_keeps_the_gate_shut(patient: Visitor) -> None:
    """Both treatments on one day: the verdict says so, staff gets a task, the gate stays shut."""
    await patient.starts()
    await patient.book("second", "laser_nafl", working_day(datetime.now(UTC), 12))
    task = await patient.task("same_visit")

    async def verdicts() -> list[str] | None:
        found = [booking["verdict"] for booking in await patient.timeline("booking")]
        return found if len(found) == 2 else None

    assert await eventually(verdicts, "the verdict on the second booking") == ["accepted", "same_visit"]
    assert task["closed_at"] is None
    assert await patient.gate() == "locked"
