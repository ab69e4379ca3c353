"""Our own answers to STOP, START and HELP, where nobody else gives them.

A provider answers its own keywords, and sends nothing more to who used them; phrases ("please take me off") it does not
know. One confirmation of an opt-out is allowed, within five minutes and without advertising (docs/messaging-law.md).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from activities.post_office import Letter, PostOffice
from domain.clinic import Clinic
from domain.messages import Channel, InboundSms
from domain.records import InboxRow, NewMessage
from domain.replies import Label, Reading
from domain.wording import MessageContext

STOP_WORDS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS: Final = frozenset({"start", "yes", "unstop"})
HELP_WORDS: Final = frozenset({"help", "info"})
"""Twilio's defaults (reference: support article 223134027); it answers the whole text being one of these."""
KEYS: Final = {Label.OPT_OUT: "opted_out", Label.OPT_IN: "opted_in", Label.HELP: "help"}
USEFUL_FOR: Final = timedelta(minutes=5)
HELP_AGAIN_AFTER: Final = timedelta(hours=1)


def is_keyword(sms: InboundSms, words: frozenset[str]) -> bool:
    """Whether the whole text is one of these words."""
    return sms.body.strip().strip(".!\"'").casefold() in words


def answered_by_provider(clinic: Clinic, sms: InboundSms) -> bool:
    """Whether the provider has answered this text itself."""
    keyword = is_keyword(sms, STOP_WORDS | START_WORDS | HELP_WORDS)
    return sms.opt_out_type is not None or (clinic.provider_answers_keywords and keyword)


@dataclass(frozen=True)
class KeywordAnswers:
    """Sends each answer once; a retry of the same text finds the same ledger row."""

    post_office: PostOffice

    async def answer(
        self, clinic: Clinic, sms: InboundSms, phone: str, reading: Reading, row: InboxRow, locale: str, now: datetime
    ) -> None:
        """Confirm an opt-out or a return, or say who writes; nothing where the provider did."""
        key = KEYS.get(reading.label)
        help_phrase = reading.label is Label.HELP and not is_keyword(sms, HELP_WORDS)
        if key is None or help_phrase or reading.other_person or answered_by_provider(clinic, sms):
            return
        place = clinic.main
        letter = Letter(
            new=_row(clinic, key, phone, row, now),
            address=phone,
            locale=locale,
            key=key,
            context=MessageContext(
                clinic=clinic.name,
                zone=clinic.timezone,
                phone=place.phone_at(now),
                sos=place.emergency_number,
                country=clinic.country,
            ),
            needs_consent=False,
        )
        await self.post_office.post(letter, clinic, place, now)


def _row(clinic: Clinic, key: str, phone: str, row: InboxRow, now: datetime) -> NewMessage:
    """Help is given once an hour however often it is asked; the others once per change of mind."""
    which = str(int(now.timestamp() // HELP_AGAIN_AFTER.total_seconds())) if key == "help" else row.id
    sender = hashlib.sha256(f"{clinic.id}:{phone}".encode()).hexdigest()[:24]
    return NewMessage(
        key=f"sender-{sender}:{key}::{which}:sms",
        clinic_id=clinic.id,
        journey_id=None,
        patient_id=None,
        touchpoint=key,
        channel=Channel.SMS,
        due_at=now,
        expires_at=row.received_at + USEFUL_FOR,
    )
