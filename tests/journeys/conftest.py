"""One server and one store for all stories, in memory where there is room: nothing of them is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.simulate import scratch
from tests.journeys.stage import Stage, a_stage


@pytest.fixture(scope="package")
async def stage() -> AsyncIterator[Stage]:
    """Where stories are lived."""
    with scratch() as folder:
        async with a_stage(Path(folder)) as ready:
            yield ready
