"""Takes check-ins that were answered on a page or by phone into the journeys, read by the same rules as texts."""

from dataclasses import dataclass
from datetime import datetime

from activities.requests import AlarmRequest
from domain.journey.events import Reply
from domain.messages import Channel, Frozen
from domain.patient import ConsentStatus, Patient
from domain.records import AuditEntry, InboxRow
from domain.replies import Label, Question, Reading, ReplyReader
from relay.changes_of_mind import ChangesOfMind, opts_out
from store import Store
from workflows.client import JourneyEndedError, Journeys


class PageAnswer(Frozen):
    """One answer, as the page sent it."""

    question: Question
    text: str


class PageAnswers(Frozen):
    """A finished check-in page."""

    patient_id: str
    journey_id: str
    ask_id: str
    answers: tuple[PageAnswer, ...]
    entered_by: str = ""
    """Who of the staff asked by phone; empty: the patient filled the page in."""


@dataclass(frozen=True)
class PageIntake:
    """Handles inbox rows of `page`."""

    store: Store
    journeys: Journeys
    reader: ReplyReader

    async def take(self, row: InboxRow, now: datetime) -> None:
        """Apply one stored page; doing it again changes nothing."""
        page = PageAnswers.model_validate_json(row.body)
        patient = await self.store.patients.get(row.clinic_id, page.patient_id)
        for number, answer in enumerate(page.answers):
            reading = self.reader.read(answer.text, lang=patient.locale, question=answer.question)
            reply_id = f"{row.id}-{number}"
            await self._honour(row, patient, reading, now)
            if reading.label is Label.URGENT:
                await self._alarm(row, page, patient, reading)
            await self._note(row, page, answer, reading, reply_id, now)
            if not await self._tell(page, answer, reading, reply_id):
                return

    async def _honour(self, row: InboxRow, patient: Patient, reading: Reading, now: datetime) -> None:
        """'No more texts' counts wherever it is said."""
        if patient.phone is None or not opts_out(reading):
            return
        minds = ChangesOfMind(self.store, self.journeys)
        await minds.honour(row.clinic_id, patient.phone, reading, row, now)
        await minds.tell(row.clinic_id, patient.phone, reading, row)

    async def _alarm(self, row: InboxRow, page: PageAnswers, patient: Patient, reading: Reading) -> None:
        await self.journeys.alarm(
            AlarmRequest(
                clinic_id=row.clinic_id,
                reply_id=row.id,
                patient_id=page.patient_id,
                journey_id=page.journey_id,
                emergency=reading.emergency,
                self_harm=reading.self_harm,
                may_text=await self._may_text(row, patient),
            )
        )

    async def _may_text(self, row: InboxRow, patient: Patient) -> bool:
        if patient.phone is None:
            return False
        consent = await self.store.consents.status(row.clinic_id, Channel.SMS, patient.phone)
        return consent is not None and consent.status is ConsentStatus.GRANTED

    async def _tell(self, page: PageAnswers, answer: PageAnswer, reading: Reading, reply_id: str) -> bool:
        reply = Reply(
            reply_id=reply_id,
            label=reading.label,
            rule=reading.rule,
            ask_id=page.ask_id,
            question=answer.question,
            exposures=reading.exposures,
            call_me=reading.call_me,
            opt_out=reading.opt_out,
            by_page=True,
            by_staff=bool(page.entered_by),
        )
        try:
            await self.journeys.reply(page.journey_id, reply)
        except JourneyEndedError:
            return False
        return True

    async def _note(
        self, row: InboxRow, page: PageAnswers, answer: PageAnswer, reading: Reading, reply_id: str, now: datetime
    ) -> None:
        await self.store.audit.append(
            [
                AuditEntry(
                    clinic_id=row.clinic_id,
                    journey_id=page.journey_id,
                    at=now,
                    kind="reply",
                    actor=page.entered_by or "patient",
                    data={
                        "inbox_id": row.id,
                        "category": reading.label.value,
                        "rule": reading.rule,
                        "question": answer.question.value,
                        "page": not page.entered_by,
                    },
                    dedupe=f"reply:{reply_id}",
                )
            ]
        )
