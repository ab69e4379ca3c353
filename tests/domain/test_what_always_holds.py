"""What always holds, in whatever order events arrive. HEALGATE_SOAK=1 lives ten times as many journeys."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.machine import JourneyMachine

SOAK = os.environ.get("HEALGATE_SOAK") == "1"
JOURNEYS = settings(
    max_examples=15,
    stateful_step_count=60 if SOAK else 30,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
# Short orders, since most begin some steps into a journey and `make test` has no hours; the soak lives long ones.
MANY = settings(JOURNEYS, max_examples=2500 if SOAK else 250, stateful_step_count=60 if SOAK else 15)
PARTS = range(8)
"""The thousands are lived in parts, so that the workers of the test run share them."""


@pytest.mark.timeout(600)  # A failure is first made small, which takes minutes.
def test_any_order_of_events() -> None:
    """Random journeys keep to the oracle: gates, quiet hours, progress, restarts and copies of events."""
    run_state_machine_as_test(JourneyMachine, settings=JOURNEYS)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", PARTS)
def test_thousands_of_orders_of_events(part: int) -> None:
    """Two thousand random journeys keep to the oracle."""
    run_state_machine_as_test(JourneyMachine, settings=MANY)
