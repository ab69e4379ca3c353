"""The worker as a process that kill -9 ends, at rest and in the middle of its work."""

from pathlib import Path

import pytest

from tests.journeys.happenings import Acts, Book, Crash, CrashWhile, Done, Says, Story, Twice, UntilVisit, Wait
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STORY = Story(
    seed=-3,
    by_email=True,
    happens=(
        Book("b1", "microneedling", 3),
        UntilVisit("b1"),
        Crash(),
        Done("b1"),
        CrashWhile(24 * 8, 0.4),
        Book("b2", "laser_nafl", 38),
        Wait(24 * 24),
        Says("clear"),
        Crash(),
        Twice(Says("clear")),
        Says("clear"),
        Says("clear"),
        Acts("hold", "Pat", "front_desk", "asked to"),
        UntilVisit("b2"),
    ),
)


async def test_a_worker_that_is_killed_again_and_again(stage: Stage, tmp_path: Path) -> None:
    """What always holds, holds, and no message is accepted twice."""
    paper = tmp_path / "posts"
    paper.touch()
    await stage.live(STORY, paper=paper)
    assert paper.read_text(encoding="utf-8").split(), "nothing was sent by the process"
