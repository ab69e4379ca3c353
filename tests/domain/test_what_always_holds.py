"""What always holds, in whatever order events arrive. HEALGATE_SOAK=1 lives thousands of journeys."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.machine import JourneyMachine

SOAK = os.environ.get("HEALGATE_SOAK") == "1"
JOURNEYS = settings(
    max_examples=3000 if SOAK else 40,
    stateful_step_count=60 if SOAK else 30,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(600)  # A failure is first made small, which takes minutes.
def test_any_order_of_events() -> None:
    """Random journeys keep to the oracle: gates, quiet hours, progress, restarts and copies of events."""
    run_state_machine_as_test(JourneyMachine, settings=JOURNEYS)
