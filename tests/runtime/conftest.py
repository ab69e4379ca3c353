"""One real Temporal server for all tests of this folder, and clients with and without encryption."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.embedded import EmbeddedTemporal
from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from runtime.state import StateDir


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """A fresh key ring with one key."""
    return KeyRing.generate()


@pytest.fixture(scope="package")
def server_state(tmp_path_factory: pytest.TempPathFactory) -> StateDir:
    """The state folder of the session's server."""
    return StateDir(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="package")
async def server(server_state: StateDir) -> AsyncIterator[EmbeddedTemporal]:
    """A running embedded server whose workflows' clocks can be moved."""
    async with EmbeddedTemporal(server_state, virtual_time=True) as temporal:
        yield temporal


@pytest.fixture(scope="package")
async def client(server: EmbeddedTemporal, key_ring: KeyRing) -> Client:
    """A client with encrypted payloads."""
    return await Client.connect(server.address, namespace="healgate", data_converter=data_converter(key_ring))


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    """A folder that a state folder can be made in."""
    return tmp_path / "state"
