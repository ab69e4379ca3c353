"""The edge over a real store, with a clinic, a patient and everything that a test wants to look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.parts import ApiParts
from bookings.registry import ADAPTERS
from domain.clinic import BookingSource
from domain.records import InboxRow
from domain.replies import ReplyReader
from protocols.load import load_protocol
from protocols.render import Templates
from relay.starting import Starter
from runtime.health import HealthRegistry
from runtime.metrics import Metrics
from sandbox.signing import EventKey, twilio_signature
from store import Spool, Store
from store.sql import many, select_as
from store.tables import inbox
from tests.bookings.deliveries import timed_header
from tests.fakes import DatabaseWithOutages, FakeJourneys
from tests.store.rows import CLINIC, NOW, a_clinic, a_journey, a_patient

BASE_URL = "https://clinic.example"
STAFF_KEY = "a-staff-key-of-some-length"
TWILIO_TOKEN = "12345"
SECRET = "a-secret-of-the-clinic"
STAFF = {"Authorization": f"Bearer {STAFF_KEY}", "X-Healgate-Actor": "Dr. Rivera", "X-Healgate-Role": "clinician"}
API = f"/api/v1/clinics/{CLINIC}"


@dataclass
class World:
    """One test's edge."""

    store: Store
    database: DatabaseWithOutages
    spool: Spool
    journeys: FakeJourneys
    metrics: Metrics
    health: HealthRegistry
    app: FastAPI
    http: httpx.AsyncClient
    events: EventKey
    now: datetime = NOW

    def later(self, span: timedelta) -> None:
        self.now += span

    async def inbox(self) -> list[InboxRow]:
        """All stored deliveries, in the order in which they came."""
        async with self.database.read() as connection:
            return await many(connection, InboxRow, select_as(InboxRow, inbox).order_by(inbox.c.seq))

    async def inbox_count(self) -> int:
        async with self.database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(inbox)) or 0

    async def booking(self, body: bytes, *, secret: str = SECRET, **headers: str) -> httpx.Response:
        """A delivery of the generic booking webhook, signed now."""
        signed = {"X-Healgate-Signature": timed_header(secret, body, self.now)}
        return await self.http.post(f"/webhooks/bookings/{CLINIC}/desk", content=body, headers=signed | headers)

    async def twilio(self, path: str, fields: dict[str, str], *, query: str = "") -> httpx.Response:
        """A form of Twilio's, signed for the public URL."""
        target = f"/webhooks/twilio/{CLINIC}/{path}" + (f"?{query}" if query else "")
        signature = twilio_signature(TWILIO_TOKEN, BASE_URL + target, fields)
        return await self.http.post(target, data=fields, headers={"X-Twilio-Signature": signature})

    async def sendgrid(self, body: bytes) -> httpx.Response:
        """Events of SendGrid's, signed now."""
        seconds = str(int(self.now.timestamp()))
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": self.events.sign(seconds, body),
            "X-Twilio-Email-Event-Webhook-Timestamp": seconds,
        }
        return await self.http.post(f"/webhooks/sendgrid/{CLINIC}/events", content=body, headers=headers)

    async def staff(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A call of the staff API by a clinician, under the clinic's path."""
        return await self.http.request(method, f"{API}{path}", json=body, headers=STAFF | headers)


async def a_world(url: str, folder: Path, reader: ReplyReader) -> World:
    """The edge with the clinic `glow`, the patient `p1` and the journey `j1`; close its database and client."""
    database = DatabaseWithOutages(url)
    store, journeys, events = Store(database), FakeJourneys(), EventKey()
    metrics, health, spool = Metrics(), HealthRegistry(), Spool(folder / "spool")
    world: World

    parts = ApiParts(
        public_base_url=BASE_URL,
        staff_key=STAFF_KEY,
        secret={"DESK_SECRET": SECRET}.get,
        twilio_auth_token=TWILIO_TOKEN,
        sendgrid_public_key=events.public,
        store=store,
        spool=spool,
        journeys=journeys,
        starter=Starter(store, journeys, load_protocol, allow_unapproved=True),
        templates=Templates(),
        adapters=ADAPTERS,
        reader=reader,
        clock=lambda: world.now,
        nudge=lambda: None,
        health=health,
        metrics=metrics,
    )
    app = create_app(parts)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)
    world = World(store, database, spool, journeys, metrics, health, app, http, events)
    sources = {
        "desk": BookingSource(system="generic", secret_names=("DESK_SECRET",)),
        "unset": BookingSource(system="generic", secret_names=("NOT_SET",)),
        "mind": BookingSource(system="mindbody", secret_names=("DESK_SECRET",)),
    }
    await store.clinics.apply(a_clinic(sources=sources))
    await store.patients.add(a_patient())
    await store.journeys.reserve(a_journey())
    return world
