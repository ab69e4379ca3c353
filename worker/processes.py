"""The two long-running processes: the worker (workflows, activities, relay, maintenance) and the API."""

import asyncio
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import timedelta

import structlog
import uvicorn

from api.app import create_app, server_config
from api.parts import ApiParts
from bookings.registry import ADAPTERS
from channels.outward_webhook import outward_webhooks
from channels.twilio_sms import TwilioSms
from domain.errors import HealgateError
from relay.relay import Relay
from runtime.health import HealthRegistry
from runtime.lifecycle import GracefulStop, run_until_signalled
from runtime.logging import configure_logging
from runtime.metrics import Metrics
from runtime.settings import Settings
from worker.assemble import (
    Parts,
    activities_of,
    assembled,
    email_sender,
    named_secret,
    relay_of,
    required_staff_key,
    sms_sender,
)
from worker.booking_lists import VendorLists
from worker.closures import Closures
from worker.maintenance import Maintenance
from worker.message_upkeep import MessageUpkeep
from worker.outward import OutwardPost
from worker.source_keeper import SourceKeeper
from workflows.hosting import build_workers
from workflows.schedules import SCAN, ensure_schedule

SPOOL_EVERY = 5.0
"""Seconds."""
TELL_EVERY = timedelta(seconds=2)
FOLLOW_EVERY = timedelta(minutes=1)
HAND_OVER_EVERY = timedelta(minutes=5)
log = structlog.get_logger(__name__)


async def run_worker(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is being sent then is finished first."""
    settings.require_senders()
    configure_logging(settings)
    await run_until_signalled(lambda stop: _work(settings, stop), drain=settings.drain_timeout * 1.5)


async def _work(settings: Settings, stop: GracefulStop) -> None:
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(assembled(settings))
        sms, email = sms_sender(settings), email_sender(settings)
        metrics = Metrics()
        archive = sms if isinstance(sms, TwilioSms) else None
        outward = await stack.enter_async_context(outward_webhooks(named_secret))
        activities = activities_of(parts, sms, email, metrics, archive, outward)
        if settings.metrics_port is not None:
            serving = stack.enter_context(ExitStack())
            serving.enter_context(metrics.serve(settings.metrics_port, settings.metrics_host))
        workers = build_workers(
            parts.client,
            activities,
            parts.queues,
            drain=settings.drain_timeout,
            sends_per_second=settings.sends_per_second,
        )
        for worker in workers:
            await stack.enter_async_context(worker)
        await ensure_schedule(parts.client, SCAN, settings.task_queue)
        log.info("worker.started")
        upkeep = MessageUpkeep(parts.store, sms, email, archive, parts.clock)
        post = OutwardPost(parts.store, parts.client, parts.queues.outward or settings.task_queue, parts.clock)
        closures = Closures(parts.store, activities.post_office, parts.clock)
        lists = VendorLists(named_secret)
        sources = SourceKeeper(parts.client, parts.store, lists, settings.task_queue, metrics, parts.clock)
        further = (
            (TELL_EVERY, post.start),
            (FOLLOW_EVERY, sources.keep),
            (HAND_OVER_EVERY, closures.hand_over),
        )
        maintenance = Maintenance(parts.store, parts.spool, upkeep, metrics, parts.clock, further)
        await _until_stopped(relay_of(parts, activities.post_office, metrics), maintenance, stop)
        log.info("worker.stops")


async def _until_stopped(relay: Relay, maintenance: Maintenance, stop: GracefulStop) -> None:
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run(ended))
        group.create_task(maintenance.run(ended))
        await stop.wait()
        ended.set()
        relay.nudge.set()


async def run_api(settings: Settings) -> None:
    """Serve webhooks, the staff API and the patients' pages until SIGTERM or SIGINT."""
    required_staff_key(settings)
    configure_logging(settings)
    async with assembled(settings, lazy=True) as parts:
        app = create_app(_api_parts(parts))
        server = uvicorn.Server(server_config(app, settings.api_host, settings.api_port))
        emptying = asyncio.create_task(_empty_spool(parts))
        try:
            await server.serve()
        finally:
            emptying.cancel()


async def _empty_spool(parts: Parts) -> None:
    """What was spooled here while the database was away goes into the inbox as soon as it is back."""
    while True:
        await asyncio.sleep(SPOOL_EVERY)
        with suppress(HealgateError):
            await parts.spool.drain(parts.store.inbox)


def _api_parts(parts: Parts) -> ApiParts:
    settings = parts.settings
    health = HealthRegistry()
    health.add("database", parts.store.database.ping)
    health.add("temporal", parts.client.service_client.check_health)
    return ApiParts(
        public_base_url=settings.public_base_url,
        staff_key=required_staff_key(settings),
        secret=named_secret,
        twilio_auth_token=settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else "",
        sendgrid_public_key=settings.sendgrid_public_key or "",
        store=parts.store,
        spool=parts.spool,
        journeys=parts.journeys,
        starter=parts.starter,
        templates=parts.templates,
        adapters=ADAPTERS,
        reader=parts.reader,
        clock=parts.clock,
        nudge=lambda: None,
        health=health,
        metrics=Metrics(),
    )
