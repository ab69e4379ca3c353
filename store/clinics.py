"""Clinics, as their admins last described them."""

from sqlalchemy import select

from domain.clinic import Clinic
from domain.errors import NotFoundError
from store.database import Database
from store.outward import switch_on
from store.sql import upsert
from store.tables import clinics


class Clinics:
    """Whole documents: a clinic is read and replaced as one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, clinic: Clinic) -> None:
        """Create or replace the clinic; webhook endpoints that were switched off are on again."""
        values = {"clinic_id": clinic.id, "document": clinic.model_dump(mode="json")}
        async with self._database.write() as connection:
            await upsert(connection, clinics, values, clinics.c.clinic_id)
            await switch_on(connection, clinic.id)

    async def get(self, clinic_id: str) -> Clinic:
        """The clinic, or NotFoundError."""
        query = select(clinics.c.document).where(clinics.c.clinic_id == clinic_id)
        async with self._database.read() as connection:
            document = (await connection.execute(query)).scalar_one_or_none()
        if document is None:
            raise NotFoundError(f"there is no clinic {clinic_id!r}; `healgate clinic apply FILE` creates one")
        return Clinic.model_validate(document)

    async def all(self) -> list[Clinic]:
        """All clinics, by id."""
        query = select(clinics.c.document).order_by(clinics.c.clinic_id)
        async with self._database.read() as connection:
            return [Clinic.model_validate(document) for document in await connection.scalars(query)]
