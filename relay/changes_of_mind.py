"""Opt-outs and returns: they concern a number, whoever wrote from it, and every journey that texts it."""

from dataclasses import dataclass
from datetime import datetime

from domain.journey.events import ContactChange
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import InboxRow
from domain.replies import Label, Reading
from store import Store
from workflows.client import JourneyEndedError, Journeys


def opts_out(reading: Reading) -> bool:
    """Also for a number that is not (or no longer) the patient's: consent does not travel with a number."""
    return reading.opt_out or reading.other_person or reading.label is Label.OPT_OUT


@dataclass(frozen=True)
class ChangesOfMind:
    """Keeps them; each step may be done again and changes nothing the second time."""

    store: Store
    journeys: Journeys

    async def is_news(self, clinic_id: str, phone: str, reading: Reading) -> bool:
        """Who has opted out already is not told so again; what asks for help is always new."""
        if not opts_out(reading):
            return True
        consent = await self.store.consents.status(clinic_id, Channel.SMS, phone)
        return consent is None or consent.status is not ConsentStatus.REVOKED

    async def honour(self, clinic_id: str, phone: str, reading: Reading, row: InboxRow, now: datetime) -> None:
        """STOP and its relatives end the consent of the number, whoever wrote; START gives it back."""
        if opts_out(reading):
            status = ConsentStatus.REVOKED
        elif reading.label is Label.OPT_IN:
            status = ConsentStatus.GRANTED
        else:
            return
        await self.store.consents.record(
            Consent(
                clinic_id=clinic_id,
                channel=Channel.SMS,
                address=phone,
                status=status,
                origin=f"reply:{row.id}",
                at=now,
            )
        )

    async def tell(self, clinic_id: str, phone: str, reading: Reading, row: InboxRow) -> None:
        """Every journey that texts the number hears of it."""
        opted_out = opts_out(reading)
        if not opted_out and reading.label is not Label.OPT_IN:
            return
        for patient in await self.store.patients.by_phone(clinic_id, phone):
            for journey in await self.store.journeys.of_patient(clinic_id, patient.id, open_only=True):
                try:
                    change = ContactChange(opted_out=opted_out)
                    await self.journeys.contact(journey.id, change, f"contact-{row.id}")
                except JourneyEndedError:
                    continue
