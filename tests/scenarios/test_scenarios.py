"""Every scenario of this folder, run by the production workflow code in virtual time, against its golden file.

A golden file is what the product shall do: read each changed line against docs/protocols.md before it is accepted.
`HEALGATE_UPDATE_GOLDENS=1` writes what the scenarios do now.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.client import Client

from sandbox.simulate import read_scenario, simulate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

HERE = Path(__file__).parent
SCENARIOS = sorted(HERE.glob("*.yaml"))
SHIPPED = "microneedling-then-laser"
AT_ONCE = 6
"""More in flight than cores: each waits for the server most of its time."""


async def run(scenario: Path, client: Client) -> str:
    """What the scenario does, one JSON object a line; a protocol of the same name in protocols/ is its own."""
    own = HERE / "protocols" / scenario.name
    lines: list[dict[str, object]] = []
    await simulate(client, str(own) if own.exists() else SHIPPED, read_scenario(scenario), lines.append)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@pytest.fixture(scope="module")
async def outputs(simulations: Client) -> Mapping[str, str | Exception]:
    """What every scenario does, several running side by side."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Path) -> tuple[str, str | Exception]:
        async with free:
            try:
                return scenario.stem, await run(scenario, simulations)
            except Exception as error:  # noqa: BLE001 - the scenario's own test reports it
                return scenario.stem, error

    return dict(await asyncio.gather(*map(one, SCENARIOS)))


@pytest.mark.parametrize("name", [scenario.stem for scenario in SCENARIOS])
def test_a_scenario_does_what_its_golden_file_says(name: str, outputs: Mapping[str, str | Exception]) -> None:
    """Messages, gates, tasks and pages come as reviewed, to the minute and the letter."""
    done = outputs[name]
    if isinstance(done, Exception):
        raise done
    golden = HERE / "golden" / f"{name}.jsonl"
    if os.environ.get("HEALGATE_UPDATE_GOLDENS"):
        golden.write_text(done, encoding="utf-8")
    assert done.splitlines() == golden.read_text(encoding="utf-8").splitlines()


def test_every_golden_file_has_its_scenario() -> None:
    """A scenario that is renamed or removed leaves no golden file behind."""
    assert {path.stem for path in (HERE / "golden").glob("*")} == {path.stem for path in SCENARIOS}


async def test_the_same_scenario_gives_the_same_output(
    simulations: Client, outputs: Mapping[str, str | Exception]
) -> None:
    """A second run on the same server, an alarm in it, differs in nothing."""
    again = await run(HERE / "urgent_at_night.yaml", simulations)
    assert '"kind": "page"' in again
    assert again == outputs["urgent_at_night"]
