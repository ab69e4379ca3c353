"""What readers from outside ask for: pages of bookings, journeys, messages, tasks, consents and patients of a clinic.

Each record comes with its state in one word and the time of its newest change; both are worked out in the database, so
that readers can ask by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import ColumnElement, Row, and_, or_, tuple_

from domain.messages import Frozen
from domain.patient import Patient
from domain.records import Booking, JourneyRecord, MessageRow, Task
from store.database import Database
from store.read_sources import BOOKINGS, CONSENTS, JOURNEYS, MESSAGES, PATIENTS, TASKS, PatientConsent, Source
from store.sql import Model, many, select_as
from store.tables import bookings, messages

CHECK_IN = "check_in"
"""The touchpoint whose messages ask the first question of a check-in."""


class Between(Frozen):
    """From then on, and before then; None is open."""

    since: datetime | None = None
    until: datetime | None = None


class Wanted(Frozen):
    """Which records of a clinic; what is left empty narrows nothing down."""

    clinic_id: str
    ids: tuple[str, ...] = ()
    patient_id: str | None = None
    states: frozenset[str] | None = None
    changed: Between = Between()
    starts: Between = Between()
    after: str = ""
    """Id of the last record of the page before: pages go by id."""
    limit: int = 50


@dataclass(frozen=True)
class Found(Generic[Model]):
    """A record, its state, and when it last changed (None where nobody keeps that)."""

    record: Model
    state: str
    changed_at: datetime | None


class ReadModel:
    """Reads only; every page is one query, and nothing of another clinic is in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bookings(self, wanted: Wanted) -> list[Found[Booking]]:
        """State: the booking's status. Nobody keeps the time of a change; `starts` is its start."""
        return await self._page(BOOKINGS, wanted)

    async def journeys(self, wanted: Wanted) -> list[Found[JourneyRecord]]:
        """State: the stage, or `held` while a hold stands before the first treatment."""
        return await self._page(JOURNEYS, wanted)

    async def messages(self, wanted: Wanted) -> list[Found[MessageRow]]:
        """State: that of the row, or `not_delivered` where it was accepted and did not arrive."""
        return await self._page(MESSAGES, wanted)

    async def tasks(self, wanted: Wanted) -> list[Found[Task]]:
        """State: open, taken, closed, or `gone` where it closed itself because its cause was gone."""
        return await self._page(TASKS, wanted)

    async def consents(self, wanted: Wanted) -> list[Found[PatientConsent]]:
        """State: `granted` for the entry that allows messages now, else `past`."""
        return await self._page(CONSENTS, wanted)

    async def patients(self, wanted: Wanted) -> list[Found[Patient]]:
        """State: `known`. Without their ids in booking systems."""
        return await self._page(PATIENTS, wanted)

    async def visits_of(self, journey_ids: Sequence[str]) -> list[Booking]:
        """All bookings of these journeys, by start."""
        query = select_as(Booking, bookings).where(bookings.c.journey_id.in_(journey_ids))
        async with self._database.read() as connection:
            return await many(connection, Booking, query.order_by(bookings.c.starts_at, bookings.c.id))

    async def check_ins_of(self, journey_ids: Sequence[str]) -> list[MessageRow]:
        """The messages that asked the first question of these journeys' check-ins, by the time they were due."""
        mine = messages.c.journey_id.in_(journey_ids) & (messages.c.touchpoint == CHECK_IN)
        query = select_as(MessageRow, messages).where(mine).order_by(messages.c.due_at, messages.c.id)
        async with self._database.read() as connection:
            return await many(connection, MessageRow, query)

    async def _page(self, source: Source[Model], wanted: Wanted) -> list[Found[Model]]:
        columns = (source.state.label("found_state"), source.changed.label("found_changed"))
        query = source.query.add_columns(*columns).where(*_conditions(source, wanted))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(*source.key).limit(wanted.limit))
            return [_found(source.model, row) for row in rows]


def _conditions(source: Source[Any], wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [source.clinic == wanted.clinic_id]
    if wanted.ids:
        conditions.append(or_(*(_is(source, one) for one in wanted.ids)))
    if wanted.patient_id is not None:
        conditions.append(source.patient == wanted.patient_id)
    if wanted.states is not None:
        conditions.append(source.state.in_(wanted.states))
    if wanted.after:
        conditions.append(tuple_(*source.key) > tuple_(*source.key_of(wanted.after)))
    return [*conditions, *_within(source.changed, wanted.changed), *_within(source.starts, wanted.starts)]


def _is(source: Source[Any], text: str) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(source.key, source.key_of(text), strict=True)))


def _within(column: ColumnElement[Any], span: Between) -> list[ColumnElement[bool]]:
    since = [column >= span.since] if span.since else []
    return since + ([column < span.until] if span.until else [])


def _found(model: type[Model], row: Row[Any]) -> Found[Model]:
    values = dict(row._mapping)
    state, changed_at = values.pop("found_state"), values.pop("found_changed")
    return Found(model.model_validate(values), str(state), changed_at)
