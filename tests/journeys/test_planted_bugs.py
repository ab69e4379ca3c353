"""Planted bugs in what runs for real: for each invariant at least one that a story finds, and names."""

import pytest

from tests.journeys.mutants import MUTANTS, story_of
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("name", MUTANTS)
async def test_planted_bug_is_found(name: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The story fails with the invariant that the bug breaks."""
    mutant = MUTANTS[name]
    monkeypatch.setattr(mutant.owner, mutant.name, mutant.stand_in)
    with pytest.raises(AssertionError, match=mutant.complaint):
        await stage.live(story_of(name))


async def test_without_the_bugs_the_stories_are_well(stage: Stage) -> None:
    """What a planted bug is found by is the bug alone."""
    errors = await stage.live_all(map(story_of, MUTANTS))
    assert not [error for error in errors.values() if error]
