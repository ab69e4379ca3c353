"""Takes stored texts of patients into the journeys: who wrote, what it answers, what the rules make of it, who hears.

The order is that of harm: an opt-out is honoured first, an urgent reply raises its alarm next, then the journey hears.
Every step may be done again and changes nothing the second time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.post_office import PostOffice
from activities.requests import AlarmRequest
from channels.twilio_webhooks import parse_inbound, read_form
from domain.clinic import Clinic
from domain.journey.events import ContactChange, Reply
from domain.messages import Channel, InboundSms
from domain.patient import Consent, ConsentStatus
from domain.records import AuditEntry, InboxRow, JourneyRecord
from domain.replies import Label, Question, Reading, ReplyReader
from relay.addressees import Addressee, Addressees
from relay.front_desk import FrontDesk, may_text
from relay.keywords import HELP_WORDS, KeywordAnswers, is_keyword
from relay.matching import e164
from store import Store
from workflows.client import JourneyEndedError, Journeys

OPT_OUT_TYPES = {"STOP": Label.OPT_OUT, "START": Label.OPT_IN, "HELP": Label.HELP}
WORRYING = (Label.CONCERN, Label.URGENT)
"""Where nobody knows whose it is, it shuts every gate that it could be about: doubt goes up."""


@dataclass(frozen=True)
class ReplyIntake:
    """Handles inbox rows of inbound SMS."""

    store: Store
    journeys: Journeys
    reader: ReplyReader
    post_office: PostOffice
    skew: Callable[[], timedelta] = timedelta

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored text."""
        clinic = await self.store.clinics.get(row.clinic_id)
        sms = parse_inbound(read_form(row.body), row.received_at)
        phone = e164(sms.sender, clinic.country) or sms.sender
        addressee = await Addressees(self.store).find(clinic, phone, now)
        reading = self._read(clinic, sms, addressee)
        changes_mind = await self._changes_mind(clinic, phone, reading)
        await self._honour(clinic, phone, reading, row, now)
        await self._alarm(clinic, phone, reading, row, addressee)
        await self._note(clinic, reading, row, addressee, now)
        await self._tell_contacts(clinic, phone, reading, row)
        if changes_mind:
            answers = KeywordAnswers(self.post_office)
            await answers.answer(clinic, sms, phone, reading, row, addressee.locale(clinic), now)
        concerned = addressee.journeys if not addressee.ambiguous or reading.label in WORRYING else ()
        heard = [await self._tell(journey, reading, row, addressee) for journey in concerned]
        if addressee.ambiguous or not any(heard):
            await FrontDesk(self.store, self.post_office).take(clinic, reading, row, addressee, now)

    # What

    def _read(self, clinic: Clinic, sms: InboundSms, addressee: Addressee) -> Reading:
        question = Question(addressee.question.question) if addressee.question else None
        locale = addressee.locale(clinic)
        reading = self.reader.read(sms.body, lang=locale, question=question, media_count=sms.media_count)
        told = OPT_OUT_TYPES.get(sms.opt_out_type or "")
        if told and reading.label is not Label.URGENT:
            reading = reading.model_copy(update={"label": told, "rule": "provider.opt_out_type"})
        if is_keyword(sms, HELP_WORDS):
            reading = reading.model_copy(update={"courtesy": True})
        return reading

    # Who hears

    async def _changes_mind(self, clinic: Clinic, phone: str, reading: Reading) -> bool:
        """Who has opted out already is not told so again; what asks for help is always new."""
        if not _opts_out(reading):
            return True
        consent = await self.store.consents.status(clinic.id, Channel.SMS, phone)
        return consent is None or consent.status is not ConsentStatus.REVOKED

    async def _honour(self, clinic: Clinic, phone: str, reading: Reading, row: InboxRow, now: datetime) -> None:
        """STOP and its relatives end the consent of the number, whoever wrote; START gives it back."""
        if _opts_out(reading):
            status = ConsentStatus.REVOKED
        elif reading.label is Label.OPT_IN:
            status = ConsentStatus.GRANTED
        else:
            return
        await self.store.consents.record(
            Consent(
                clinic_id=clinic.id,
                channel=Channel.SMS,
                address=phone,
                status=status,
                origin=f"reply:{row.id}",
                at=now,
            )
        )

    async def _tell_contacts(self, clinic: Clinic, phone: str, reading: Reading, row: InboxRow) -> None:
        """A number's opt-out or return concerns every journey that texts it."""
        opted_out = _opts_out(reading)
        if not opted_out and reading.label is not Label.OPT_IN:
            return
        for patient in await self.store.patients.by_phone(clinic.id, phone):
            for journey in await self.store.journeys.of_patient(clinic.id, patient.id, open_only=True):
                try:
                    change = ContactChange(opted_out=opted_out)
                    await self.journeys.contact(journey.id, change, f"contact-{row.id}")
                except JourneyEndedError:
                    continue

    async def _alarm(self, clinic: Clinic, phone: str, reading: Reading, row: InboxRow, addressee: Addressee) -> None:
        if reading.label is not Label.URGENT:
            return
        await self.journeys.alarm(
            AlarmRequest(
                clinic_id=clinic.id,
                reply_id=row.id,
                patient_id=addressee.patient_id,
                journey_id=addressee.journey_id,
                emergency=reading.emergency,
                self_harm=reading.self_harm,
                may_text=await may_text(self.store, clinic, phone),
                skew=self.skew(),
            )
        )

    async def _tell(self, journey: JourneyRecord, reading: Reading, row: InboxRow, addressee: Addressee) -> bool:
        """False when the journey has ended."""
        question = addressee.question
        reply = Reply(
            reply_id=row.id,
            label=reading.label,
            rule=reading.rule,
            ask_id=question.ask_id if question else "",
            question=Question(question.question) if question else None,
            exposures=reading.exposures,
            call_me=reading.call_me,
            opt_out=_opts_out(reading),
            courtesy=reading.courtesy,
            media=reading.media,
        )
        try:
            await self.journeys.reply(journey.id, reply)
        except JourneyEndedError:
            return False
        return True

    async def _note(self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime) -> None:
        """The timeline names the inbox row; the text itself stays there."""
        await self.store.audit.append(
            [
                AuditEntry(
                    clinic_id=clinic.id,
                    journey_id=addressee.journey_id,
                    at=now,
                    kind="reply",
                    actor="patient",
                    data={
                        "inbox_id": row.id,
                        "category": reading.label.value,
                        "rule": reading.rule,
                        "question": addressee.question.question if addressee.question else None,
                        "opt_out": _opts_out(reading),
                    },
                    dedupe=f"reply:{row.id}",
                )
            ]
        )


def _opts_out(reading: Reading) -> bool:
    """Also for a number that is not (or no longer) the patient's: consent does not travel with a number."""
    return reading.opt_out or reading.other_person or reading.label is Label.OPT_OUT
