"""Every test of the edge has a world of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.replies import ReplyReader, load_reader
from tests.api.world import World, a_world
from tests.databases import migrated_sqlite as migrated_sqlite
from tests.databases import sqlite_url as sqlite_url


@pytest.fixture(scope="session")
def reader() -> ReplyReader:
    """The shipped rules, read once."""
    return load_reader()


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path, reader: ReplyReader) -> AsyncIterator[World]:
    """The edge over an empty store."""
    world = await a_world(sqlite_url, tmp_path, reader)
    yield world
    world.database.down = False
    await world.http.aclose()
    await world.database.close()
