"""One Temporal server with virtual time for all scenarios."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from sandbox.simulate import simulation_server


@pytest.fixture(scope="package")
async def simulations() -> AsyncIterator[Client]:
    """A client of the server that all simulations share."""
    async with simulation_server() as client:
        yield client
