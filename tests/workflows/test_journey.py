"""A journey on the real server: started once, told once, and carried on by whichever worker is there."""

import asyncio
from datetime import timedelta

import pytest

from domain.journey import Journey, begin
from domain.journey.events import BookingVerdict, Reply, Role, StaffAction, StaffActionKind
from domain.journey.facts import JourneyStage
from domain.replies import Label
from tests.store.rows import NOW
from tests.workflows.world import VISIT, DyingSms, World
from workflows.client import JourneyEndedError

pytestmark = pytest.mark.slow

CANCEL = StaffAction(action=StaffActionKind.CANCEL, by="Sam", role=Role.FRONT_DESK, reason="moves away")
PAUSE = StaffAction(action=StaffActionKind.PAUSE, by="Sam", role=Role.FRONT_DESK)


def a_question(reply_id: str = "in-1") -> Reply:
    return Reply(reply_id=reply_id, label=Label.QUESTION, rule="en.question")


async def test_two_deliveries_at_once_start_one_run(world: World) -> None:
    """Whichever comes second finds the journey running, and the visit is known once."""
    async with world.worker():
        verdicts = {*await asyncio.gather(world.booked("evt-1"), world.booked("evt-2"))}
        handle = world.journeys.handle(world.start.journey_id)
        first = (await handle.describe()).run_id
        await world.booked("evt-3", starts_at=VISIT + timedelta(days=1), sequence=2)
        view = await world.journeys.state(world.start.journey_id)
    assert verdicts == {BookingVerdict.ACCEPTED}
    assert (await handle.describe()).run_id == first
    assert [visit.starts_at for visit in view.visits] == [VISIT + timedelta(days=1)]


async def test_an_ended_journey_refuses_a_late_booking(world: World) -> None:
    """A webhook that comes after the end never opens a second run under the same id."""
    async with world.worker():
        await world.booked()
        await world.journeys.staff(world.start.journey_id, CANCEL, "staff-1")
        result = await world.journeys.handle(world.start.journey_id).result()
        with pytest.raises(JourneyEndedError):
            await world.booked("evt-late")
    assert result.stage is JourneyStage.CANCELLED


async def test_a_reply_that_is_delivered_twice_counts_once(world: World) -> None:
    """The second delivery gets the first one's answer, and the journey has heard one reply."""
    async with world.worker():
        await world.booked()
        answers = [await world.journeys.reply(world.start.journey_id, a_question()) for _ in range(2)]
        handle = world.journeys.handle(world.start.journey_id)
        heard = await handle.query("replies_heard")
    assert (answers, heard) == ([True, True], 1)


async def test_updates_are_applied_while_a_message_is_on_its_way(world: World) -> None:
    """A provider that hangs holds up neither replies nor staff."""
    world.sms.held.clear()
    async with world.worker():
        await world.booked()
        await world.sms.entered.wait()
        assert (await world.journeys.staff(world.start.journey_id, PAUSE, "staff-1")).accepted
        assert (await world.journeys.state(world.start.journey_id)).paused
        world.sms.held.set()


async def test_a_new_worker_carries_on(world: World) -> None:
    """After a restart the state comes from history, and what happens next is applied to it."""
    async with world.worker():
        await world.booked()
        await world.journeys.reply(world.start.journey_id, a_question())
    async with world.worker():
        before = await world.journeys.state(world.start.journey_id)
        await world.journeys.staff(world.start.journey_id, PAUSE, "staff-1")
        after = await world.journeys.state(world.start.journey_id)
    assert [task.cause.value for task in before.tasks] == ["question"]
    assert (after.paused, after.visits, after.gates, after.tasks) == (True, before.visits, before.gates, before.tasks)


async def test_a_journey_that_starts_afresh_remembers_everything(world: World) -> None:
    """State that is carried over continue-as-new is the journey: a reply it has heard before changes nothing."""
    start = world.start
    earlier = Journey(begin(start.plan, start.calendar, start.patient_zone, start.quiet_hours, start.deputies, NOW))
    earlier.reply(a_question("in-1"), NOW)
    world.start = start.model_copy(update={"facts": earlier.facts, "batch": 7})
    async with world.worker():
        await world.booked()
        again = await world.journeys.reply(start.journey_id, a_question("in-1"))
        view = await world.journeys.state(start.journey_id)
    assert again is False
    assert [task.cause.value for task in view.tasks] == ["question"]


async def test_a_staff_action_again_after_a_fresh_start_gets_the_same_answer(world: World) -> None:
    """The server forgets update ids at continue-as-new; a client that repeats its request is not refused for it."""
    start = world.start
    earlier = Journey(begin(start.plan, start.calendar, start.patient_zone, start.quiet_hours, start.deputies, NOW))
    earlier.act(PAUSE, NOW, "staff-1")
    refused = earlier.act(PAUSE, NOW, "staff-2")
    world.start = start.model_copy(update={"facts": earlier.facts, "batch": 7})
    async with world.worker():
        await world.booked()
        again = [await world.journeys.staff(start.journey_id, PAUSE, f"staff-{number}") for number in (1, 2)]
    assert [result.accepted for result in again] == [True, False]
    assert again[1] == refused


async def test_a_message_whose_worker_died_is_never_posted_again(world: World) -> None:
    """The retry finds the row in `sending`: what may have gone out is for a person, not for a second POST."""
    world.sms = DyingSms()
    async with world.worker():
        await world.booked()
        await world.sms.entered.wait()
        await world.journeys.staff(world.start.journey_id, CANCEL, "staff-1")
        await world.journeys.handle(world.start.journey_id).result()
    row = await world.store.ledger.get(world.sms.sent[0].message_id)
    assert [message.message_id for message in world.sms.sent].count(row.id) == 1
    assert row.state.value in ("sending", "unknown", "needs_review")
