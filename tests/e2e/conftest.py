"""One running system for the tests of this folder; each test has its own patients in it."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.patient import Visitor
from tests.e2e.system import System


@pytest.fixture(scope="package")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """Everything up, with clocks that can be moved."""
    system = System(tmp_path_factory.mktemp("e2e") / "state")
    await system.start()
    yield system
    await system.stop()


@pytest.fixture
def patient(system: System) -> Visitor:
    """Somebody whom the clinic does not know yet."""
    return Visitor(system)
