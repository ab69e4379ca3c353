"""The simulation's clock against the workflows' own."""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client, WorkflowHandle

from domain.records import AuditEntry
from relay.relay import Relay
from sandbox.simulate import read_scenario
from sandbox.simulate.driver import Clock, ClockOvershotError, Driver, Tracked, TrackingJourneys
from store import Database, Store
from tests.fakes import PulsingWorkflow
from workflows.messages import Pulse

pytestmark = pytest.mark.slow

SCENARIO = read_scenario(Path(__file__).parent / "package.yaml")


async def nothing(_: list[AuditEntry]) -> None:
    """Nobody reads what happens."""


async def test_a_clock_that_ran_on_after_the_workflow_settled_is_noticed(simulations: Client, sqlite_url: str) -> None:
    """Time skipping that goes on to a later timer is found before the next moment is chosen: nothing is passed over."""
    clock = Clock(SCENARIO.start)
    ahead = Pulse(settled=True, now=clock.now + timedelta(hours=6), next_moment=None, over=False)
    journeys = TrackingJourneys(simulations, "nobody")
    journeys.running["journey-1"] = Tracked(cast("WorkflowHandle[Any, Any]", PulsingWorkflow(ahead)), timedelta())
    database = Database(sqlite_url)
    store = Store(database)
    with pytest.raises(ClockOvershotError):
        await Driver(SCENARIO, store, journeys, Relay(store, {}, clock), clock, nothing).run()
    await database.close()
