"""The read model over a real store, once on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.replies import ReplyReader
from tests.api.world import World, a_world
from tests.databases import database_url as database_url
from tests.databases import postgres_server as postgres_server
from tests.databases import postgres_url as postgres_url


@pytest.fixture
async def world(database_url: str, tmp_path: Path, reader: ReplyReader) -> AsyncIterator[World]:
    """The edge over an empty store of either database."""
    world = await a_world(database_url, tmp_path, reader)
    yield world
    world.database.down = False
    await world.http.aclose()
    await world.database.close()
