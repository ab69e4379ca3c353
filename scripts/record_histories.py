"""Records the histories that tests/replay replays: `python scripts/record_histories.py [NAME ...]`.

Each comes from the scenario of the same name in tests/scenarios, run on the real server with readable payloads. Record
anew only when a change is meant to be new for running journeys too; docs/versioning.md says when that is.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    StartWorkflowUpdateWithStartInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.contrib.pydantic import pydantic_data_converter

from sandbox.simulate import read_scenario, simulate, simulation_server

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = ROOT / "tests" / "scenarios"
HISTORIES = ROOT / "tests" / "replay" / "histories"
PROTOCOL = "microneedling-then-laser"
PATHS = (
    "clear_answer",
    "clinician_releases",
    "worrying_answer",
    "silence",
    "opt_out_in_mid_check_in",
    "not_healed_then_healed",
    "cancelled_by_staff",
    "laser_too_early",
    "both_on_one_day",
    "urgent_at_night",
)


class Started(Interceptor):
    """Remembers the ids of the workflows that a client starts."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        return _Outbound(next, self.ids)


class _Outbound(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, ids: list[str]) -> None:
        super().__init__(following)
        self._ids = ids

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        self._ids.append(input.id)
        return await super().start_workflow(input)

    async def start_update_with_start_workflow(
        self,
        input: StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        self._ids.append(input.start_workflow_input.id)
        return await super().start_update_with_start_workflow(input)


async def record(name: str, server: Client, folder: Path) -> list[Path]:
    """Run the scenario and write the history of every workflow that it started."""
    started = Started()
    readable = Client(
        server.service_client,
        namespace=server.namespace,
        data_converter=pydantic_data_converter,
        interceptors=[started],
    )
    await simulate(readable, PROTOCOL, read_scenario(SCENARIOS / f"{name}.yaml"), lambda _: None)
    return [await _write(readable, workflow_id, name, folder) for workflow_id in dict.fromkeys(started.ids)]


async def _write(client: Client, workflow_id: str, name: str, folder: Path) -> Path:
    kind = workflow_id.split("-", maxsplit=1)[0]
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    path = folder / f"{name}.{kind}.json"
    await asyncio.to_thread(path.write_text, history.to_json() + "\n", encoding="utf-8")
    return path


async def main(names: list[str]) -> None:
    """Record the named paths, or all."""
    async with simulation_server() as server:
        for name in names or PATHS:
            for path in await record(name, server, HISTORIES):
                print(f"{path.relative_to(ROOT)} {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
