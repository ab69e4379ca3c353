"""Patients: people of a clinic, found by id, by a booking system's id, or by a contact point that several may share."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, false, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError, RefusedError
from domain.patient import Patient
from store.database import Database
from store.sql import insert_ignoring, one_at_a_time
from store.tables import patient_vendor_ids, patients

_PLAIN = tuple(name for name in Patient.model_fields if name not in {"profile", "vendor_ids"})


class Nobody(Enum):
    """The answer to 'who of these is it?'."""

    NEW = "new"


NEW = Nobody.NEW
Choose = Callable[[Sequence[Patient]], Patient | Literal[Nobody.NEW] | None]
"""Who of the candidates it is; NEW: none of them; None: nobody can tell."""


class Patients:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, patient: Patient) -> None:
        """Insert. RefusedError `exists` for a known id, `vendor_id_taken` when a booking system's id is somebody's."""
        async with self._database.write() as connection:
            await _add(connection, patient)

    async def add_unless_known(self, patient: Patient, known: Choose) -> Patient | None:
        """Whom `known` chooses among everybody with a contact or vendor id of the new one's; else the new one, added.

        One at a time per clinic, so that two bookings of a new person at the same moment make one patient. None where
        `known` finds that nobody can tell.
        """
        async with self._database.write() as connection:
            await one_at_a_time(connection, f"patients:{patient.clinic_id}")
            candidates = await _found(connection, patients.c.clinic_id == patient.clinic_id, _like(patient))
            choice = known(candidates)
            if choice is NEW:
                await _add(connection, patient)
                return patient
            return choice

    async def update(self, patient: Patient) -> None:
        """Replace everything that is known of the patient; NotFoundError, or RefusedError as in `add`."""
        mine = (patients.c.clinic_id == patient.clinic_id) & (patients.c.id == patient.id)
        async with self._database.write() as connection:
            if (await connection.execute(update(patients).where(mine).values(**_values(patient)))).rowcount == 0:
                raise NotFoundError("there is no such patient in this clinic")
            vendor_ids = patient_vendor_ids
            await connection.execute(delete(vendor_ids).where(vendor_ids.c.patient_id == patient.id))
            await _add_vendor_ids(connection, patient)

    async def get(self, clinic_id: str, patient_id: str) -> Patient:
        """The patient, or NotFoundError."""
        found = await self._find(patients.c.clinic_id == clinic_id, patients.c.id == patient_id)
        if not found:
            raise NotFoundError("there is no such patient in this clinic")
        return found[0]

    async def by_vendor(self, clinic_id: str, source: str, vendor_id: str) -> Patient | None:
        """The patient whom a booking system knows by this id."""
        key = patient_vendor_ids.c
        owner = select(key.patient_id).where(
            key.clinic_id == clinic_id, key.source == source, key.vendor_id == vendor_id
        )
        found = await self._find(patients.c.clinic_id == clinic_id, patients.c.id.in_(owner))
        return found[0] if found else None

    async def by_phone(self, clinic_id: str, e164: str) -> list[Patient]:
        """Everybody with this number: families share one."""
        return await self._find(patients.c.clinic_id == clinic_id, patients.c.phone == e164)

    async def by_email(self, clinic_id: str, email: str) -> list[Patient]:
        """Everybody with this address, whatever its upper and lower case."""
        return await self._find(patients.c.clinic_id == clinic_id, patients.c.email_key == email.lower())

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Patient]:
        async with self._database.read() as connection:
            return await _found(connection, *conditions)


async def _found(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> list[Patient]:
    rows = (await connection.execute(select(patients).where(*conditions).order_by(patients.c.id))).all()
    known = patient_vendor_ids.c
    ids = select(known.patient_id, known.source, known.vendor_id).where(known.patient_id.in_([row.id for row in rows]))
    vendor_ids = (await connection.execute(ids)).all() if rows else []
    return [_patient(row, {v.source: v.vendor_id for v in vendor_ids if v.patient_id == row.id}) for row in rows]


def _like(patient: Patient) -> ColumnElement[bool]:
    """Shares a contact or a vendor id with the patient."""
    key = patient_vendor_ids.c
    owners = [
        patients.c.id.in_(
            select(key.patient_id).where(
                key.clinic_id == patient.clinic_id, key.source == source, key.vendor_id == vendor_id
            )
        )
        for source, vendor_id in patient.vendor_ids.items()
    ]
    phone = [patients.c.phone == patient.phone] if patient.phone else []
    email = [patients.c.email_key == patient.email.lower()] if patient.email else []
    return or_(false(), *owners, *phone, *email)


async def _add(connection: AsyncConnection, patient: Patient) -> None:
    try:
        async with connection.begin_nested():
            await connection.execute(insert(patients).values(**_values(patient)))
    except IntegrityError as error:
        raise RefusedError("exists", "this patient id or its clinic cannot be used") from error
    await _add_vendor_ids(connection, patient)


def _values(patient: Patient) -> dict[str, Any]:
    values = {name: getattr(patient, name) for name in _PLAIN}
    email_key = patient.email.lower() if patient.email else None
    return values | {"email_key": email_key, "profile": patient.profile.model_dump(mode="json")}


def _patient(row: Row[Any], vendor_ids: dict[str, str]) -> Patient:
    plain = {name: row._mapping[name] for name in _PLAIN}
    return Patient.model_validate(plain | {"profile": row.profile, "vendor_ids": vendor_ids})


async def _add_vendor_ids(connection: AsyncConnection, patient: Patient) -> None:
    for source, vendor_id in patient.vendor_ids.items():
        values = {"clinic_id": patient.clinic_id, "source": source, "vendor_id": vendor_id, "patient_id": patient.id}
        if not await insert_ignoring(connection, patient_vendor_ids, values):
            raise RefusedError("vendor_id_taken", f"another patient of this clinic has this id in {source}")
