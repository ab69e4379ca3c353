"""Parts that die or are stopped in the middle: nothing is lost, and nothing is sent twice."""

import signal
from datetime import UTC, datetime

import pytest

from tests.e2e.patient import Visitor, working_day
from tests.e2e.system import System, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def taken(patient: Visitor) -> None:
    """Wait until the provider has a message for the patient."""

    async def look() -> bool:
        return bool(await patient.system.sent_to(patient.phone))

    await eventually(look, "the provider to take the message")


@pytest.fixture(scope="package")
async def interrupted(system: System) -> Visitor:
    """A patient whose welcome the provider had accepted, but not answered, when the worker was killed."""
    patient = Visitor(system)
    await patient.register()
    await system.fault(where="after_accept", kind="hang", number=patient.phone, seconds=8)
    await patient.book("first", "microneedling", working_day(datetime.now(UTC), 12))
    await taken(patient)
    old = system.kill("worker")
    await system.started_again("worker", old)
    await patient.has_begun()
    return patient


async def test_a_worker_killed_while_it_sends(interrupted: Visitor) -> None:
    """Killed while the provider had the message but had not answered: the row is known as sent, by its callback."""
    row = await interrupted.accepted("welcome")
    assert row["evidence"] == "callback"
    assert await interrupted.copies("welcome") == 1


async def test_a_worker_killed_while_the_skin_heals(system: System, patient: Visitor) -> None:
    """After kill -9 in the healing interval the check-in still goes out on its day, once."""
    await patient.starts()
    await patient.until_sent("day_14")
    await patient.settled()
    old = system.kill("worker")
    await system.started_again("worker", old)
    await patient.until_sent("check_in")
    await patient.settled()
    assert await patient.copies("check_in") == 1
    assert await patient.copies("welcome") == 1


async def test_a_stopped_worker_finishes_what_it_sends(system: System, patient: Visitor) -> None:
    """SIGTERM while the provider has not answered yet: the answer is waited for and noted before the process ends."""
    await patient.register()
    await system.fault(where="callback", kind="drop", number=patient.phone, count=9)
    await system.fault(where="after_accept", kind="hang", number=patient.phone, seconds=3)
    await patient.book("first", "microneedling", working_day(datetime.now(UTC), 12))
    await taken(patient)
    await patient.has_begun()
    (row,) = await patient.rows("welcome")
    assert row["state"] == "sending"
    old = system.kill("worker", signal.SIGTERM)
    await system.started_again("worker", old)
    (row,) = await patient.rows("welcome")
    assert (row["state"], row["reason"]) == ("unknown", "ConnectionError")
    assert await patient.copies("welcome") == 1


async def test_a_red_flag_while_the_worker_is_down(system: System, patient: Visitor) -> None:
    """An urgent reply that arrives without a worker gets its task, its page and its safety text afterwards, once."""
    await patient.starts()
    await patient.accepted("welcome")
    await patient.settled()
    old = system.kill("worker")
    await patient.reply("there is pus and I have a fever")
    assert system.pid("worker") is None, "the worker was back too soon for this test to mean anything"
    await system.started_again("worker", old)
    task = await patient.task("red_flag")
    assert task["urgency"] in {"emergency", "same_day"}
    await patient.accepted("urgent_safety")
    await patient.accepted("page.0")
    await patient.settled()
    assert await patient.copies("urgent_safety") == 1
    assert len(await patient.rows("page.0")) == 1


async def test_a_booking_while_temporal_is_down(system: System, patient: Visitor) -> None:
    """After kill -9 of Temporal it is started again, and a booking that came meanwhile becomes a journey."""
    await patient.register()
    old = system.kill("temporal")
    await patient.book("first", "microneedling", working_day(datetime.now(UTC), 12))
    await system.started_again("temporal", old)
    await patient.has_begun()
    await patient.accepted("welcome")
    assert await patient.copies("welcome") == 1


async def test_the_retry_after_a_killed_send_sends_nothing(interrupted: Visitor) -> None:
    """A minute after the kill Temporal tries the delivery again: it finds the row as sent, and the journey goes on."""
    await interrupted.until_sent("pre_visit")
    (copy,) = [one for one in await interrupted.system.sent_to(interrupted.phone) if "Hi Ana" in one["body"]]
    assert copy["post_count"] == 1
