"""Whom a text is from: the open question it answers, else the one person with this number; nobody guesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clinic import Clinic
from domain.patient import Patient
from domain.records import JourneyRecord, OpenQuestion
from store import Store

ANSWER_WITHIN = timedelta(days=7)
"""A text that comes later is no answer to `early`, `pre_visit` or `final` any more."""


@dataclass(frozen=True)
class Addressee:
    """Whom a text is from, as far as it is certain."""

    question: OpenQuestion | None
    patient: Patient | None
    journeys: Sequence[JourneyRecord]
    ambiguous: bool = False
    """Several people use this number: `journeys` are all that it could be about."""

    @property
    def patient_id(self) -> str | None:
        return self.patient.id if self.patient else None

    @property
    def journey_id(self) -> str | None:
        """The journey that it is certainly about."""
        return self.journeys[0].id if len(self.journeys) == 1 and not self.ambiguous else None

    def locale(self, clinic: Clinic) -> str:
        return self.patient.locale if self.patient else clinic.locale


@dataclass(frozen=True)
class Addressees:
    """Finds people by the number that they wrote from."""

    store: Store

    async def find(self, clinic: Clinic, phone: str, now: datetime) -> Addressee:
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


def _still_waits(question: OpenQuestion, now: datetime) -> bool:
    """A single question is about its day; a check-in waits until it is answered or closed."""
    return question.ask_id.startswith("check_in:") or now - question.opened_at <= ANSWER_WITHIN
