"""Tasks: work for staff, at most one open per scope and cause, each change with its audit entry."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError, RefusedError
from domain.records import AuditEntry, Task, TaskCause, Urgency
from store import audit
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import tasks

_MOST_URGENT_FIRST = tuple(Urgency)


class Tasks:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, task: Task) -> tuple[Task, bool]:
        """Open it, or add to the open one of its scope and cause; True when it is new or became more urgent.

        The open one takes the higher urgency, the earlier due time and the new detail beside its own. The same id again
        is a retry: it is told what the first try was told, unless the task is closed by now.
        """
        async with self._database.write() as connection:
            while not await insert_ignoring(connection, tasks, values_of(task)):
                mine = _open_ones(task.clinic_id, task.scope, task.cause)
                if older := await one(connection, Task, _select().where(mine).with_for_update()):
                    return (older, True) if older.id == task.id else await _raise(connection, older, task)
                if same := await one(connection, Task, _select().where(tasks.c.id == task.id)):
                    return same, False
                # Somebody closed the open one between the two statements (PostgreSQL): now there is room.
            await _note(connection, task, "opened", "system", task.opened_at)
            return task, True

    async def close(
        self, clinic_id: str, scope: str, cause: TaskCause, *, outcome: str, by: str, now: datetime
    ) -> Task | None:
        """Close the open task; None when none is open. `by` is an actor: `staff:<name>`, `system`, ..."""
        closed = await self._close(_open_ones(clinic_id, scope, cause), outcome, by, now)
        return closed[0] if closed else None

    async def close_scope(self, clinic_id: str, scope: str, *, outcome: str, by: str, now: datetime) -> list[Task]:
        """Close every open task of the scope."""
        return await self._close(_open_ones(clinic_id, scope), outcome, by, now)

    async def take(self, task_id: str, owner: str, now: datetime) -> Task:
        """The owner works on it now. NotFoundError; RefusedError `closed`. Taking over from another one is fine."""
        async with self._database.write() as connection:
            task = await one(connection, Task, _select().where(tasks.c.id == task_id).with_for_update())
            if task is None:
                raise NotFoundError("there is no such task")
            if task.closed_at is not None:
                raise RefusedError("closed", "this task is closed already")
            taken = await _change(connection, task, {"owner": owner, "taken_at": now})
            await _note(connection, taken, "taken", f"staff:{owner}", now)
            return taken

    async def get(self, task_id: str) -> Task:
        """The task, or NotFoundError."""
        async with self._database.read() as connection:
            task = await one(connection, Task, _select().where(tasks.c.id == task_id))
        if task is None:
            raise NotFoundError("there is no such task")
        return task

    async def listing(
        self, clinic_id: str, *, open_only: bool = True, journey_id: str | None = None, limit: int = 200
    ) -> list[Task]:
        """The clinic's tasks, the ones due first in front."""
        query = _select().where(tasks.c.clinic_id == clinic_id)
        if open_only:
            query = query.where(tasks.c.closed_at.is_(None))
        if journey_id is not None:
            query = query.where(tasks.c.journey_id == journey_id)
        return await self._listed(query.limit(limit))

    async def open_below(self, clinic_id: str, scope: str) -> list[Task]:
        """Open tasks of the scope, and of those that it begins (`scope:...`)."""
        mine = (tasks.c.clinic_id == clinic_id) & tasks.c.closed_at.is_(None)
        below = (tasks.c.scope == scope) | tasks.c.scope.startswith(f"{scope}:", autoescape=True)
        return await self._listed(_select().where(mine & below))

    async def overdue(self, now: datetime) -> list[Task]:
        """Open tasks of all clinics that were due before now and that nobody has taken."""
        late = (tasks.c.closed_at.is_(None)) & (tasks.c.due < now) & (tasks.c.owner.is_(None))
        return await self._listed(_select().where(late))

    async def _listed(self, query: Select[Any]) -> list[Task]:
        async with self._database.read() as connection:
            return await many(connection, Task, query.order_by(tasks.c.due, tasks.c.id))

    async def _close(self, which: ColumnElement[bool], outcome: str, by: str, now: datetime) -> list[Task]:
        values = {"closed_at": now, "outcome": outcome, "closed_by": by}
        async with self._database.write() as connection:
            open_ones = await many(connection, Task, _select().where(which).order_by(tasks.c.id).with_for_update())
            closed = [await _change(connection, task, values) for task in open_ones]
            for task in closed:
                await _note(connection, task, "closed", by, now)
        return closed


def _select() -> Select[Any]:
    return select_as(Task, tasks)


def _open_ones(clinic_id: str, scope: str, cause: TaskCause | None = None) -> ColumnElement[bool]:
    of_scope = (tasks.c.clinic_id == clinic_id) & (tasks.c.scope == scope) & tasks.c.closed_at.is_(None)
    return of_scope if cause is None else of_scope & (tasks.c.cause == cause)


async def _raise(connection: AsyncConnection, older: Task, task: Task) -> tuple[Task, bool]:
    raised = _MOST_URGENT_FIRST.index(task.urgency) < _MOST_URGENT_FIRST.index(older.urgency)
    urgency = task.urgency if raised else older.urgency
    values = {"urgency": urgency, "due": min(older.due, task.due), "detail": older.detail | task.detail}
    merged = await _change(connection, older, values)
    if raised:
        await _note(connection, merged, "raised", "system", task.opened_at)
    return merged, raised


async def _change(connection: AsyncConnection, task: Task, values: dict[str, Any]) -> Task:
    await connection.execute(update(tasks).where(tasks.c.id == task.id).values(**values))
    return task.model_copy(update=values)


async def _note(connection: AsyncConnection, task: Task, state: str, actor: str, at: datetime) -> None:
    data = {"task_id": task.id, "scope": task.scope, "cause": task.cause, "urgency": task.urgency, "due": task.due}
    data |= {"state": state} | ({"outcome": task.outcome} if task.outcome else {})
    entry = AuditEntry(clinic_id=task.clinic_id, journey_id=task.journey_id, at=at, kind="task", actor=actor, data=data)
    await audit.append(connection, [entry])
