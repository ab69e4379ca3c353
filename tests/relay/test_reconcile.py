"""Reconciliation from the vendor's list to the journey: over real HTTP, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from temporalio.exceptions import ApplicationError

from activities.requests import ReconcileResult
from domain.errors import BadInputError
from domain.records import BookingStatus
from runtime.settings import Settings
from sandbox.config import SandboxConfig
from tests.bookings import samples
from tests.bookings.lists import LISTED, fault, gone, listed
from tests.relay.conftest import Desk
from tests.relay.reconciling import TOKEN, Comparing
from tests.sandbox_server import RunningSandbox, sandbox_server
from tests.store.rows import CLINIC
from worker.admin import apply_clinic
from worker.reconciling import reconcile

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


@pytest.fixture
async def vendors(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningSandbox]:
    monkeypatch.setenv(TOKEN, "dG9rZW4=")
    async with sandbox_server(SandboxConfig()) as running:
        yield running


@pytest.fixture
async def square(desk: Desk, vendors: RunningSandbox) -> Comparing:
    """Square, whose bookings have versions."""
    comparing = Comparing(desk, vendors, "square")
    await comparing.set_up()
    return comparing


@pytest.fixture
async def calcom(desk: Desk, vendors: RunningSandbox) -> Comparing:
    """Cal.com, whose bookings get a new uid when they move."""
    comparing = Comparing(desk, vendors, "calcom")
    await comparing.set_up()
    return comparing


@pytest.mark.parametrize("system", LISTED)
async def test_what_webhooks_lost_is_applied_once(desk: Desk, vendors: RunningSandbox, system: str) -> None:
    """Booked, moved and cancelled without any webhook: each reaches the journey once, with the patient's contacts."""
    comparing = Comparing(desk, vendors, system)
    await comparing.set_up()
    await comparing.listed("1")
    assert (await comparing.compare()).applied == 1
    assert (await comparing.compare()).applied == 0
    (patient,) = await desk.store.patients.by_phone(CLINIC, "+15005550006")
    assert (patient.first_name, len(desk.journeys.running)) == ("Ana", 1)
    if system in ("acuity", "fhir", "square"):
        await comparing.listed("1", days=5, changed=HOUR)
        assert (await comparing.compare()).applied == 1
        assert (await comparing.booking("1")).starts_at == desk.now + timedelta(days=5)
    await comparing.listed("1", days=5, changed=2 * HOUR, live=False)
    await comparing.compare()
    assert (await comparing.compare()).applied == 0
    assert (await comparing.booking("1")).status is BookingStatus.CANCELLED
    assert [status for status, _ in comparing.told()][-1] == "cancelled"
    assert len({journey for journey, _ in [(call.journey_id, call.what) for call in desk.journeys.calls]}) == 1


async def test_a_lost_reschedule_keeps_the_booking(calcom: Comparing) -> None:
    """The new uid takes the place of the old one: one booking, one journey, no cancellation."""
    await calcom.listed("1")
    await calcom.compare()
    await calcom.listed("1", live=False, changed=HOUR, rescheduledToUid="2")
    await calcom.listed("2", days=6, changed=HOUR, rescheduledFromUid="1")
    assert (await calcom.compare()).applied == 1
    assert [status for status, _ in calcom.told()] == ["booked", "booked"]
    assert len({change.booking_id for change in [call.what for call in calcom.desk.journeys.calls]}) == 1
    assert (await calcom.compare()).applied == 0


async def test_a_reschedule_out_of_the_window_is_followed(calcom: Comparing) -> None:
    """The list names only the old half; the new one is looked up, and nothing is cancelled."""
    await calcom.listed("1")
    await calcom.compare()
    await calcom.listed("1", live=False, changed=HOUR, rescheduledToUid="2")
    await calcom.listed("2", days=100, changed=HOUR, rescheduledFromUid="1")
    assert await calcom.compare() == ReconcileResult(applied=1)
    assert (await calcom.booking("2")).starts_at == calcom.desk.now + timedelta(days=100)
    assert (await calcom.compare()).applied == 0


async def test_a_late_webhook_changes_nothing(square: Comparing) -> None:
    """The webhook of an older version is stale, that of the same version says nothing new."""
    changed = int(square.desk.now.timestamp())
    await square.listed("zkras0xv0xwswx", days=5)
    await square.compare()
    kept = await square.booking("zkras0xv0xwswx")
    told = square.told()
    await square.webhook(samples.square("booking.created", version=changed - 1), "old")
    assert (await square.booking("zkras0xv0xwswx"), square.told()) == (kept, told)
    verdicts = [entry.data["verdict"] for entry in await square.desk.store.audit.of_journey(kept.journey_id or "")]
    assert "stale" in verdicts


async def test_a_vendor_that_is_down_changes_nothing(square: Comparing) -> None:
    """The comparison fails as a whole and may be tried again; then it is made up for."""
    await square.listed("1")
    await square.compare()
    await square.listed("1", live=False, changed=HOUR)
    await fault(square.vendors, status=503)
    with pytest.raises(ApplicationError) as caught:
        await square.compare()
    assert not caught.value.non_retryable
    assert (await square.booking("1")).status is BookingStatus.BOOKED
    assert await square.tasks() == []
    assert (await square.compare()).applied == 1


async def test_half_a_list_cancels_nothing(calcom: Comparing) -> None:
    """Five bookings on three pages, of which the last cannot be read: nothing has vanished."""
    for number in range(5):
        await calcom.listed(f"{number}", days=3 + number)
    await calcom.compare()
    await fault(calcom.vendors, status=500, after=2)
    with pytest.raises(ApplicationError):
        await calcom.compare()
    assert "booking-vanished" not in await calcom.tasks()
    assert (await calcom.compare()).vanished == 0


async def test_a_vanished_booking_is_a_persons(square: Comparing) -> None:
    """Nothing is cancelled; one task names it, closes when it is there again, and a closed one is not opened anew."""
    await square.listed("1")
    await square.compare()
    await gone(square.vendors, "square", "booking", "1")
    assert (await square.compare()).vanished == 1
    assert (await square.compare()).vanished == 1
    assert (await square.booking("1")).status is BookingStatus.BOOKED
    (task,) = await square.desk.store.tasks.listing(CLINIC)
    assert (task.scope.split(":")[0], task.journey_id) == ("booking-vanished", (await square.booking("1")).journey_id)
    await square.desk.store.tasks.close(
        CLINIC, task.scope, task.cause, outcome="phoned", by="staff:Kim", now=square.desk.now
    )
    await square.compare()
    assert await square.tasks() == []
    square.desk.later(timedelta(days=7))
    await square.desk.store.bookings.apply((await square.booking("1")).model_copy(update={"sequence": 10**10}))
    await square.compare()
    assert await square.tasks() == ["booking-vanished"]
    await square.listed("1", days=-4, version=10**10)
    await square.compare()
    assert await square.tasks() == []


async def test_many_vanished_bookings_are_one_task(desk: Desk, vendors: RunningSandbox) -> None:
    """A token for another account makes no flood."""
    acuity = Comparing(desk, vendors, "acuity")
    await acuity.set_up()
    await acuity.listed("0")
    await acuity.compare()
    for number in range(1, 11):
        await acuity.listed(f"{number}", days=3 + number)
    await acuity.compare()
    for number in range(11):
        await gone(vendors, "acuity", "appointment", f"{number}")
    assert (await acuity.compare()).vanished == 11
    assert await acuity.tasks() == ["booking-vanished"]


async def test_a_refused_token_is_told_and_closes_itself(square: Comparing) -> None:
    """The task says what to check; the next whole comparison closes it."""
    await fault(square.vendors, status=403)
    with pytest.raises(ApplicationError) as caught:
        await square.compare()
    assert caught.value.non_retryable
    (task,) = await square.desk.store.tasks.listing(CLINIC)
    assert (task.scope, "credential" in task.detail["check"]) == ("booking-api:square", True)
    await square.compare()
    assert await square.tasks() == []


async def test_only_what_a_webhook_should_have_brought_counts_as_lost(square: Comparing) -> None:
    """Not what was there at the first look, not a fresh change, and not what waits in the inbox."""
    await square.listed("1")
    assert (await square.compare()).lost == 0
    square.desk.later(HOUR)
    await square.listed("2", changed=-timedelta(minutes=30))
    await square.listed("3", changed=-timedelta(minutes=5))
    assert await square.compare() == ReconcileResult(applied=2, lost=1)
    assert square.counted == [1]
    square.desk.journeys.away = True
    await square.arrives(samples.square())
    await square.listed("zkras0xv0xwswx", changed=-timedelta(minutes=30))
    assert (await square.compare()).lost == 0


async def test_mapping_a_service_brings_its_bookings_in(desk: Desk, vendors: RunningSandbox) -> None:
    """A service that nobody has mapped is one task; after it is mapped the next comparison applies its bookings."""
    comparing = Comparing(desk, vendors, "acuity")
    await comparing.set_up(services={})
    await comparing.listed("1")
    assert [(await comparing.compare()).applied for _ in range(3)] == [1, 0, 0]
    assert (await comparing.tasks(), comparing.told()) == (["service"], [])
    await comparing.set_up()
    assert (await comparing.compare()).applied == 1
    assert len(comparing.told()) == 1


async def test_polling_goes_on_where_it_stopped(desk: Desk, vendors: RunningSandbox) -> None:
    """The newest change on the server's clock is kept; what is fetched twice is applied once."""
    comparing = Comparing(desk, vendors, "fhir")
    await comparing.set_up(poll=True)
    await comparing.poll()
    await comparing.listed("1", changed=timedelta(minutes=1))
    assert (await comparing.poll()).applied == 1
    assert (await comparing.poll()).applied == 0
    desk.later(timedelta(days=3))
    assert (await comparing.poll()).applied == 0
    memory = await desk.store.reconciliations.get(CLINIC, "fhir", desk.now)
    assert memory.polled_until == desk.now - timedelta(days=3) + timedelta(minutes=1)
    await comparing.listed("1", days=9, live=False)
    await comparing.poll()
    assert [status for status, _ in comparing.told()] == ["booked", "cancelled"]


@pytest.mark.parametrize(("options", "reason"), [({"api_token_name": ""}, "api_token_name"), ({}, "nobody")])
async def test_the_command_says_why_not(
    square: Comparing, database_url: str, options: dict[str, str], reason: str
) -> None:
    """A source without a token, and a name that the clinic does not have, are told in plain words."""
    clinic = await square.desk.store.clinics.get(CLINIC)
    source = clinic.sources["square"]
    changed = source.model_copy(update={"options": source.options | options})
    await square.desk.store.clinics.apply(clinic.model_copy(update={"sources": {"square": changed}}))
    name = None if options else "nobody"
    with pytest.raises(BadInputError, match=reason):
        await reconcile(Settings(database_url=database_url), CLINIC, name, dry_run=True, as_json=False, echo=print)


async def test_a_removed_source_is_left_alone(square: Comparing) -> None:
    """A run that a schedule still starts does nothing, and a stored difference is dropped."""
    square.desk.journeys.away = True
    await square.listed("1")
    await square.compare()
    clinic = await square.desk.store.clinics.get(CLINIC)
    await square.desk.store.clinics.apply(clinic.model_copy(update={"sources": {}}))
    square.desk.later(HOUR)
    assert (await square.compare()).applied == 0
    assert (square.told(), (await square.desk.store.inbox.backlog(square.desk.now)).count) == ([], 0)


async def test_the_command_says_what_it_would_apply(square: Comparing, database_url: str) -> None:
    """`--dry-run` stores nothing; without it the differences are in the inbox."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    await listed(square.vendors, "square", "1", start, start)
    lines: list[str] = []
    for dry_run in (True, False):
        await reconcile(
            Settings(database_url=database_url), CLINIC, None, dry_run=dry_run, as_json=True, echo=lines.append
        )
    assert '"what": "missing", "ref": "1", "kind": "booked"' in lines[0]
    assert lines[1] == '{"source": "square", "differences": 1, "vanished": 0}'
    assert lines[3] == '{"source": "square", "differences": 1, "vanished": 0, "applied": 1}'
    assert (await square.desk.store.inbox.backlog(square.desk.now)).count == 1


async def test_a_bad_zone_of_the_booking_system_drops_nobody(desk: Desk) -> None:
    """The patient gets the clinic's zone, and the log says so without naming anybody."""
    with structlog.testing.capture_logs() as logged:
        await desk.booking("b1", patient={"timezone": "Mars/Olympus"})
    (patient,) = await desk.store.patients.by_phone(CLINIC, "+15005550006")
    assert patient.timezone == "America/New_York"
    assert {(line["event"], line["log_level"]) for line in logged} == {("patient.zone_unknown", "warning")}
    assert "Mars" not in str(logged)


CLINIC_FILE = """
id: glow
name: Glow
timezone: ZONE
locations:
  - calendar: {timezone: America/New_York}
    phone: "+15005550001"
    sms_sender: "+15005550002"
    email_sender: a@example.com
sources:
  desk:
    system: square
    secret_names: [HEALGATE_DESK_SECRET]
    options: {notification_url: "https://a.example/"}
    poll: POLL
"""


@pytest.mark.parametrize(
    ("zone", "poll", "says"), [("America/New_York", "true", "sources.desk.poll"), ("Mars/Olympus", "false", "timezone")]
)
async def test_what_cannot_work_is_refused_at_set_up(
    tmp_path: Path,
    square: Comparing,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    poll: str,
    says: str,
) -> None:
    """A system that cannot be polled, a zone that does not exist: the message names the field, nothing is stored."""
    monkeypatch.setenv("HEALGATE_DESK_SECRET", "a-secret-of-the-desk")
    before = await square.desk.store.clinics.get(CLINIC)
    file = tmp_path / "clinic.yaml"
    file.write_text(CLINIC_FILE.replace("ZONE", zone).replace("POLL", poll), encoding="utf-8")
    with pytest.raises(BadInputError, match=says):
        await apply_clinic(Settings(database_url=database_url), file, print)
    assert await square.desk.store.clinics.get(CLINIC) == before
