"""The real edge on a free loopback port, for the provider's callbacks alone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from api.app import create_app, server_config
from api.parts import ApiParts
from bookings.registry import ADAPTERS
from domain.replies import load_reader
from protocols.load import load_protocol
from protocols.render import Templates
from relay.starting import Starter
from runtime.health import HealthRegistry
from runtime.metrics import Metrics
from store import Spool, Store
from tests.fakes import FakeJourneys


class EdgeServer(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Edge:
    """Where callbacks arrive; SendGrid's key is known only once the sandbox runs."""

    def __init__(self, store: Store, folder: Path, auth_token: str, url: str) -> None:
        self.url = url
        journeys = FakeJourneys()
        self._parts = ApiParts(
            public_base_url=url,
            staff_key="a-staff-key-of-some-length",
            secret=lambda name: None,
            twilio_auth_token=auth_token,
            sendgrid_public_key="",
            store=store,
            spool=Spool(folder / "spool"),
            journeys=journeys,
            starter=Starter(store, journeys, load_protocol, allow_unapproved=True),
            templates=Templates(),
            adapters=ADAPTERS,
            reader=load_reader(),
            clock=lambda: datetime.now(UTC),
            nudge=lambda: None,
            health=HealthRegistry(),
            metrics=Metrics(),
        )
        self.app = create_app(self._parts)

    def trust(self, event_key: str) -> None:
        """Verify events with this public key from now on."""
        self.app.state.parts = replace(self._parts, sendgrid_public_key=event_key)


@asynccontextmanager
async def edge_server(store: Store, folder: Path, auth_token: str) -> AsyncIterator[Edge]:
    """Serve for the time of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        edge = Edge(store, folder, auth_token, f"http://127.0.0.1:{port}")
        server = EdgeServer(server_config(edge.app, "127.0.0.1", port))
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield edge
        finally:
            server.should_exit = True
            await task
