"""Tasks through the staff API."""

from domain.records import TaskCause
from tests.api.world import World
from tests.store.rows import a_task


async def test_open_tasks_are_listed_and_closed_ones_on_request(world: World) -> None:
    """The list shows what is open; `open=0` shows everything."""
    await world.store.tasks.open(a_task())
    await world.staff("POST", "/tasks/t1/close", {"outcome": "done"})
    lists = [await world.staff("GET", f"/tasks{query}") for query in ("", "?open=1", "?open=0")]
    assert [len(answer.json()) for answer in lists] == [0, 0, 1]


async def test_taking_an_urgent_task_stops_the_paging(world: World) -> None:
    """Whoever takes a red flag is its owner, and on-call is left in peace."""
    await world.store.tasks.open(a_task(cause=TaskCause.RED_FLAG, detail={"reply_id": "i1"}))
    answer = await world.staff("POST", "/tasks/t1/take")
    assert (answer.status_code, answer.json()["owner"], world.journeys.alarms_taken) == (200, "Dr. Rivera", ["i1"])


async def test_closing_a_task_tells_its_journey_once(world: World) -> None:
    """A close that is repeated changes nothing in the store, and reaches the journey once in effect."""
    await world.store.tasks.open(a_task(cause=TaskCause.QUESTION))
    first = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    again = await world.staff("POST", "/tasks/t1/close", {"outcome": "something else"})
    assert first.json() == again.json()
    assert (first.json()["outcome"], first.json()["closed_by"]) == ("phoned", "staff:Dr. Rivera")
    assert [(call.journey_id, call.what) for call in world.journeys.calls] == [("j1", TaskCause.QUESTION)]


async def test_a_close_that_temporal_missed_can_be_repeated(world: World) -> None:
    """The journey hears of it when the same request comes again after an outage."""
    await world.store.tasks.open(a_task(cause=TaskCause.QUESTION))
    world.journeys.away = True
    missed = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    world.journeys.away = False
    again = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    assert (missed.status_code, again.status_code, len(world.journeys.calls)) == (503, 200, 1)


async def test_a_closed_task_cannot_be_taken(world: World) -> None:
    """Taking what is closed is 409."""
    await world.store.tasks.open(a_task())
    await world.staff("POST", "/tasks/t1/close", {"outcome": "done"})
    answer = await world.staff("POST", "/tasks/t1/take")
    assert (answer.status_code, answer.json()["reason"]) == (409, "closed")


async def test_a_task_is_closed_with_an_outcome(world: World) -> None:
    """Closing without saying what came of it is refused."""
    await world.store.tasks.open(a_task())
    assert (await world.staff("POST", "/tasks/t1/close", {"outcome": ""})).status_code == 422
