"""Consents: an append-only ledger by contact; the newest entry counts."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import MessageRow, MessageState, SkipReason
from store.database import Database
from store.message_rows import change, note, select_rows
from store.sql import insert_ignoring, many, one, select_as, values_of
from store.tables import consents, messages, patients


class Consents:
    """A consent belongs to a channel and an address, whoever uses it. E-mail addresses count without their case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, consent: Consent) -> None:
        """Append; the same entry a second time changes nothing. An opt-out withdraws what waits for this contact."""
        values = values_of(consent) | {"address": consent.address.lower()}
        async with self._database.write() as connection:
            await insert_ignoring(connection, consents, values)
            newest = await one(connection, Consent, _newest(consent.clinic_id, consent.channel, consent.address))
            if newest and newest.status is ConsentStatus.REVOKED:
                await _withdraw(connection, newest)

    async def status(self, clinic_id: str, channel: Channel, address: str, purpose: str = "care") -> Consent | None:
        """The newest entry; None when nobody ever asked, which counts as no."""
        async with self._database.read() as connection:
            return await one(connection, Consent, _newest(clinic_id, channel, address, purpose))

    async def history(self, clinic_id: str, channel: Channel, address: str) -> list[Consent]:
        """All entries of all purposes, oldest first."""
        query = select_as(Consent, consents).where(_of(clinic_id, channel, address))
        async with self._database.read() as connection:
            return await many(connection, Consent, query.order_by(consents.c.at, consents.c.id))


def _newest(clinic_id: str, channel: Channel, address: str, purpose: str = "care") -> Select[Any]:
    query = select_as(Consent, consents).where(_of(clinic_id, channel, address), consents.c.purpose == purpose)
    return query.order_by(consents.c.at.desc(), consents.c.id.desc()).limit(1)


async def _withdraw(connection: AsyncConnection, opt_out: Consent) -> None:
    """Pending messages of journeys to this contact are skipped now; safety texts need no consent and stay."""
    contact = patients.c.phone if opt_out.channel is Channel.SMS else patients.c.email_key
    people = select(patients.c.id).where(patients.c.clinic_id == opt_out.clinic_id, contact == opt_out.address)
    theirs = (messages.c.patient_id.in_(people)) & (messages.c.channel == opt_out.channel)
    waiting = (messages.c.clinic_id == opt_out.clinic_id) & (messages.c.state == MessageState.PENDING)
    of_journey = messages.c.key.like(messages.c.journey_id.concat(":%"))
    query = select_rows().where(waiting, theirs, of_journey).with_for_update()
    skipped = {"state": MessageState.SKIPPED, "reason": SkipReason.OPTED_OUT}
    for row in await many(connection, MessageRow, query):
        await note(connection, await change(connection, row, skipped), "message.skipped", opt_out.at)


def _of(clinic_id: str, channel: Channel, address: str) -> ColumnElement[bool]:
    contact = (consents.c.channel == channel) & (consents.c.address == address.lower())
    return (consents.c.clinic_id == clinic_id) & contact
