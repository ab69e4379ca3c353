"""Looks at what was recorded and sent, and asserts what always holds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.client import Client, WorkflowHistory

from domain.records import AuditEntry, MessageRow, Task
from store import Store
from tests.journeys import always
from tests.journeys.books import Books
from tests.journeys.clinic import EMAIL, NAME, PHONE, Case
from tests.journeys.happenings import Acts
from tests.journeys.journey_clock import asked
from tests.journeys.spoken import SECRET
from workflows.client import Journeys
from workflows.messages import JourneyView

OPEN = ("released", "waived")
IDENTIFIERS = (NAME, PHONE.removeprefix("+"), EMAIL, SECRET)
CALLED_WITHIN = 20.0
"""Seconds of the wall clock; the safety workflow's own minute is looked at in what it recorded."""


@dataclass
class Watch:
    """The store and the journey, seen from outside."""

    client: Client
    store: Store
    journeys: Journeys
    case: Case
    posts: Callable[[], Sequence[str]]
    _seen: int = 0

    @property
    def books(self) -> Books:
        return self.case.books

    @property
    def journey_id(self) -> str:
        return self.case.start.journey_id

    # After every happening

    async def look(self, now: datetime) -> None:
        """What is new, in the order in which it was recorded; then the journey as it stands."""
        for entry in await self._entries():
            self._seen = entry.id
            await self._look_at(entry)
        rows = await self.rows()
        always.nothing_goes_out_twice(self.posts(), rows)
        always.care_texts_come_once(self.books, rows)
        always.what_was_not_sent_has_its_reason(rows)
        await self._look_at_journey(now)

    async def _look_at(self, entry: AuditEntry) -> None:
        if entry.kind == "gate":
            step = str(entry.data["step"])
            self.books.saw(step, entry.at, is_open=entry.data["to"] in OPEN)
            always.open_gates_have_a_reason(self.books, step, entry.at)
        if entry.kind == "message.sent":
            row = await self.store.ledger.get(str(entry.data["message_id"]))
            if row.to in (PHONE, EMAIL):
                always.nothing_to_who_opted_out(self.books, row)
                always.nothing_at_night(self.books, row)
                always.nothing_about_an_old_time(self.books, row)
                always.nothing_reassuring_behind_a_shut_gate(self.books, row)

    async def _look_at_journey(self, now: datetime) -> None:
        view = await self.view()
        for gate in view.gates:
            if not self.books.oracle.done(gate.step):
                self.books.saw(gate.step, now, is_open=gate.state.is_open)
                always.open_gates_have_a_reason(self.books, gate.step, now)
        tasks = await self.tasks()
        always.a_shut_gate_has_a_task(self.books, view, tasks)
        always.one_open_task_per_cause(view, tasks)

    # At single happenings

    async def somebody_is_called(self, at: datetime) -> None:
        """Wait for the page, as long as a slow machine may need, then look at all that an urgent reply calls for."""
        pause = 0.05
        with suppress(TimeoutError):
            async with asyncio.timeout(CALLED_WITHIN):
                while not await self._safety_rests(at):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 0.5)
        always.somebody_is_called(self.books, at, await self._entries(), await self.tasks(), await self.rows())

    async def _safety_rests(self, at: datetime) -> bool:
        paged = any(entry.kind == "page" and entry.at >= at for entry in await self._entries())
        texts = [row for row in await self.rows() if row.touchpoint in ("urgent_safety", "crisis")]
        return paged and any(row.sent_at or row.reason for row in texts)

    async def snapshot(self) -> tuple[Any, ...]:
        """All that a second delivery must not change."""
        entries = [entry for entry in await self._entries(0) if entry.kind != "page"]
        return await self.view(), [entry.id for entry in entries], sorted(self.posts())

    async def unchanged(self, before: tuple[Any, ...]) -> None:
        after = await self.snapshot()
        news = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
        assert not news, f"4: a second delivery changed something: {news}"

    def decided(self, said: Acts, step: str | None, now: datetime, *, was_open: bool) -> None:
        """An action of staff that was accepted."""
        always.only_who_may_decides(said.action, said.by, said.role)
        self.books.decides(said.action, step, now, was_open=was_open)

    async def next_gate(self) -> tuple[str | None, bool]:
        """The gate that an action is about, and whether it is open."""
        ahead = [s.id for s in self.books.plan.steps if s.previous and not self.books.oracle.done(s.id)]
        if not ahead:
            return None, False
        gates = {gate.step: gate for gate in (await self.view()).gates}
        return ahead[0], gates[ahead[0]].state.is_open and gates[ahead[0]].opened_by is not None

    # At the end

    async def history(self) -> None:
        """Every run of the journey holds no identifier, and replays."""
        runs = [run async for run in self._runs()]
        for run in runs:
            payloads = b"".join(event.SerializeToString() for event in run.events)
            always.no_identifier_in(payloads, run.workflow_id, IDENTIFIERS)
            await always.replays(run)

    async def _runs(self) -> AsyncIterator[WorkflowHistory]:
        """The runs that continue-as-new made of the journey, newest first."""
        async for run in self.client.list_workflows(f'WorkflowId = "{self.journeys.handle(self.journey_id).id}"'):
            yield await self.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()

    # What there is

    async def view(self) -> JourneyView:
        return await asked(lambda: self.journeys.state(self.journey_id))

    async def rows(self) -> list[MessageRow]:
        return await self.store.ledger.of_journey(self.journey_id)

    async def tasks(self) -> list[Task]:
        return await self.store.tasks.listing(self.case.start.clinic_id, journey_id=self.journey_id)

    async def _entries(self, after: int | None = None) -> list[AuditEntry]:
        return await self.store.audit.since(self._seen if after is None else after, self.case.start.clinic_id)
