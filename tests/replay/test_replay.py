"""Recorded histories replay on today's code: whoever is in the middle of a journey stays there after a deployment."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from scripts.record_histories import PATHS
from tests.replay.hasty import HastyJourney
from workflows.hosting import WORKFLOWS, workflow_runner

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def history_in(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def replayer(*workflows: type) -> Replayer:
    return Replayer(workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=workflow_runner())


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    """Today's code makes the same commands in the same order."""
    await replayer(*WORKFLOWS).replay_workflow(history_in(path))


async def test_a_changed_workflow_does_not_replay() -> None:
    """One timer more is noticed: the tests above can fail."""
    with pytest.raises(NondeterminismError):
        await replayer(HastyJourney).replay_workflow(history_in(HISTORIES[0]))


@pytest.mark.parametrize("name", PATHS)
def test_every_path_has_a_history_that_a_person_can_read(name: str) -> None:
    """Histories are kept decoded and small; none may be dropped without its path."""
    mine = [path for path in HISTORIES if path.stem.split(".")[0] == name]
    assert [path.stem for path in mine] == [f"{name}.{kind}" for kind in kinds(name)]
    assert all('"encoding": "anNvbi9wbGFpbg=="' in path.read_text(encoding="utf-8") for path in mine)
    assert all(path.stat().st_size < 300_000 for path in mine)


def kinds(name: str) -> list[str]:
    """Only a red flag starts a second workflow."""
    return ["journey", "urgent"] if name == "urgent_at_night" else ["journey"]
