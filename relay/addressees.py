"""Whom a text is from: the open question it answers, else the one person with this number; nobody guesses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.clinic import Clinic
from domain.patient import Patient
from domain.records import JourneyRecord, OpenQuestion
from domain.replies import Label, Question, Reading
from domain.replies.text import fold
from store import Store

ANSWER_WITHIN = timedelta(days=7)
"""A text that comes later is no answer to `early`, `pre_visit` or `final` any more."""
WHO = "who"
"""The question whom an earlier text was about: it is the clinic's own and belongs to no journey."""
WHO_WITHIN = timedelta(hours=4)
"""After that a digit may mean anything again."""
IDLE = (Question.EARLY.value, Question.FINAL.value)
"""Silence on these means nothing, so they wait no longer once something else was asked."""
NO_ANSWERS = (Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.UNCLEAR)
"""Readings that leave it open whether a text answers the question that waits."""


def words_of(text: str) -> list[str]:
    """The words of a text, without case, accents and punctuation."""
    return re.findall(r"\w+", fold(text))


@dataclass(frozen=True)
class Addressee:
    """Whom a text is from, as far as it is certain."""

    question: OpenQuestion | None
    patient: Patient | None
    journeys: Sequence[JourneyRecord]
    ambiguous: bool = False
    """It may be about several people or journeys: `journeys` are all that it could be about."""
    household: Sequence[Patient] = ()
    """Everybody with this number."""
    rivals: Sequence[OpenQuestion] = ()
    """Open questions of this phone that it does not answer, or among which nobody can tell."""
    who: OpenQuestion | None = None
    """The newest thing asked here was whom an earlier text is about."""
    named: bool = False
    """The phone told us whom it is about."""

    @property
    def patient_id(self) -> str | None:
        return self.patient.id if self.patient else None

    @property
    def journey_id(self) -> str | None:
        """The journey that it is certainly about."""
        return self.journeys[0].id if len(self.journeys) == 1 and not self.ambiguous else None

    def locale(self, clinic: Clinic) -> str:
        """The patient's, or the one that all with this number read."""
        spoken = {person.locale for person in ([self.patient] if self.patient else self.household)}
        return spoken.pop() if len(spoken) == 1 else clinic.locale

    def may_be_another(self, text: str, reading: Reading) -> bool:
        """Several people use the number, and the text names another one or is no plain answer to what was asked."""
        if self.question is None or self.patient is None or len(self.household) < 2:
            return False
        return self._names_another(text) or reading.label in NO_ANSWERS

    def _names_another(self, text: str) -> bool:
        said = set(words_of(text))
        others = (words_of(one.first_name) for one in self.household if one.id != self.patient_id)
        return any(name and said.issuperset(name) for name in others)


@dataclass(frozen=True)
class Addressees:
    """Finds people by the number that they wrote from."""

    store: Store

    async def find(self, clinic: Clinic, phone: str, now: datetime) -> Addressee:
        """The one open question of this phone, else the one patient with it; between two nobody guesses."""
        opened = await self.store.questions.open_for_phone(clinic.id, phone)
        household = await self.store.patients.by_phone(clinic.id, phone)
        found = replace(await self._of(clinic, household, _waiting(opened, now)), household=household)
        asked_who = opened[:1] if opened and opened[0].question == WHO else []
        return replace(found, who=next((one for one in asked_who if now - one.opened_at <= WHO_WITHIN), None))

    async def anybody(self, clinic: Clinic, doubtful: Addressee) -> Addressee:
        """The same text, when it may be about everybody with the number."""
        journeys = await self._journeys(clinic, doubtful.household)
        rivals = [*doubtful.rivals, *([doubtful.question] if doubtful.question else [])]
        return Addressee(None, None, journeys, ambiguous=True, household=doubtful.household, rivals=rivals)

    async def told(self, clinic: Clinic, phone: str, patient_id: str, written_at: datetime) -> Addressee:
        """The patient whom the phone named for a text that was written then, with the question open to them."""
        opened = _waiting(await self.store.questions.open_for_phone(clinic.id, phone), written_at)
        theirs = [one for one in opened if one.patient_id == patient_id and one.opened_at <= written_at]
        patient = await self.store.patients.get(clinic.id, patient_id)
        found = await self._of(clinic, [patient], theirs)
        rivals = [one for one in opened if one.patient_id != patient_id] if found.question else []
        return replace(found, household=[patient], rivals=rivals, named=True)

    async def _of(self, clinic: Clinic, people: Sequence[Patient], questions: Sequence[OpenQuestion]) -> Addressee:
        if len({question.journey_id for question in questions}) == 1:
            question = questions[0]
            asked = await self.store.patients.get(clinic.id, question.patient_id)
            return Addressee(question, asked, [await self.store.journeys.get(question.journey_id)])
        only = people[0] if len(people) == 1 else None
        ambiguous = len(people) > 1 or bool(questions)
        return Addressee(None, only, await self._journeys(clinic, people), ambiguous, rivals=questions)

    async def _journeys(self, clinic: Clinic, people: Sequence[Patient]) -> list[JourneyRecord]:
        return [
            journey
            for person in people
            for journey in await self.store.journeys.of_patient(clinic.id, person.id, open_only=True)
        ]


def _waiting(opened: Sequence[OpenQuestion], now: datetime) -> list[OpenQuestion]:
    """Those that a text may answer now, newest first: a single question is about its day, a check-in waits."""
    asked = [question for question in opened if question.question != WHO]
    idle = [question for question in asked[1:] if question.question in IDLE]
    return [
        question
        for question in asked
        if question not in idle
        and (question.ask_id.startswith("check_in:") or now - question.opened_at <= ANSWER_WITHIN)
    ]
