"""Consents: an append-only ledger by contact; the newest entry counts."""

from sqlalchemy import ColumnElement

from domain.messages import Channel
from domain.patient import Consent
from store.database import Database
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import consents


class Consents:
    """A consent belongs to a channel and an address, whoever uses it. E-mail addresses count without their case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, consent: Consent) -> None:
        """Append; the same entry a second time changes nothing."""
        values = values_of(consent) | {"address": consent.address.lower()}
        async with self._database.write() as connection:
            await insert_ignoring(connection, consents, values)

    async def status(self, clinic_id: str, channel: Channel, address: str, purpose: str = "care") -> Consent | None:
        """The newest entry; None when nobody ever asked, which counts as no."""
        query = select_as(Consent, consents).where(_of(clinic_id, channel, address), consents.c.purpose == purpose)
        async with self._database.read() as connection:
            return await one(connection, Consent, query.order_by(consents.c.at.desc(), consents.c.id.desc()).limit(1))

    async def history(self, clinic_id: str, channel: Channel, address: str) -> list[Consent]:
        """All entries of all purposes, oldest first."""
        query = select_as(Consent, consents).where(_of(clinic_id, channel, address))
        async with self._database.read() as connection:
            return await many(connection, Consent, query.order_by(consents.c.at, consents.c.id))


def _of(clinic_id: str, channel: Channel, address: str) -> ColumnElement[bool]:
    contact = (consents.c.channel == channel) & (consents.c.address == address.lower())
    return (consents.c.clinic_id == clinic_id) & contact
