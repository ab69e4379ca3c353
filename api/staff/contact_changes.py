"""What a changed contact takes along: the open question; links unless it was wrong; consent where staff states it."""

from dataclasses import dataclass
from datetime import datetime

from api.parts import ApiParts
from domain.clinic import Clinic
from domain.journey.events import ContactChange
from domain.messages import Channel
from domain.patient import ConsentStatus, Patient
from domain.records import JourneyRecord, LinkKind
from relay.booking_desk import BookingDesk
from workflows.client import JourneyEndedError


@dataclass(frozen=True)
class ContactMove:
    """One change of a patient, before and after."""

    parts: ApiParts
    clinic: Clinic
    before: Patient
    after: Patient
    not_theirs: bool
    """Staff says that the old number or mailbox is somebody else's."""

    async def follow(self, key: str) -> None:
        """Move the question, end what the old contact must no longer open, and tell the open journeys."""
        now = self.parts.clock()
        await self._questions(now)
        await self._links(now)
        await self._phone(now)
        change = await self._change()
        if change != ContactChange():
            await self._tell(change, key)

    def _changed(self, channel: Channel) -> bool:
        return self.before.address(channel) != self.after.address(channel)

    async def _questions(self, now: datetime) -> None:
        """The answer is the patient's, from whatever number: nobody can answer for them from the old one."""
        if self._changed(Channel.SMS):
            await self.parts.store.questions.move_of_patient(self.clinic.id, self.after.id, self.after.phone, now)

    async def _phone(self, now: datetime) -> None:
        """Whose journey runs can be asked by SMS again, or no longer."""
        if self._changed(Channel.SMS) and await self._open_journeys():
            await BookingDesk(self.parts.store).phone(self.clinic, self.after, now)

    async def _links(self, now: datetime) -> None:
        """Links that the patient has stay good, unless the old contact is somebody else's, or opted out."""
        left = [channel for channel in Channel if self._changed(channel)]
        if left and (self.not_theirs or await self._any_revoked(left)):
            await self.parts.store.links.revoke_of_patient(self.clinic.id, self.before.id, now)
        elif Channel.EMAIL in left:
            await self.parts.store.links.revoke_of_patient(
                self.clinic.id, self.before.id, now, kind=LinkKind.UNSUBSCRIBE
            )

    async def _any_revoked(self, channels: list[Channel]) -> bool:
        statuses = [await self._status(self.before, channel) for channel in channels]
        return ConsentStatus.REVOKED in statuses

    async def _status(self, patient: Patient, channel: Channel) -> ConsentStatus | None:
        address = patient.address(channel)
        if address is None:
            return None
        consent = await self.parts.store.consents.status(self.clinic.id, channel, address)
        return consent.status if consent else None

    async def _change(self) -> ContactChange:
        moved = (self.before.timezone, self.before.region) != (self.after.timezone, self.after.region)
        hours = self.parts.starter.quiet_rules.hours_for(self.clinic, self.after)
        opted_out = await self._status(self.after, Channel.SMS) is ConsentStatus.REVOKED
        return ContactChange(
            opted_out=opted_out if self._changed(Channel.SMS) else None,
            patient_zone=self.after.timezone if moved else None,
            quiet_hours=hours if moved else None,
        )

    async def _tell(self, change: ContactChange, key: str) -> None:
        for journey in await self._open_journeys():
            try:
                await self.parts.journeys.contact(journey.id, change, f"moved-{key}")
            except JourneyEndedError:
                continue

    async def _open_journeys(self) -> list[JourneyRecord]:
        return await self.parts.store.journeys.of_patient(self.clinic.id, self.after.id, open_only=True)
