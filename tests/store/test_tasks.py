"""Tasks: one open per scope and cause, and an audit of every change."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import NotFoundError, RefusedError
from domain.records import Task, TaskCause, Urgency
from store import Store
from tests.store.rows import CLINIC, NOW, a_task

LATER = NOW + timedelta(hours=1)


async def closed(store: Store, task: Task) -> Task | None:
    """The task after somebody closed its scope and cause."""
    return await store.tasks.close(CLINIC, task.scope, task.cause, outcome="called", by="staff:Kim", now=LATER)


async def states(store: Store) -> list[object]:
    """What the audit says about the journey's tasks."""
    return [entry.data["state"] for entry in await store.audit.of_journey("j1")]


async def test_a_task_is_opened_once(store: Store) -> None:
    """The same cause again adds its detail to the open task."""
    assert await store.tasks.open(a_task(detail={"reply": "m1"})) == (a_task(detail={"reply": "m1"}), True)
    again, new = await store.tasks.open(a_task(id="t2", detail={"second": "m2"}))
    assert (again.id, again.detail, new) == ("t1", {"reply": "m1", "second": "m2"}, False)
    assert await store.tasks.listing(CLINIC) == [again]
    assert await states(store) == ["opened"]


async def test_a_more_urgent_cause_raises_the_open_task(store: Store) -> None:
    """The open task takes the higher urgency and the earlier due time, and says that it was raised."""
    await store.tasks.open(a_task())
    raised, told = await store.tasks.open(a_task(id="t2", urgency=Urgency.EMERGENCY, due=NOW))
    assert (raised.id, raised.urgency, raised.due, told) == ("t1", Urgency.EMERGENCY, NOW, True)
    assert await states(store) == ["opened", "raised"]


async def test_a_less_urgent_cause_lowers_nothing(store: Store) -> None:
    """An open task never gets later or less urgent by itself."""
    await store.tasks.open(a_task())
    kept, told = await store.tasks.open(a_task(id="t2", urgency=Urgency.INFORMATION, due=NOW + timedelta(days=2)))
    assert (kept, told) == (a_task(), False)


async def test_other_causes_and_scopes_are_other_tasks(store: Store) -> None:
    """Only the same scope and cause share a task."""
    await store.tasks.open(a_task())
    for other in (a_task(id="t2", cause=TaskCause.HOLD), a_task(id="t3", scope="journey:j2")):
        assert (await store.tasks.open(other))[1]


async def test_many_at_once_open_one_task(store: Store) -> None:
    """Ten that see the same cause at the same time make one task with everybody's detail, and one entry."""
    wanted = [a_task(id=f"t{number}", detail={f"reply {number}": "seen"}) for number in range(10)]
    opened = await asyncio.gather(*(store.tasks.open(task) for task in wanted))
    assert [new for _, new in opened].count(True) == 1
    (task,) = await store.tasks.listing(CLINIC)
    assert len(task.detail) == 10
    assert await states(store) == ["opened"]


async def test_closing_says_who_and_how(store: Store) -> None:
    """A closed task keeps its outcome, and the same cause later is a new task."""
    await store.tasks.open(a_task())
    done = await closed(store, a_task())
    assert done is not None
    assert (done.outcome, done.closed_by, done.closed_at) == ("called", "staff:Kim", LATER)
    assert await store.tasks.get("t1") == done
    assert await closed(store, a_task()) is None
    assert (await store.tasks.open(a_task(id="t2")))[1]
    assert await states(store) == ["opened", "closed", "opened"]
    assert len(await store.tasks.listing(CLINIC, open_only=False)) == 2


async def test_a_retry_is_told_the_same(store: Store) -> None:
    """An activity that died before it could page learns again that its task is new."""
    first = await store.tasks.open(a_task())
    assert await store.tasks.open(a_task()) == first == (a_task(), True)
    assert await states(store) == ["opened"]


async def test_a_retry_does_not_open_a_closed_task_again(store: Store) -> None:
    """An activity that runs again after staff closed its task leaves it closed."""
    await store.tasks.open(a_task())
    done = await closed(store, a_task())
    assert await store.tasks.open(a_task()) == (done, False)
    assert await states(store) == ["opened", "closed"]


async def test_a_scope_closes_as_one(store: Store) -> None:
    """When a journey ends, all of its open tasks end, and no others."""
    await store.tasks.open(a_task())
    await store.tasks.open(a_task(id="t2", cause=TaskCause.HOLD))
    await store.tasks.open(a_task(id="t3", scope="journey:j2"))
    ended = await store.tasks.close_scope(CLINIC, "journey:j1", outcome="journey ended", by="system", now=LATER)
    assert {task.id for task in ended} == {"t1", "t2"}
    assert [task.id for task in await store.tasks.listing(CLINIC)] == ["t3"]


async def test_taking_names_the_owner(store: Store) -> None:
    """Who takes a task is written down; a closed one cannot be taken."""
    await store.tasks.open(a_task())
    taken = await store.tasks.take("t1", "Kim", LATER)
    assert (taken.owner, taken.taken_at) == ("Kim", LATER)
    await closed(store, a_task())
    with pytest.raises(RefusedError, match="closed"):
        await store.tasks.take("t1", "Lee", LATER)
    with pytest.raises(NotFoundError):
        await store.tasks.take("nothing", "Lee", LATER)


async def test_overdue_tasks_are_open_and_untaken(store: Store) -> None:
    """Escalation finds what was due and nobody works on."""
    await store.tasks.open(a_task(due=NOW))
    await store.tasks.open(a_task(id="t2", cause=TaskCause.HOLD, due=LATER))
    assert [task.id for task in await store.tasks.overdue(LATER)] == ["t1"]
    await store.tasks.take("t1", "Kim", LATER)
    assert await store.tasks.overdue(LATER) == []


async def test_listings_can_be_of_one_journey(store: Store) -> None:
    """A journey's page shows its own tasks, the ones due first in front."""
    await store.tasks.open(a_task(due=LATER))
    await store.tasks.open(a_task(id="t2", cause=TaskCause.HOLD, due=NOW))
    await store.tasks.open(a_task(id="t3", scope="journey:j2", journey_id="j2"))
    assert [task.id for task in await store.tasks.listing(CLINIC, journey_id="j1")] == ["t2", "t1"]
