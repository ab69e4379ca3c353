"""One real Temporal server for all tests of this folder; every test has its own database, ids and task queue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.embedded import EmbeddedTemporal
from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from runtime.state import StateDir
from runtime.temporal import register_search_attributes
from store import Database, Store
from tests.workflows.world import World, a_world
from workflows.search_attributes import REGISTERED


@pytest.fixture(scope="package")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its database and its log."""
    return tmp_path_factory.mktemp("workflows")


@pytest.fixture(scope="package")
async def client(server_folder: Path) -> AsyncIterator[Client]:
    """A client with encrypted payloads, as in production."""
    async with EmbeddedTemporal(StateDir(server_folder), namespace="workflows", virtual_time=True) as server:
        connected = await Client.connect(
            server.address, namespace="workflows", data_converter=data_converter(KeyRing.generate())
        )
        await register_search_attributes(connected, REGISTERED)
        yield connected


@pytest.fixture
async def world(client: Client, sqlite_url: str) -> AsyncIterator[World]:
    """A clinic, a patient and a booking, and no worker yet."""
    database = Database(sqlite_url)
    yield await a_world(client, Store(database))
    await database.close()
