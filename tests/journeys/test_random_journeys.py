"""Random stories lived by the production workflow on the real server with virtual time: what always holds, holds.

A failure prints its story as Python: `await stage.live(Story(...))` lives it again. HEALGATE_SOAK=1 lives thousands,
from the seed HEALGATE_SOAK_SEED on.
"""

import os
from collections.abc import Mapping

import pytest

from tests.journeys import happenings
from tests.journeys.drawing import drawn
from tests.journeys.happenings import Acts, Book, Crash, Done, Says, Story, Twice, UntilVisit, Wait
from tests.journeys.stage import Stage

SOAK = os.environ.get("HEALGATE_SOAK") == "1"
FIRST = int(os.environ.get("HEALGATE_SOAK_SEED", "0"))
SEEDS = range(FIRST, FIRST + (3000 if SOAK else 60))
A_STORY_TAKES = 30
"""Seconds, on a slow machine that does other things as well."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(len(SEEDS) * A_STORY_TAKES)]


@pytest.fixture(scope="module")
async def lived(stage: Stage) -> Mapping[int, BaseException | None]:
    """Every story, several side by side."""
    return await stage.live_all(map(drawn, SEEDS))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_always_holds(seed: int, lived: Mapping[int, BaseException | None]) -> None:
    """Bookings, replies, staff, silence, copies and crashes in any order break no invariant."""
    if error := lived[seed]:
        raise error


def test_a_seed_gives_one_story() -> None:
    """The same seed draws the same story, and its text is Python that makes it again."""
    story = drawn(7)
    assert drawn(7) == story
    assert eval(repr(story), vars(happenings)) == story


async def test_a_request_again_after_the_history_was_long(stage: Stage) -> None:
    """The server forgets update ids at continue-as-new; a staff action under the same id still counts once."""
    waits = (Wait(24.0),) * 14
    refused = Twice(Acts("release"))
    await stage.live(
        Story(seed=-1, happens=(Book("b1", "microneedling", 3), UntilVisit("b1"), Done("b1"), *waits, refused))
    )


async def test_a_story_that_crashes_at_every_turn(stage: Stage) -> None:
    """A new worker after each happening, and none that keeps a workflow in memory: the journey goes its usual way."""
    usual = (Book("b1", "microneedling", 3), UntilVisit("b1"), Done("b1"), Book("b2", "laser_nafl", 40), Wait(24 * 37))
    answers = (Says("clear"), Says("clear"), Says("clear"), Says("clear"), UntilVisit("b2"), Done("b2"), Wait(24 * 7))
    crashing = tuple(one for happening in (*usual, *answers) for one in (happening, Crash()))
    await stage.live(Story(seed=-2, cached=False, happens=crashing))
