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
from domain.journey.events import Reply
from domain.messages import InboundSms
from domain.records import AuditEntry, InboxRow, JourneyRecord, OpenQuestion, TaskCause
from domain.replies import PRECEDENCE, Label, Question, Reading, ReplyReader
from relay.addressees import Addressee, Addressees
from relay.ask_back import NOBODY, chosen, original_of
from relay.changes_of_mind import ChangesOfMind, opts_out
from relay.front_desk import FrontDesk, may_text, reply_scope
from relay.keywords import HELP_WORDS, KeywordAnswers, is_keyword
from relay.matching import e164
from store import Store
from workflows.client import JourneyEndedError, Journeys

OPT_OUT_TYPES = {"STOP": Label.OPT_OUT, "START": Label.OPT_IN, "HELP": Label.HELP}
WORRYING = (Label.CONCERN, Label.URGENT)
"""Where nobody knows whose it is, it shuts every gate that it could be about: doubt goes up."""


@dataclass(frozen=True)
class Text:
    """One stored text."""

    row: InboxRow
    sms: InboundSms
    clinic: Clinic
    phone: str


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
        text = await self._text(row)
        addressees = Addressees(self.store)
        addressee = await addressees.find(text.clinic, text.phone, now)
        if addressee.who is not None:
            meant = chosen(addressee.who, text.sms.body, addressee.household)
            if meant is not None:
                await self._told(text, addressee.who, meant, now)
                return
        if addressee.may_be_another(text.sms.body, self._read(text, addressee)):
            addressee = await addressees.anybody(text.clinic, addressee)
        await self._hear(text, addressee, now)

    async def _text(self, row: InboxRow) -> Text:
        clinic = await self.store.clinics.get(row.clinic_id)
        sms = parse_inbound(read_form(row.body), row.received_at)
        return Text(row, sms, clinic, e164(sms.sender, clinic.country) or sms.sender)

    async def _told(self, text: Text, who: OpenQuestion, patient_id: str, now: datetime) -> None:
        """The phone says whom its earlier text was about: it is heard now; 'somebody else' is left to a person."""
        if patient_id != NOBODY:
            original = await self._text(await self.store.inbox.get(original_of(who)))
            told = Addressees(self.store).told(text.clinic, text.phone, patient_id, original.row.received_at)
            await self._hear(original, await told, now)
            scope = reply_scope(original.row)
            await self.store.tasks.close(
                text.clinic.id, scope, TaskCause.UNREADABLE, outcome="asked_back", by="patient", now=now
            )
        await self._note_answer(text, now)
        await self.store.questions.close(who.id, now)

    async def _hear(self, text: Text, addressee: Addressee, now: datetime) -> None:
        clinic, phone, row = text.clinic, text.phone, text.row
        reading = self._read(text, addressee)
        minds = ChangesOfMind(self.store, self.journeys)
        changes_mind = await minds.is_news(clinic.id, phone, reading)
        await minds.honour(clinic.id, phone, reading, row, now)
        await self._alarm(text, reading, addressee)
        await self._note(text, reading, addressee, now)
        await minds.tell(clinic.id, phone, reading, row)
        if changes_mind:
            answers = KeywordAnswers(self.post_office)
            await answers.answer(clinic, text.sms, phone, reading, row, addressee.locale(clinic), now)
        if not await self._journeys_hear(reading, row, addressee) or addressee.ambiguous:
            await FrontDesk(self.store, self.post_office).take(clinic, reading, row, addressee, now)
        if addressee.named:
            for rival in addressee.rivals:
                await self.store.questions.close(rival.id, now)

    # What

    def _read(self, text: Text, addressee: Addressee) -> Reading:
        """Read for the question it answers; among several, for the one that makes it the most worrying."""
        asked = [addressee.question, *(addressee.rivals if addressee.ambiguous else ())]
        readings = [self._read_for(text, question, addressee) for question in asked]
        worrying = [reading for reading in readings if reading.label in WORRYING]
        return min(worrying, key=lambda reading: PRECEDENCE[reading.label], default=readings[0])

    def _read_for(self, text: Text, asked: OpenQuestion | None, addressee: Addressee) -> Reading:
        sms, locale = text.sms, addressee.locale(text.clinic)
        question = Question(asked.question) if asked else None
        reading = self.reader.read(sms.body, lang=locale, question=question, media_count=sms.media_count)
        told = OPT_OUT_TYPES.get(sms.opt_out_type or "")
        if told and reading.label is not Label.URGENT:
            reading = reading.model_copy(update={"label": told, "rule": "provider.opt_out_type"})
        if is_keyword(sms, HELP_WORDS):
            reading = reading.model_copy(update={"courtesy": True})
        return reading

    # Who hears

    async def _alarm(self, text: Text, reading: Reading, addressee: Addressee) -> None:
        if reading.label is not Label.URGENT:
            return
        await self.journeys.alarm(
            AlarmRequest(
                clinic_id=text.clinic.id,
                reply_id=text.row.id,
                patient_id=addressee.patient_id,
                journey_id=addressee.journey_id,
                emergency=reading.emergency,
                self_harm=reading.self_harm,
                may_text=await may_text(self.store, text.clinic, text.phone),
                skew=self.skew(),
            )
        )

    async def _journeys_hear(self, reading: Reading, row: InboxRow, addressee: Addressee) -> bool:
        """The one journey it is about; what worries is heard by every one that it could be about."""
        certain = addressee.journey_id is not None
        concerned = addressee.journeys if certain or reading.label in WORRYING else ()
        heard = False
        for journey in concerned:
            acknowledged = heard or addressee.ambiguous
            heard |= await self._tell(journey, reading, row, addressee, acknowledged=acknowledged)
        return heard

    async def _tell(
        self, journey: JourneyRecord, reading: Reading, row: InboxRow, addressee: Addressee, *, acknowledged: bool
    ) -> bool:
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
            opt_out=opts_out(reading),
            courtesy=reading.courtesy,
            media=reading.media,
            acknowledged=acknowledged,
        )
        try:
            await self.journeys.reply(journey.id, reply)
        except JourneyEndedError:
            return False
        return True

    # The timeline names the inbox row; the text itself stays there.

    async def _note(self, text: Text, reading: Reading, addressee: Addressee, now: datetime) -> None:
        data: dict[str, object] = {
            "category": reading.label.value,
            "rule": reading.rule,
            "question": addressee.question.question if addressee.question else None,
            "opt_out": opts_out(reading),
        }
        data |= {"asked_back": True} if addressee.named else {}
        dedupe = f"reply:{text.row.id}" + (":named" if addressee.named else "")
        await self._write(text, addressee.journey_id, data, dedupe, now)

    async def _note_answer(self, text: Text, now: datetime) -> None:
        data: dict[str, object] = {
            "category": Label.CLEAR.value,
            "rule": "who.named",
            "question": "who",
            "opt_out": False,
        }
        await self._write(text, None, data, f"reply:{text.row.id}", now)

    async def _write(
        self, text: Text, journey_id: str | None, data: dict[str, object], dedupe: str, now: datetime
    ) -> None:
        await self.store.audit.append(
            [
                AuditEntry(
                    clinic_id=text.clinic.id,
                    journey_id=journey_id,
                    at=now,
                    kind="reply",
                    actor="patient",
                    data={"inbox_id": text.row.id, **data},
                    dedupe=dedupe,
                )
            ]
        )
