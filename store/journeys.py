"""Journeys: which ones are reserved, and the read model that their workflows project."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_, update

from domain.errors import NotFoundError
from domain.records import JourneyRecord
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import journeys


class Journeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, record: JourneyRecord) -> JourneyRecord:
        """Insert; where the starting booking has a journey already, that one comes back instead.

        So two deliveries of the same booking, at the same time or weeks apart, start one journey.
        """
        async with self._database.write() as connection:
            if await insert_ignoring(connection, journeys, values_of(record)):
                return record
            key = (journeys.c.clinic_id == record.clinic_id) & (journeys.c.starting_ref == record.starting_ref)
            existing = await one(connection, JourneyRecord, _select().where(key))
        if existing is None:
            raise NotFoundError("another journey has this id or workflow id")
        return existing

    async def get(self, journey_id: str) -> JourneyRecord:
        """The journey, or NotFoundError."""
        return await self._the(journeys.c.id == journey_id)

    async def by_workflow(self, workflow_id: str) -> JourneyRecord:
        """The journey of that workflow, or NotFoundError."""
        return await self._the(journeys.c.workflow_id == workflow_id)

    async def of_patient(self, clinic_id: str, patient_id: str, *, open_only: bool = False) -> list[JourneyRecord]:
        """The patient's journeys, newest first."""
        query = _select().where(journeys.c.clinic_id == clinic_id, journeys.c.patient_id == patient_id)
        if open_only:
            query = query.where(journeys.c.ended_at.is_(None))
        async with self._database.read() as connection:
            return await many(connection, JourneyRecord, _newest_first(query))

    async def listing(
        self, clinic_id: str, *, stage: str | None = None, limit: int = 50, after: str | None = None
    ) -> list[JourneyRecord]:
        """The clinic's journeys, newest first; `after` is the last journey id of the page before."""
        query = _select().where(journeys.c.clinic_id == clinic_id)
        if stage is not None:
            query = query.where(journeys.c.stage == stage)
        if after is not None:
            last = select(journeys.c.created_at, journeys.c.id).where(journeys.c.id == after)
            query = query.where(tuple_(journeys.c.created_at, journeys.c.id) < last.scalar_subquery())
        async with self._database.read() as connection:
            return await many(connection, JourneyRecord, _newest_first(query).limit(limit))

    async def project(
        self,
        journey_id: str,
        *,
        stage: str,
        gates: dict[str, Any],
        ended_at: datetime | None = None,
        outcome: str | None = None,
    ) -> None:
        """Write what the workflow now says of itself; NotFoundError for an unknown journey."""
        values = {"stage": stage, "gates": gates, "ended_at": ended_at, "outcome": outcome}
        async with self._database.write() as connection:
            statement = update(journeys).where(journeys.c.id == journey_id).values(**values)
            if (await connection.execute(statement)).rowcount == 0:
                raise NotFoundError("there is no such journey")

    async def _the(self, condition: ColumnElement[bool]) -> JourneyRecord:
        async with self._database.read() as connection:
            found = await one(connection, JourneyRecord, _select().where(condition))
        if found is None:
            raise NotFoundError("there is no such journey")
        return found


def _select() -> Select[Any]:
    return select_as(JourneyRecord, journeys)


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(journeys.c.created_at.desc(), journeys.c.id.desc())
