"""The whole of Healgate on this machine: Temporal, sandbox, API and worker on free loopback ports.

State lives in one folder and survives a restart; a process that dies is started again.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from domain.errors import BadInputError, HealgateError
from runtime.embedded import EmbeddedTemporal
from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from runtime.lifecycle import GracefulStop
from runtime.settings import Settings
from runtime.state import Secrets, StateDir
from runtime.supervise import Child, ChildChange, Supervisor
from runtime.temporal import register_search_attributes
from store import Database, Store, migrate
from worker.admin import write_embedded
from worker.assemble import RETRIED
from worker.sample import BOOKING_SECRET, SAMPLE_CLINIC, SAMPLE_SENDER, sample_clinic
from workflows.search_attributes import REGISTERED

LOOPBACK = "127.0.0.1"
READY_WITHIN = timedelta(seconds=90)
"""A process imports for some two seconds; on a machine that does much else, ten times as long."""
NAMESPACE = "healgate"


class StartError(HealgateError):
    """A part of the embedded mode did not come up; the message names its log."""


@dataclass(frozen=True)
class Running:
    """Where everything is."""

    state: StateDir
    secrets: Secrets
    api_url: str
    sandbox_url: str
    temporal_address: str
    temporal_ui: str
    client: Client
    environment: dict[str, str]


@asynccontextmanager
async def running(
    settings: Settings, *, say: Callable[[str], None], virtual_time: bool = False
) -> AsyncIterator[Running]:
    """Everything up and ready; on leaving, everything is stopped in order."""
    state = StateDir(settings.state_dir)
    temporal = EmbeddedTemporal(state, namespace=NAMESPACE, virtual_time=virtual_time)
    async with temporal:
        key_ring = KeyRing.from_file(state.payload_keys)
        client = await Client.connect(temporal.address, namespace=NAMESPACE, data_converter=data_converter(key_ring))
        await register_search_attributes(client, REGISTERED)
        url = await _database(settings, state)
        place = _Place(settings, state, temporal, client, url)
        async with _background(_keep_temporal(temporal, say)), place.up(say) as found:
            yield found


async def _database(settings: Settings, state: StateDir) -> str:
    """A migrated database with the sample clinic in it, if it has none."""
    chosen = "database_url" in settings.model_fields_set
    url = settings.database_url if chosen else f"sqlite+aiosqlite:///{state.database}"
    await migrate(url)
    database = Database(url)
    try:
        clinics = Store(database).clinics
        if not await clinics.all():
            await clinics.apply(sample_clinic())
    finally:
        await database.close()
    return url


async def _keep_temporal(temporal: EmbeddedTemporal, say: Callable[[str], None]) -> None:
    while True:
        code = await temporal.wait()
        say(f"Temporal ended (exit {code}); starting it again")
        await temporal.stop()
        await temporal.__aenter__()


@asynccontextmanager
async def _background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@dataclass
class _Place:
    """The processes of one state folder."""

    settings: Settings
    state: StateDir
    temporal: EmbeddedTemporal
    client: Client
    database_url: str

    def __post_init__(self) -> None:
        ports, chosen = self.state.ports, self.settings.model_fields_set
        api_port = self.settings.api_port if "api_port" in chosen else ports.take("api")
        self.api_url = f"http://{LOOPBACK}:{api_port}"
        self.public_url = self.settings.public_base_url if "public_base_url" in chosen else self.api_url
        self.sandbox_port = ports.take("sandbox")
        self.sandbox_url = f"http://{LOOPBACK}:{self.sandbox_port}"
        self.twilio_url = self._vendor(self.settings.twilio_base_url)
        self.sendgrid_url = self._vendor(self.settings.sendgrid_base_url)
        self.api_port = api_port
        self.secrets = self.state.secrets().model_copy(update=_credentials(self.settings))

    @asynccontextmanager
    async def up(self, say: Callable[[str], None]) -> AsyncIterator[Running]:
        async with self._supervised([self._sandbox()], say):
            environment = self._environment(await self._event_key())
            children = [self._child(name, environment) for name in ("api", "worker")]
            write_embedded(self.state, environment)
            async with self._supervised(children, say):
                await self._until_ready(f"{self.api_url}/readyz", "api")
                await self._until_polled("worker")
                yield Running(
                    state=self.state,
                    secrets=self.secrets,
                    api_url=self.api_url,
                    sandbox_url=self.sandbox_url,
                    temporal_address=self.temporal.address,
                    temporal_ui=self.temporal.ui_url,
                    client=self.client,
                    environment=environment,
                )

    @asynccontextmanager
    async def _supervised(self, children: list[Child], say: Callable[[str], None]) -> AsyncIterator[None]:
        def tell(change: ChildChange) -> None:
            if change.delay is not None:
                say(f"{change.name} ended (exit {change.code}); starting it again, see {self.state.log(change.name)}")

        stop = GracefulStop()
        task = asyncio.create_task(Supervisor(children, on_change=tell).run(stop))
        try:
            yield
        finally:
            stop.ask()
            await task

    def _child(self, name: str, environment: dict[str, str]) -> Child:
        argv = [sys.executable, "-m", "worker", name]
        return Child(name, argv, env={**os.environ, **environment}, log=self.state.log(name))

    def _sandbox(self) -> Child:
        base = f"{self.public_url}/webhooks"
        config = {
            "account_sid": self.secrets.twilio_account_sid,
            "auth_token": self.secrets.twilio_auth_token,
            "sendgrid_api_key": self.secrets.sendgrid_api_key,
            "state_file": str(self.state.sandbox),
            "inbound_urls": {SAMPLE_SENDER: f"{base}/twilio/{SAMPLE_CLINIC}/message{RETRIED}"},
            "event_url": f"{base}/sendgrid/{SAMPLE_CLINIC}/events",
        }
        path = self.state.path / "sandbox.json"
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(json.dumps(config), encoding="utf-8")
        argv = [sys.executable, "-m", "sandbox", "--port", str(self.sandbox_port), "--config", str(path)]
        return Child("sandbox", argv, env=dict(os.environ), log=self.state.log("sandbox"))

    def _environment(self, event_key: str) -> dict[str, str]:
        secrets = self.secrets
        return {
            "HEALGATE_STATE_DIR": str(self.state.path),
            "HEALGATE_TEMPORAL_ADDRESS": self.temporal.address,
            "HEALGATE_TEMPORAL_NAMESPACE": NAMESPACE,
            "HEALGATE_DATABASE_URL": self.database_url,
            "HEALGATE_PAYLOAD_KEY_FILE": str(self.state.payload_keys),
            "HEALGATE_PUBLIC_BASE_URL": self.public_url,
            "HEALGATE_API_PORT": str(self.api_port),
            "HEALGATE_SMS_PROVIDER": "sandbox",
            "HEALGATE_TWILIO_BASE_URL": self.twilio_url,
            "HEALGATE_TWILIO_ACCOUNT_SID": secrets.twilio_account_sid,
            "HEALGATE_TWILIO_AUTH_TOKEN": secrets.twilio_auth_token,
            "HEALGATE_EMAIL_PROVIDER": "sandbox",
            "HEALGATE_SENDGRID_BASE_URL": self.sendgrid_url,
            "HEALGATE_SENDGRID_API_KEY": secrets.sendgrid_api_key,
            "HEALGATE_SENDGRID_PUBLIC_KEY": self.settings.sendgrid_public_key or event_key,
            "HEALGATE_STAFF_KEY": secrets.staff_key,
            BOOKING_SECRET: os.environ.get(BOOKING_SECRET) or secrets.booking_webhook_secret,
        }

    def _vendor(self, chosen: str | None) -> str:
        """The sandbox, or what was put in front of it or in its place on this machine (a checking proxy, say)."""
        if chosen is None:
            return self.sandbox_url
        if urlsplit(chosen).hostname not in (LOOPBACK, "localhost", "::1"):
            raise BadInputError(
                f"in the embedded mode nothing leaves this machine, but {chosen} is elsewhere: unset it."
            )
        return chosen

    async def _event_key(self) -> str:
        await self._until_ready(f"{self.sandbox_url}/_sandbox/key", "sandbox")
        async with httpx.AsyncClient() as http:
            return str((await http.get(f"{self.sandbox_url}/_sandbox/key")).json()["public_key"])

    async def _until_polled(self, name: str) -> None:
        """Until the worker asks Temporal for work."""
        queue = DescribeTaskQueueRequest(namespace=NAMESPACE, task_queue=TaskQueue(name=self.settings.task_queue))
        try:
            async with asyncio.timeout(READY_WITHIN.total_seconds()):
                while not (await self.client.workflow_service.describe_task_queue(queue)).pollers:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StartError(f"{name} takes no work; its log is {self.state.log(name)}") from None

    async def _until_ready(self, url: str, name: str) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN.total_seconds()), httpx.AsyncClient() as http:
                while not await _answers(http, url):  # noqa: ASYNC110 - another process cannot set an event here
                    await asyncio.sleep(0.05)
        except TimeoutError:
            log: Path = self.state.log(name)
            raise StartError(f"{name} is not ready after {READY_WITHIN.seconds} s; its log is {log}") from None


def _credentials(settings: Settings) -> dict[str, str]:
    """Made-up credentials that were set are used instead of invented ones; the sandbox refuses live ones."""
    given: dict[str, str | SecretStr | None] = {
        "staff_key": settings.staff_key,
        "twilio_account_sid": settings.twilio_account_sid,
        "twilio_auth_token": settings.twilio_auth_token,
        "sendgrid_api_key": settings.sendgrid_api_key,
    }
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in given.items()
        if value is not None
    }


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url, timeout=2)).status_code == 200
    except httpx.HTTPError:
        return False
