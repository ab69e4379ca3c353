"""Links: random tokens that stand in patients' links instead of anything about them."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError
from domain.records import Link, LinkKind
from store.database import Database
from store.sql import many, one, select_as, values_of
from store.tables import links

TOKEN_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"  # noqa: S105 - no secret: the letters of one
"""Letters and digits without look-alikes (0 O, 1 I l o): some people type a link from another screen."""
TOKEN_LENGTH = 16
"""55 signs, 16 times: 92 bits, which cannot be guessed over HTTP."""


class Links:
    def __init__(self, database: Database, new_token: Callable[[], str] | None = None) -> None:
        self._database = database
        self._new_token = new_token or random_token

    async def create(
        self,
        kind: LinkKind,
        *,
        clinic_id: str,
        patient_id: str,
        now: datetime,
        journey_id: str | None = None,
        data: dict[str, str] | None = None,
        expires_at: datetime | None = None,
        reuse: bool = False,
    ) -> Link:
        """A new link; with `reuse` the valid one of the same kind, patient, journey and data where there is one.

        So a reminder repeats the link of the first message; it then lasts until the later `expires_at`.
        """
        wanted = Link(
            token=self._new_token(),
            kind=kind,
            clinic_id=clinic_id,
            patient_id=patient_id,
            journey_id=journey_id,
            data=data or {},
            expires_at=expires_at,
        )
        async with self._database.write() as connection:
            older = await _valid_like(connection, wanted, now) if reuse else None
            if older is not None:
                return await _prolong(connection, older, expires_at)
            await connection.execute(insert(links).values(**values_of(wanted), created_at=now))
        return wanted

    async def get(self, token: str) -> Link:
        """The link, whether it still counts or not; NotFoundError for a token that never was."""
        async with self._database.read() as connection:
            link = await one(connection, Link, select_as(Link, links).where(links.c.token == token))
        if link is None:
            raise NotFoundError("this link is not known")
        return link

    async def revoke_of_patient(
        self, clinic_id: str, patient_id: str, now: datetime, kind: LinkKind | None = None
    ) -> int:
        """End all links of the patient, or those of one kind (a contact changed hands); how many there were."""
        mine = (links.c.clinic_id == clinic_id) & (links.c.patient_id == patient_id)
        mine &= links.c.kind == kind if kind else links.c.kind.is_not(None)
        statement = update(links).where(mine, links.c.revoked_at.is_(None)).values(revoked_at=now)
        async with self._database.write() as connection:
            return (await connection.execute(statement)).rowcount


def random_token() -> str:
    return "".join(secrets.choice(TOKEN_ALPHABET) for _ in range(TOKEN_LENGTH))


async def _valid_like(connection: AsyncConnection, wanted: Link, now: datetime) -> Link | None:
    same_person = (links.c.clinic_id == wanted.clinic_id) & (links.c.patient_id == wanted.patient_id)
    same_use = (links.c.kind == wanted.kind) & links.c.journey_id.is_not_distinct_from(wanted.journey_id)
    query = select_as(Link, links).where(same_person, same_use).with_for_update()
    older = await many(connection, Link, query)
    return next((link for link in older if link.data == wanted.data and _valid(link, now)), None)


def _valid(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and (link.expires_at is None or link.expires_at > now)


async def _prolong(connection: AsyncConnection, link: Link, expires_at: datetime | None) -> Link:
    if link.expires_at is None or (expires_at is not None and expires_at <= link.expires_at):
        return link
    await connection.execute(update(links).where(links.c.token == link.token).values(expires_at=expires_at))
    return link.model_copy(update={"expires_at": expires_at})
