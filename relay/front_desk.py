"""The front desk of replies that no journey hears: a task for a person, and one acknowledgement."""

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
from store import Store
from workflows.ids import new_id

ACK_BUCKET = timedelta(hours=12)
FOR_A_PERSON = (Label.CONCERN, Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.UNCLEAR)


async def may_text(store: Store, clinic: Clinic, phone: str) -> bool:
    """Who opted out gets no text; who never had to consent wrote to us first and may be answered."""
    consent = await store.consents.status(clinic.id, Channel.SMS, phone)
    return consent is None or consent.status is not ConsentStatus.REVOKED


@dataclass(frozen=True)
class FrontDesk:
    """Opens tasks of the clinic, and says when a person reads the text."""

    store: Store
    post_office: PostOffice

    async def take(self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime) -> None:
        """Nobody's journey heard it: what needs a person becomes a task of the clinic."""
        needs_a_person = reading.label in FOR_A_PERSON or reading.other_person or addressee.ambiguous
        if reading.courtesy or not needs_a_person:
            return
        cause = TaskCause.CONCERN if reading.label is Label.CONCERN else TaskCause.QUESTION
        cause = TaskCause.UNREADABLE if reading.label is Label.UNCLEAR or addressee.ambiguous else cause
        await self._acknowledge(clinic, reading, row, addressee, now)
        same_day = cause is TaskCause.UNREADABLE
        calendar = clinic.main.calendar
        task, is_news = await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=clinic.id,
                scope=f"patient:{addressee.patient.id}" if addressee.patient else f"sender:{row.key}",
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

    async def _acknowledge(
        self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime
    ) -> None:
        """Say once in twelve hours when a person reads it; journeys do this for their own patients."""
        phone = row.key.removeprefix("phone:")
        if reading.label not in FOR_A_PERSON or not await may_text(self.store, clinic, phone):
            return
        bucket = int(now.timestamp() // ACK_BUCKET.total_seconds())
        place, calendar = clinic.main, clinic.main.calendar
        letter = Letter(
            new=NewMessage(
                key=f"sender-{hashlib.sha256(row.key.encode()).hexdigest()[:24]}:ack::{bucket}:sms",
                clinic_id=clinic.id,
                journey_id=None,
                patient_id=addressee.patient_id,
                touchpoint="ack",
                channel=Channel.SMS,
                due_at=now,
                expires_at=now + ACK_BUCKET,
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
