"""Takes stored texts of patients into the journeys: who wrote, what it answers, what the rules make of it, who hears.

The order is that of harm: an opt-out is honoured first, an urgent reply raises its alarm next, then the journey hears.
Every step may be done again and changes nothing the second time.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.post_office import Letter, PostOffice
from activities.requests import AlarmRequest
from channels.twilio_webhooks import parse_inbound, read_form
from domain.clinic import Clinic
from domain.journey.events import ContactChange, Reply
from domain.messages import Channel, InboundSms
from domain.patient import Consent, ConsentStatus, Patient
from domain.records import AuditEntry, InboxRow, JourneyRecord, NewMessage, OpenQuestion, Task, TaskCause, Urgency
from domain.replies import Label, Question, Reading, ReplyReader
from domain.wording import MessageContext
from relay.matching import e164
from store import Store
from workflows.client import JourneyEndedError, Journeys
from workflows.ids import new_id

OPT_OUT_TYPES = {"STOP": Label.OPT_OUT, "START": Label.OPT_IN, "HELP": Label.HELP}
ANSWER_WITHIN = timedelta(days=7)
"""A text that comes later is no answer to `early`, `pre_visit` or `final` any more."""
KEYWORDS = ("help", "info")
"""Answered by the provider itself, unless the clinic's setting says otherwise."""
WORRYING = (Label.CONCERN, Label.URGENT)
"""Where nobody knows whose it is, it shuts every gate that it could be about: doubt goes up."""
ACK_BUCKET = timedelta(hours=12)
FOR_A_PERSON = (Label.CONCERN, Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.UNCLEAR)


@dataclass(frozen=True)
class Addressee:
    """Whom a text is from, as far as it is certain."""

    question: OpenQuestion | None
    patient: Patient | None
    journeys: Sequence[JourneyRecord]
    ambiguous: bool = False
    """Several people use this number: `journeys` are all that it could be about."""


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
        addressee = await self._addressee(clinic, phone, now)
        reading = self._read(clinic, sms, addressee)
        await self._honour(clinic, phone, reading, row, now)
        await self._alarm(clinic, phone, reading, row, addressee)
        await self._note(clinic, reading, row, addressee, now)
        await self._tell_contacts(clinic, phone, reading, row)
        concerned = addressee.journeys if not addressee.ambiguous or reading.label in WORRYING else ()
        heard = [await self._tell(journey, reading, row, addressee) for journey in concerned]
        if addressee.ambiguous or not any(heard):
            await self._without_journey(clinic, reading, row, addressee, now)

    # Who

    async def _addressee(self, clinic: Clinic, phone: str, now: datetime) -> Addressee:
        """The one open question of this phone, else the one patient with it; between two nobody guesses."""
        opened = await self.store.questions.open_for_phone(clinic.id, phone)
        questions = [question for question in opened if _still_waits(question, now)]
        if len(questions) == 1:
            question = questions[0]
            patient = await self.store.patients.get(clinic.id, question.patient_id)
            return Addressee(question, patient, [await self.store.journeys.get(question.journey_id)])
        patients = await self.store.patients.by_phone(clinic.id, phone)
        journeys = [
            journey
            for patient in patients
            for journey in await self.store.journeys.of_patient(clinic.id, patient.id, open_only=True)
        ]
        if len(patients) != 1:
            return Addressee(None, None, journeys, ambiguous=len(patients) > 1)
        newest = questions[0] if questions else None
        return Addressee(newest if len(journeys) == 1 else None, patients[0], journeys)

    # What

    def _read(self, clinic: Clinic, sms: InboundSms, addressee: Addressee) -> Reading:
        question = Question(addressee.question.question) if addressee.question else None
        locale = addressee.patient.locale if addressee.patient else clinic.locale
        reading = self.reader.read(sms.body, lang=locale, question=question, media_count=sms.media_count)
        told = OPT_OUT_TYPES.get(sms.opt_out_type or "")
        if told and reading.label is not Label.URGENT:
            reading = reading.model_copy(update={"label": told, "rule": "provider.opt_out_type"})
        if clinic.provider_answers_keywords and sms.body.strip().casefold() in KEYWORDS:
            reading = reading.model_copy(update={"courtesy": True})
        return reading

    # Who hears

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
                patient_id=addressee.patient.id if addressee.patient else None,
                journey_id=addressee.journeys[0].id if len(addressee.journeys) == 1 else None,
                emergency=reading.emergency,
                self_harm=reading.self_harm,
                may_text=await self._may_text(clinic, phone),
                skew=self.skew(),
            )
        )

    async def _may_text(self, clinic: Clinic, phone: str) -> bool:
        """Who opted out gets no text; who never had to consent wrote to us first and may be answered."""
        consent = await self.store.consents.status(clinic.id, Channel.SMS, phone)
        return consent is None or consent.status is not ConsentStatus.REVOKED

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

    async def _without_journey(
        self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime
    ) -> None:
        """Nobody's journey heard it: what needs a person becomes a task of the clinic."""
        needs_a_person = reading.label in FOR_A_PERSON or reading.other_person or addressee.ambiguous
        if reading.courtesy or not needs_a_person:
            return
        cause = TaskCause.CONCERN if reading.label is Label.CONCERN else TaskCause.QUESTION
        cause = TaskCause.UNREADABLE if reading.label is Label.UNCLEAR or addressee.ambiguous else cause
        await self._acknowledge(clinic, reading, row, addressee, now)
        same_day = cause is TaskCause.UNREADABLE
        calendar = clinic.main.calendar
        await self.store.tasks.open(
            Task(
                id=new_id(),
                clinic_id=clinic.id,
                scope=f"patient:{addressee.patient.id}" if addressee.patient else f"sender:{row.key}",
                patient_id=addressee.patient.id if addressee.patient else None,
                cause=cause,
                urgency=Urgency.SAME_DAY if same_day else Urgency.NEXT_WORKING_DAY,
                due=calendar.end_of_this_working_day(now) if same_day else calendar.end_of_next_working_day(now),
                detail={"reply_id": row.id},
                opened_at=now,
            )
        )

    async def _acknowledge(
        self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime
    ) -> None:
        """Say once in twelve hours when a person reads it; journeys do this for their own patients."""
        phone = row.key.removeprefix("phone:")
        if reading.label not in FOR_A_PERSON or not await self._may_text(clinic, phone):
            return
        bucket = int(now.timestamp() // ACK_BUCKET.total_seconds())
        place, calendar = clinic.main, clinic.main.calendar
        letter = Letter(
            new=NewMessage(
                key=f"sender-{hashlib.sha256(row.key.encode()).hexdigest()[:24]}:ack::{bucket}:sms",
                clinic_id=clinic.id,
                journey_id=None,
                patient_id=addressee.patient.id if addressee.patient else None,
                touchpoint="ack",
                channel=Channel.SMS,
                due_at=now,
                expires_at=now + ACK_BUCKET,
            ),
            address=phone,
            locale=addressee.patient.locale if addressee.patient else clinic.locale,
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

    async def _note(self, clinic: Clinic, reading: Reading, row: InboxRow, addressee: Addressee, now: datetime) -> None:
        """The timeline names the inbox row; the text itself stays there."""
        await self.store.audit.append(
            [
                AuditEntry(
                    clinic_id=clinic.id,
                    journey_id=addressee.journeys[0].id if len(addressee.journeys) == 1 else None,
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


def _still_waits(question: OpenQuestion, now: datetime) -> bool:
    """A single question is about its day; a check-in waits until it is answered or closed."""
    return question.ask_id.startswith("check_in:") or now - question.opened_at <= ANSWER_WITHIN


def _opts_out(reading: Reading) -> bool:
    return reading.opt_out or reading.label is Label.OPT_OUT
