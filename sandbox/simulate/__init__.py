"""`healgate simulate`: one patient's journey in virtual time, by the production workflow code on the real server."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.worker import Worker

from activities.assembly import Assembly, assemble_activities
from activities.post_office import PostOffice
from bookings.registry import ADAPTERS
from domain.calendar import Calendar, QuietHours
from domain.clinic import BookingSource, Clinic, Location, OnCall, ServiceUse
from domain.errors import BadInputError
from domain.journey.facts import minute
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus, Patient, SkinProfile
from domain.protocol import Protocol
from domain.quiet_rules import QuietRules
from domain.records import AuditEntry
from domain.replies import ReplyReader, load_reader
from protocols.load import load_protocol
from protocols.quiet_rules import load_quiet_rules
from protocols.render import Templates
from relay.booking_intake import BookingIntake
from relay.matching import Matching
from relay.relay import Relay
from relay.reply_intake import ReplyIntake
from relay.starting import Starter
from runtime.embedded import EmbeddedTemporal
from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from runtime.state import StateDir
from runtime.temporal import register_search_attributes
from sandbox.simulate.driver import (
    CLINIC,
    PATIENT,
    SOURCE,
    Clock,
    ClockOvershotError,
    Driver,
    TrackingJourneys,
    lines_of,
)
from sandbox.simulate.output import Lines
from sandbox.simulate.providers import InProcessEmail, InProcessSms
from sandbox.simulate.scenario import Scenario, SimClinic, read_scenario
from store import Database, Store, migrate
from workflows.hosting import Queues, build_workers
from workflows.search_attributes import REGISTERED

NAMESPACE = "simulation"
BASE_URL = "https://visit.example"
"""Of made-up links; short, so that segment counts are those of a real short domain."""
_one_at_a_time = asyncio.Lock()
"""Alembic keeps its context in module globals: two upgrades side by side break each other."""
MEMORY = Path("/dev/shm")  # noqa: S108 - only where it is used as a folder in memory
ENOUGH = 1_000_000_000
"""Bytes; containers give 64 MB by default, which many simulations fill."""
ATTEMPTS = 4
Emit = Callable[[dict[str, Any]], None]

__all__ = ["Scenario", "read_scenario", "simulate", "simulation_server"]


@asynccontextmanager
async def simulation_server() -> AsyncIterator[Client]:
    """A Temporal server with virtual time that lives as long as the context; many simulations may share it."""
    with scratch() as folder:
        async with EmbeddedTemporal(StateDir(Path(folder)), namespace=NAMESPACE, virtual_time=True) as server:
            client = await Client.connect(
                server.address, namespace=NAMESPACE, data_converter=data_converter(KeyRing.generate())
            )
            await register_search_attributes(client, REGISTERED)
            yield client


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one run, in memory where there is room: nothing is kept, and a disk's fsync takes half the time."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return tempfile.TemporaryDirectory(prefix="healgate-simulate-", dir=MEMORY if roomy else None)


def overridden(protocol: Protocol, overrides: dict[str, Any]) -> Protocol:
    """The protocol with the scenario's overrides; BadInputError names a field that no protocol has."""
    try:
        return Protocol.model_validate({**protocol.model_dump(), **overrides})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors())
        raise BadInputError(f"protocol overrides: {said}") from None


async def simulate(client: Client, protocol_name: str, scenario: Scenario, emit: Emit) -> None:
    """Run the scenario on the server; `emit` gets one object per line, once the whole is known to be right."""
    protocol = overridden(load_protocol(protocol_name), scenario.protocol)
    for attempt in range(1, ATTEMPTS + 1):
        lines: list[dict[str, Any]] = []
        try:
            await _attempt(client, protocol, scenario, lines.append)
        except ClockOvershotError:
            if attempt == ATTEMPTS:
                raise
            continue
        for line in lines:
            emit(line)
        return


async def _attempt(client: Client, protocol: Protocol, scenario: Scenario, emit: Emit) -> None:
    with scratch() as folder:
        url = f"sqlite+aiosqlite:///{folder}/simulation.db"
        async with _one_at_a_time:
            await migrate(url)
        database = Database(url)
        try:
            store = Store(database, new_token=_numbered_tokens())
            await _simulate(client, protocol, scenario, store, emit, queue=Path(folder).name)
        finally:
            await database.close()


async def _simulate(
    client: Client, protocol: Protocol, scenario: Scenario, store: Store, emit: Emit, *, queue: str
) -> None:
    clock = Clock(minute(scenario.start.astimezone(UTC)))
    await _people(store, scenario, protocol, clock.now)
    journeys = TrackingJourneys(client, queue)
    lines = Lines(store, scenario.patient.timezone)

    async def report(entries: list[AuditEntry]) -> None:
        for entry in lines_of(entries):
            if line := await lines.line(entry):
                emit(line)

    activities = assemble_activities(
        store, Templates(), InProcessSms(), InProcessEmail(), BASE_URL, quiet_rules=_quiet_rules()
    )
    relay = _relay(store, journeys, protocol, activities.post_office, clock)
    driver = Driver(scenario, store, journeys, relay, clock, report)
    async with _working(_workers(client, activities, queue)):
        await driver.run()


def _numbered_tokens() -> Callable[[], str]:
    """Tokens as long as real ones, but the same in every run."""
    numbers = itertools.count(1)
    return lambda: f"simulated{next(numbers):07}"


def _workers(client: Client, activities: Assembly, queue: str) -> list[Worker]:
    return build_workers(client, activities, Queues(queue, queue, queue), drain=timedelta(seconds=1))


@asynccontextmanager
async def _working(workers: list[Worker]) -> AsyncIterator[None]:
    for worker in workers:
        async with worker:
            yield
        return


@cache
def _reader() -> ReplyReader:
    """Reading the rules takes a second; they do not change while simulations run."""
    return load_reader()


@cache
def _quiet_rules() -> QuietRules:
    """The shipped rules, as in production without a folder of the clinic's own."""
    return load_quiet_rules()


def _relay(
    store: Store, journeys: TrackingJourneys, protocol: Protocol, post_office: PostOffice, clock: Clock
) -> Relay:
    starter = Starter(
        store, journeys, lambda _: protocol, allow_unapproved=True, skew=clock.skew, quiet_rules=_quiet_rules()
    )
    bookings = BookingIntake(store, journeys, starter, Matching(store), ADAPTERS)
    replies = ReplyIntake(store, journeys, _reader(), post_office, skew=clock.skew)
    return Relay(store, {"booking": bookings.take, "twilio": replies.take}, clock)


# The people of a scenario


async def _people(store: Store, scenario: Scenario, protocol: Protocol, now: datetime) -> None:
    await store.clinics.apply(_clinic(scenario.clinic, protocol, now))
    patient = _patient(scenario)
    await store.patients.add(patient)
    for channel in Channel:
        address = patient.address(channel)
        if address and scenario.patient.consents.get(channel.value, True):
            consent = Consent(
                clinic_id=CLINIC,
                channel=channel,
                address=address,
                status=ConsentStatus.GRANTED,
                wording_version="scenario",
                origin="import",
                at=now,
            )
            await store.consents.record(consent)


def _clinic(given: SimClinic, protocol: Protocol, now: datetime) -> Clinic:
    hours = {"hours": given.hours} if given.hours is not None else {}
    calendar = Calendar.model_validate({"timezone": given.timezone, "holidays": given.holidays, **hours})
    place = Location(
        calendar=calendar,
        phone=given.phone,
        after_hours_phone=given.after_hours_line,
        sms_sender="+15550100",
        email_sender="care@visit.example",
        on_call=tuple(
            OnCall(name=f"on-call {number}", channel=Channel.SMS, address=address)
            for number, address in enumerate(given.on_call, start=1)
        ),
    )
    return Clinic(
        id=CLINIC,
        name=given.name,
        country=given.country,
        locale=given.locale,
        timezone=given.timezone,
        quiet_hours=_quiet(given),
        locations=(place,),
        protocols=(protocol.id,),
        services={"other_procedure": ServiceUse.OTHER_PROCEDURE},
        sources={SOURCE: BookingSource(system="generic", secret_names=())},
        live_from=now.date() - timedelta(days=1) if given.live else None,
        deputies=given.deputies,
    )


def _quiet(given: SimClinic) -> QuietHours:
    quiet = given.quiet_hours
    if quiet is None:
        return QuietHours()
    return QuietHours(starts=quiet.starts, ends=quiet.ends, sunday_ends=quiet.sunday_to or quiet.ends)


def _patient(scenario: Scenario) -> Patient:
    given = scenario.patient
    return Patient(
        id=PATIENT,
        clinic_id=CLINIC,
        first_name=given.first_name,
        last_name=given.last_name,
        phone=given.phone,
        email=given.email,
        timezone=given.timezone,
        region=given.region,
        locale=given.locale,
        vendor_ids={SOURCE: PATIENT},
        profile=SkinProfile(
            skin_type=given.skin_type,
            conditions=given.conditions,
            needle_depth_mm=given.needle_depth_mm,
            adult=given.adult,
        ),
    )
