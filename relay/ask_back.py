"""Several people use one number: the phone is asked back, by first name, whom its text is about.

The question goes out beside the task for a person, never instead of it: an answer closes the task, silence leaves it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from activities.post_office import Letter, PostOffice
from domain.clinic import Clinic
from domain.messages import Channel
from domain.patient import Patient
from domain.records import FollowUpQuestion, InboxRow, NewMessage, NewQuestion, OpenQuestion
from domain.wording import MAX_NAME, MessageContext
from relay.addressees import WHO, WHO_WITHIN, Addressee, words_of
from store import Store

KEY: Final = "ask_who"
AGAIN_AFTER: Final = timedelta(hours=12)
MOST_NAMES: Final = 4
"""More would not fit into one SMS."""
NOBODY: Final = ""
"""Answers 'somebody else'."""


@dataclass(frozen=True)
class AskBack:
    """Asks at most once in twelve hours."""

    store: Store
    post_office: PostOffice

    async def ask(self, clinic: Clinic, row: InboxRow, addressee: Addressee, now: datetime) -> bool:
        """True when the question is out; a retry of the same text finds the same ledger row."""
        phone, people = row.key.removeprefix("phone:"), addressee.household
        if not can_be_told_apart(people) or await self._asked_lately(clinic, phone, row, now):
            return False
        letter = Letter(
            new=_message(clinic, phone, row, now),
            address=phone,
            locale=addressee.locale(clinic),
            key=KEY,
            context=MessageContext(
                clinic=clinic.name,
                zone=clinic.timezone,
                country=clinic.country,
                names=", ".join(f"{digit} {one.first_name[:MAX_NAME]}" for digit, one in enumerate(people, 1)),
                other=str(len(people) + 1),
            ),
            question=_question(clinic, phone, row, people, now),
        )
        outcome = await self.post_office.post(letter, clinic, clinic.main, now)
        return outcome.state in ("accepted", "unknown")

    async def _asked_lately(self, clinic: Clinic, phone: str, row: InboxRow, now: datetime) -> bool:
        keys = await self.store.ledger.texted_since(clinic.id, phone, KEY, now - AGAIN_AFTER)
        return any(key != _message_key(clinic, phone, row) for key in keys)


def can_be_told_apart(people: Sequence[Patient]) -> bool:
    """Whether a digit and a first name mean one of them."""
    names = {" ".join(words_of(one.first_name)) for one in people} - {""}
    return 2 <= len(people) <= MOST_NAMES and len(names) == len(people)


def original_of(question: OpenQuestion) -> str:
    """Id of the stored text that the question is about."""
    return question.ask_id.removeprefix(f"{WHO}:")


def chosen(question: OpenQuestion, text: str, household: Sequence[Patient]) -> str | None:
    """Id of the patient whom the text names, by digit, first name or both; NOBODY; None when it names no single one."""
    ids = question.step.split(",")
    names = {one.id: " ".join(words_of(one.first_name)) for one in household}
    answers = {str(len(ids) + 1): NOBODY}
    for digit, patient_id in enumerate(ids, 1):
        if name := names.get(patient_id):
            answers |= {str(digit): patient_id, name: patient_id, f"{digit} {name}": patient_id}
    return answers.get(" ".join(words_of(text)))


def _message_key(clinic: Clinic, phone: str, row: InboxRow) -> str:
    sender = hashlib.sha256(f"{clinic.id}:{phone}".encode()).hexdigest()[:24]
    return f"sender-{sender}:{KEY}::{row.id}:sms"


def _message(clinic: Clinic, phone: str, row: InboxRow, now: datetime) -> NewMessage:
    return NewMessage(
        key=_message_key(clinic, phone, row),
        clinic_id=clinic.id,
        journey_id=None,
        patient_id=None,
        touchpoint=KEY,
        channel=Channel.SMS,
        due_at=now,
        expires_at=now + WHO_WITHIN,
    )


def _question(clinic: Clinic, phone: str, row: InboxRow, people: Sequence[Patient], now: datetime) -> NewQuestion:
    """It belongs to no patient or journey; `step` keeps the patients in the order of their digits."""
    return FollowUpQuestion(
        clinic_id=clinic.id,
        phone=phone,
        patient_id="",
        journey_id="",
        question=WHO,
        touchpoint=KEY,
        step=",".join(one.id for one in people),
        ask_id=f"{WHO}:{row.id}",
        opened_at=now,
    )
