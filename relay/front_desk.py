"""The front desk of replies that no journey hears: a task for a person, and one answer to the phone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.covering import Covering
from activities.post_office import Letter, PostOffice
from domain.clinic import Clinic
from domain.messages import Channel
from domain.patient import ConsentStatus
from domain.records import InboxRow, NewMessage, Task, TaskCause, Urgency
from domain.replies import Label, Reading
from domain.wording import MessageContext
from relay.addressees import Addressee
from relay.ask_back import AskBack
from store import Store
from workflows.ids import new_id

ACK_EVERY = timedelta(hours=12)
NUMBERS_OWN = (Label.OPT_OUT, Label.OPT_IN)
"""These concern the number, not one of its people."""
FOR_A_PERSON = (Label.CONCERN, Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.UNCLEAR)


async def may_text(store: Store, clinic: Clinic, phone: str) -> bool:
    """Who opted out gets no text; who never had to consent wrote to us first and may be answered."""
    consent = await store.consents.status(clinic.id, Channel.SMS, phone)
    return consent is None or consent.status is not ConsentStatus.REVOKED


def reply_scope(row: InboxRow) -> str:
    """Scope of the task about one text that was asked back."""
    return f"reply:{row.id}"


@dataclass(frozen=True)
class FrontDesk:
    """Opens tasks of the clinic; asks back whom a text is about, or says when a person reads it."""

    store: Store
    post_office: PostOffice

    async def take(self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime) -> None:
        """Nobody's journey heard it: what needs a person becomes a task of the clinic."""
        doubtful = addressee.ambiguous and reading.label not in NUMBERS_OWN
        tells_more = reading.label is Label.OPT_OUT and bool(reading.exposures)
        needs_a_person = reading.label in FOR_A_PERSON or reading.other_person or doubtful or tells_more
        if reading.courtesy or not needs_a_person:
            return
        cause = TaskCause.CONCERN if reading.label is Label.CONCERN or tells_more else TaskCause.QUESTION
        cause = TaskCause.UNREADABLE if reading.label is Label.UNCLEAR or addressee.ambiguous else cause
        asked_back = await self._asks_back(clinic, reading, row, addressee, now)
        if not asked_back:
            await self._acknowledge(clinic, reading, row, addressee, now)
        same_day = cause is TaskCause.UNREADABLE
        calendar = clinic.main.calendar
        task, is_news = await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=clinic.id,
                scope=reply_scope(row) if asked_back else _scope(row, addressee),
                patient_id=addressee.patient_id,
                cause=cause,
                urgency=Urgency.SAME_DAY if same_day else Urgency.NEXT_WORKING_DAY,
                due=calendar.end_of_this_working_day(now) if same_day else calendar.end_of_next_working_day(now),
                detail={"reply_id": row.id},
                opened_at=now,
            )
        )
        if is_news:
            await Covering(self.post_office, self.store.clinics).tell(task, now)

    async def _asks_back(
        self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime
    ) -> bool:
        """A harmless text that may be about several people; what worries is a person's at once."""
        worrying = reading.label in (Label.CONCERN, Label.URGENT)
        if not addressee.ambiguous or worrying or reading.opt_out or reading.other_person:
            return False
        return await AskBack(self.store, self.post_office).ask(clinic, row, addressee, now)

    async def _acknowledge(
        self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime
    ) -> None:
        """Say once in twelve hours when a person reads it; journeys do this for their own patients."""
        phone = row.key.removeprefix("phone:")
        if reading.label not in FOR_A_PERSON or not await may_text(self.store, clinic, phone):
            return
        key = f"sender-{hashlib.sha256(row.key.encode()).hexdigest()[:24]}:ack::{row.id}:sms"
        said = await self.store.ledger.texted_since(clinic.id, phone, "ack", now - ACK_EVERY)
        if any(other != key for other in said):
            return
        place, calendar = clinic.main, clinic.main.calendar
        letter = Letter(
            new=NewMessage(
                key=key,
                clinic_id=clinic.id,
                journey_id=None,
                patient_id=addressee.patient_id,
                touchpoint="ack",
                channel=Channel.SMS,
                due_at=now,
                expires_at=now + ACK_EVERY,
            ),
            address=phone,
            locale=addressee.locale(clinic),
            key="ack",
            context=MessageContext(
                clinic=clinic.name,
                zone=clinic.timezone,
                day=calendar.next_working_day(calendar.today(now)),
                phone=place.phone_at(now),
                sos=place.emergency_number,
                country=clinic.country,
            ),
            needs_consent=False,
        )
        await self.post_office.post(letter, clinic, place, now)


def _scope(row: InboxRow, addressee: Addressee) -> str:
    return f"patient:{addressee.patient.id}" if addressee.patient else f"sender:{row.key}"
