"""Every test of the edge has a world of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.replies import ReplyReader
from tests.api.world import World, a_world


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path, reader: ReplyReader) -> AsyncIterator[World]:
    """The edge over an empty store."""
    world = await a_world(sqlite_url, tmp_path, reader)
    yield world
    world.database.down = False
    await world.http.aclose()
    await world.database.close()
