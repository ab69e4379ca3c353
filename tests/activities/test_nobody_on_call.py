"""A clinic whose roster is empty: the task and the safety text are all there is, so it is said loudly."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.testing import ActivityEnvironment

from activities.post_office import PostOffice
from activities.requests import AlarmRequest
from activities.safety import Safety
from domain.messages import Channel
from domain.records import TaskCause
from protocols.render import Templates
from runtime.metrics import Metrics
from store import Spool, Store
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, NOW, a_clinic, a_delivery
from worker.maintenance import Maintenance
from worker.message_upkeep import MessageUpkeep

ROSTER = ({"name": "Dr. Lee", "channel": Channel.SMS, "address": "+15005550009"},)


def office(store: Store) -> PostOffice:
    return PostOffice(store.ledger, store.consents, Templates(), RecordingSms(), RecordingEmail())


async def apply(store: Store, roster: tuple[object, ...], live_from: str | None = "2027-01-01") -> None:
    place = a_clinic().main.model_dump() | {"on_call": roster}
    await store.clinics.apply(a_clinic(locations=(place,), live_from=live_from))


@pytest.mark.parametrize(("roster", "errors"), [((), 1), (ROSTER, 0)], ids=["empty", "named"])
async def test_an_alarm_that_pages_nobody_is_an_error_in_the_log(
    store: Store, roster: tuple[object, ...], errors: int
) -> None:
    """The task is opened all the same, and the log names clinic and task."""
    await apply(store, roster)
    await store.inbox.put(a_delivery(1))
    safety = Safety(office(store), store.clinics, store.patients, store.tasks, store.inbox, store.audit)
    with capture_logs() as logs:
        await ActivityEnvironment().run(safety.raise_alarm, AlarmRequest(clinic_id=CLINIC, reply_id="i1"))
    told = [line for line in logs if line["event"] == "alarm.nobody_on_call"]
    assert [(line["log_level"], line["clinic"]) for line in told] == [("error", CLINIC)] * errors
    assert [task.cause for task in await store.tasks.listing(CLINIC)] == [TaskCause.RED_FLAG]


@pytest.mark.parametrize(
    ("roster", "live_from", "count"), [((), "2027-01-01", 1), (ROSTER, "2027-01-01", 0), ((), None, 0)]
)
async def test_a_live_clinic_with_nobody_on_call_is_counted(
    store: Store, tmp_path: Path, roster: tuple[object, ...], live_from: str | None, count: int
) -> None:
    """The alert comes before the first urgent reply does; a clinic that is not live yet may take its time."""
    await apply(store, roster, live_from)
    metrics = Metrics()
    upkeep = MessageUpkeep(store, RecordingSms(), RecordingEmail(), None, lambda: NOW)
    await Maintenance(store, Spool(tmp_path), upkeep, metrics, lambda: NOW).drain_and_count()
    assert f"healgate_clinics_without_on_call {count}.0" in metrics.render().decode()
