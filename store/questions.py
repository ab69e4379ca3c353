"""Open questions: what a patient's next text may be an answer to."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import LineBusyError
from domain.records import FollowUpQuestion, NewQuestion, OpenQuestion
from store.database import Database
from store.sql import many, new_id, select_as, values_of
from store.tables import patients, questions

LINE_HELD_FOR = timedelta(hours=4)
"""So long a phone waits for the answer to one question before another journey may ask its own: a working half-day,
so that two people of a household who are due on one morning are both asked on that day (our judgement, 0016)."""


class Questions:
    """They are opened by `Ledger.claim`, together with the message that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_for_phone(self, clinic_id: str, phone: str) -> list[OpenQuestion]:
        """The open questions that were asked at this number, newest first."""
        mine = (questions.c.clinic_id == clinic_id) & (questions.c.phone == phone)
        query = select_as(OpenQuestion, questions).where(mine, questions.c.closed_at.is_(None))
        async with self._database.read() as connection:
            return await many(
                connection, OpenQuestion, query.order_by(questions.c.opened_at.desc(), questions.c.id.desc())
            )

    async def close(self, question_id: str, now: datetime) -> None:
        await self._close(questions.c.id == question_id, now)

    async def close_of_ask(self, journey_id: str, ask_id: str, now: datetime) -> None:
        await self._close((questions.c.journey_id == journey_id) & (questions.c.ask_id == ask_id), now)

    async def close_of_journey(self, journey_id: str, now: datetime) -> None:
        await self._close(questions.c.journey_id == journey_id, now)

    async def move_of_patient(self, clinic_id: str, patient_id: str, phone: str | None, now: datetime) -> None:
        """The patient has another number: what is open waits for an answer from there; without one it is closed."""
        mine = (questions.c.clinic_id == clinic_id) & (questions.c.patient_id == patient_id)
        if phone is None:
            await self._close(mine, now)
            return
        async with self._database.write() as connection:
            await connection.execute(update(questions).where(mine, questions.c.closed_at.is_(None)).values(phone=phone))

    async def _close(self, which: ColumnElement[bool], now: datetime) -> None:
        async with self._database.write() as connection:
            await close_questions(connection, which, now)


async def open_question(connection: AsyncConnection, new: NewQuestion, message_id: str) -> None:
    """Open it, in the place of an older question of the same ask (a reminder asks again).

    LineBusyError while the phone still has time to answer a question of another journey.
    """
    if not isinstance(new, FollowUpQuestion):
        await _wait_for_turn(connection, new)
    same_ask = (questions.c.journey_id == new.journey_id) & (questions.c.ask_id == new.ask_id)
    await close_questions(connection, same_ask, new.opened_at)
    values = values_of(new) | {"id": new_id(), "message_id": message_id}
    await connection.execute(insert(questions).values(**values))


async def _wait_for_turn(connection: AsyncConnection, new: NewQuestion) -> None:
    # Two journeys may ask in the same instant: locking the phone's people lets one of them see the other's question.
    people = select(patients.c.id).where(patients.c.clinic_id == new.clinic_id, patients.c.phone == new.phone)
    await connection.execute(people.order_by(patients.c.id).with_for_update(key_share=True))
    others = (questions.c.clinic_id == new.clinic_id) & (questions.c.phone == new.phone)
    others &= questions.c.closed_at.is_(None) & (questions.c.journey_id != new.journey_id)
    asked_at = await connection.scalar(select(func.max(questions.c.opened_at)).where(others))
    if asked_at is not None and new.opened_at < asked_at + LINE_HELD_FOR:
        raise LineBusyError(asked_at + LINE_HELD_FOR)


async def close_of_message(connection: AsyncConnection, message_id: str, now: datetime) -> None:
    """The message never reached anybody, so its question was never asked."""
    await close_questions(connection, questions.c.message_id == message_id, now)


async def close_questions(connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> None:
    """Close what is open of these."""
    await connection.execute(update(questions).where(which, questions.c.closed_at.is_(None)).values(closed_at=now))
