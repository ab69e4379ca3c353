"""The composition root: the one place that knows which adapter stands behind which port."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from activities.assembly import Assembly, assemble_activities
from activities.post_office import PostOffice
from bookings.hydrate import hydrate
from bookings.registry import ADAPTERS
from channels.console import ConsoleEmail, ConsoleSms
from channels.sendgrid_email import SendGridEmail
from channels.smtp_email import SmtpEmail
from channels.twilio_sms import TwilioSms
from domain.booking import BookingEvent
from domain.clinic import Clinic
from domain.errors import BadInputError
from domain.journey.events import Outcome
from domain.ports import EmailSender, OutwardSender, SmsArchive, SmsSender
from domain.quiet_rules import QuietRules
from domain.reconciliation import RECONCILED
from domain.replies import ReplyReader, load_reader
from protocols.load import load_protocol
from protocols.quiet_rules import load_quiet_rules
from protocols.render import Templates
from relay.booking_intake import BookingIntake
from relay.importing import Importer
from relay.matching import Matching
from relay.page_intake import PageIntake
from relay.reconciled_intake import ReconciledIntake
from relay.relay import Relay
from relay.reply_intake import ReplyIntake
from relay.resend_intake import RESEND, ResendIntake
from relay.starting import Starter
from relay.status_intake import StatusIntake
from runtime.metrics import Metrics
from runtime.settings import Settings
from runtime.state import StateDir
from runtime.temporal import connect, connect_lazily, telemetry
from store import Database, Spool, Store
from worker.booking_lists import VendorLists, vendor_access
from workflows.client import Journeys
from workflows.hosting import Queues

RETRIED = "#rc=3&rp=all"
"""Twilio tries a webhook once unless its URL asks for more (connection overrides; the fragment is not signed)."""


@dataclass(frozen=True)
class Parts:
    """Everything that the worker and the API share, built once per process."""

    settings: Settings
    store: Store
    spool: Spool
    client: Client
    journeys: Journeys
    starter: Starter
    templates: Templates
    reader: ReplyReader
    quiet_rules: QuietRules
    clock: Callable[[], datetime]

    @property
    def queues(self) -> Queues:
        settings = self.settings
        return Queues(
            settings.task_queue,
            settings.urgent_task_queue,
            settings.messaging_task_queue,
            outward=f"{settings.task_queue}-outward",
        )


def now() -> datetime:
    """The wall clock, aware (UTC)."""
    return datetime.now(UTC)


@asynccontextmanager
async def assembled(settings: Settings, *, lazy: bool = False) -> AsyncIterator[Parts]:
    """The parts of a process, connected (`lazy`: to Temporal at the first call); closes what it opened."""
    database = Database(settings.database_url)
    try:
        key_ring = settings.key_ring()
        connected = (
            connect_lazily(settings, key_ring) if lazy else connect(settings, key_ring, runtime=telemetry(settings))
        )
        client = await connected
        store = Store(database)
        journeys = Journeys(client, settings.task_queue, settings.urgent_task_queue)
        quiet_rules = load_quiet_rules(settings.clinic_dir)
        yield Parts(
            settings=settings,
            store=store,
            spool=Spool(StateDir(settings.state_dir).spool),
            client=client,
            journeys=journeys,
            starter=_starter(settings, store, journeys, quiet_rules),
            templates=Templates(settings.clinic_dir),
            reader=load_reader(),
            quiet_rules=quiet_rules,
            clock=now,
        )
    finally:
        await database.close()


def _starter(settings: Settings, store: Store, journeys: Journeys, quiet_rules: QuietRules) -> Starter:
    return Starter(
        store,
        journeys,
        lambda protocol_id: load_protocol(protocol_id, settings.clinic_dir),
        allow_unapproved=settings.sms_provider in ("sandbox", "console"),
        messaging_queue=settings.messaging_task_queue,
        quiet_rules=quiet_rules,
    )


def booking_intake_of(parts: Parts) -> BookingIntake:
    """What takes normalised booking events into the journeys."""
    return BookingIntake(parts.store, parts.journeys, parts.starter, Matching(parts.store), ADAPTERS, hydrated)


def importer_of(parts: Parts) -> Importer:
    """What brings a clinic's patients in from a file."""
    return Importer(parts.store, Matching(parts.store), booking_intake_of(parts))


def relay_of(parts: Parts, post_office: PostOffice, metrics: Metrics) -> Relay:
    """The relay with every intake."""
    bookings = booking_intake_of(parts)
    handlers = {
        "booking": bookings.take,
        RECONCILED: ReconciledIntake(parts.store, bookings).take,
        "twilio": ReplyIntake(parts.store, parts.journeys, parts.reader, post_office).take,
        "page": PageIntake(parts.store, parts.journeys, parts.reader).take,
        "status": StatusIntake(parts.store, parts.journeys).take,
        RESEND: ResendIntake(parts.store, parts.journeys).take,
    }
    return Relay(
        parts.store, handlers, parts.clock, observe=lambda outcome: metrics.relay_attempts.labels(outcome).inc()
    )


def activities_of(
    parts: Parts,
    sms: SmsSender,
    email: EmailSender,
    metrics: Metrics,
    archive: SmsArchive | None = None,
    outward: OutwardSender | None = None,
) -> Assembly:
    """Every activity over the real store and the chosen senders."""

    def observe(outcome: Outcome) -> None:
        metrics.messages.labels(outcome.channel.value, outcome.state).inc()

    return assemble_activities(
        parts.store,
        parts.templates,
        sms,
        email,
        parts.settings.public_base_url,
        observe,
        most_per_hour=parts.settings.most_messages_per_hour,
        archive=archive,
        outward=outward,
        quiet_rules=parts.quiet_rules,
        lists=VendorLists(named_secret),
        count_lost=lambda system, count: metrics.lost_bookings.labels(system).inc(count),
    )


def sms_sender(settings: Settings) -> TwilioSms | ConsoleSms:
    """The SMS provider that the settings name; `sandbox` is Twilio's adapter at the sandbox's address."""
    if settings.sms_provider == "console":
        return ConsoleSms(sys.stdout)
    base = settings.public_base_url
    return TwilioSms(
        settings.twilio_account_sid or "",
        settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else "",
        base_url=settings.twilio_base_url,
        status_callback_url=lambda clinic_id, message_id, attempt: (
            f"{base}/webhooks/twilio/{clinic_id}/status?n={message_id}&a={attempt}{RETRIED}"
        ),
    )


def email_sender(settings: Settings) -> EmailSender:
    """The e-mail provider that the settings name."""
    if settings.email_provider == "console":
        return ConsoleEmail(sys.stdout)
    if settings.email_provider == "smtp":
        return SmtpEmail(
            settings.smtp_host or "",
            settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            security=settings.smtp_security,
        )
    key = settings.sendgrid_api_key.get_secret_value() if settings.sendgrid_api_key else ""
    return SendGridEmail(key, base_url=settings.sendgrid_base_url)


async def hydrated(clinic: Clinic, source: str, event: BookingEvent) -> tuple[BookingEvent, ...]:
    """A thin event made complete through its vendor's API, with the token that the source's options name."""
    async with vendor_access(clinic, source, named_secret) as access:
        return await hydrate(event, access)


def named_secret(name: str) -> str | None:
    """A secret that a clinic file names: the variable of that name, or that file in HEALGATE_SECRETS_DIR."""
    if value := os.environ.get(name):
        return value
    folder = os.environ.get("HEALGATE_SECRETS_DIR")
    path = Path(folder) / name if folder and name.replace("_", "").isalnum() else None
    return path.read_text(encoding="utf-8").strip() if path and path.is_file() else None


def required_staff_key(settings: Settings) -> str:
    """The staff API's bearer key; BadInputError where there is none."""
    if settings.staff_key is None:
        raise BadInputError("HEALGATE_STAFF_KEY is not set: choose a random key of at least 16 characters.")
    return settings.staff_key.get_secret_value()
