"""While a clinic is closed for more than two days, what falls due there is told to its covering contact."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.post_office import Letter, PostOffice
from domain.ports import Clinics
from domain.records import NewMessage, Task, Urgency
from domain.wording import MessageContext

LONG_CLOSURE = timedelta(days=2)
"""Longer than a usual weekend."""
KEY = "page_covering"


@dataclass(frozen=True)
class Covering:
    """Sends one page per task, however often it is told; it carries neither words nor data of a patient."""

    post_office: PostOffice
    clinics: Clinics

    async def tell(self, task: Task, now: datetime) -> None:
        """Page the covering contact, if there is one, and if the clinic is in a long closure now."""
        clinic = await self.clinics.get(task.clinic_id)
        place = clinic.main
        contact = place.covering
        if contact is None or task.urgency is Urgency.INFORMATION or place.calendar.closure(now) <= LONG_CLOSURE:
            return
        letter = Letter(
            new=NewMessage(
                key=f"{task.id}:{KEY}::1:{contact.channel}",
                clinic_id=clinic.id,
                journey_id=task.journey_id,
                patient_id=None,
                touchpoint=KEY,
                channel=contact.channel,
                due_at=now,
                expires_at=now + timedelta(days=1),
            ),
            address=contact.address,
            locale=clinic.locale,
            key=KEY,
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
