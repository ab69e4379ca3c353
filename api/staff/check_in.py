"""Check-in answers that staff took by phone: read by the same rules, heard by the journey in the same way."""

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator

from api.parts import ApiParts, Parts
from api.problems import documented
from api.staff.auth import ActorDep, RequestKey
from api.staff.patient_forms import Form
from api.staff.refusals import how_to_mend
from api.staff.scope import OF_CLINIC, JourneyDep
from api.webhooks.storing import inbox_row, keep
from domain.errors import RefusedError
from domain.records import JourneyRecord
from domain.replies import Label, Question
from relay.page_intake import PageAnswer, PageAnswers

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])

LONGEST = 1000


class CheckInForm(Form):
    """The patient's answers, as digits or in own words, as far as they were asked. What is missing stays open."""

    state: str | None = Field(None, max_length=LONGEST, examples=["1"], description="1 usual, 2 settling, 3 worried")
    discomfort: str | None = Field(None, max_length=LONGEST, examples=["0"], description="0 to 10")
    red_flags: str | None = Field(None, max_length=LONGEST, examples=["0"], description="0 none, 1 to 6")
    exposures: str | None = Field(None, max_length=LONGEST, examples=["0"], description="0 none, 1 to 4")

    @model_validator(mode="after")
    def _says_something(self) -> "CheckInForm":
        if not self.answers():
            raise ValueError("give at least one of state, discomfort, red_flags, exposures")
        return self

    def answers(self) -> tuple[PageAnswer, ...]:
        """In the order in which they are asked."""
        given = {Question(name): (text or "").strip() for name, text in self.model_dump().items()}
        order = (Question.STATE, Question.DISCOMFORT, Question.RED_FLAGS, Question.EXPOSURES)
        return tuple(PageAnswer(question=one, text=given[one]) for one in order if given.get(one))


class Entered(BaseModel):
    """How each answer was read; the journey hears it within seconds."""

    readings: dict[Question, Label]


@router.post("/{journey_id}/check-in", status_code=202, responses=documented(400, 409))
async def enter_answers(
    journey: JourneyDep, form: CheckInForm, actor: ActorDep, key: RequestKey, parts: Parts
) -> Entered:
    """Enter what the patient said on the phone; what worries there raises what a text would raise."""
    step = await _open_step(parts, journey)
    patient = await parts.store.patients.get(journey.clinic_id, journey.patient_id)
    page = PageAnswers(
        patient_id=journey.patient_id,
        journey_id=journey.id,
        ask_id=f"check_in:{step}:staff",
        answers=form.answers(),
        entered_by=actor.audited,
    )
    row = inbox_row(
        parts,
        clinic_id=journey.clinic_id,
        source="page",
        delivery_id=f"staff-{key}",
        key=f"phone:{patient.phone or patient.id}",
        body=page.model_dump_json().encode(),
    )
    await keep(parts, row, counted_as="staff")
    read = {
        one.question: parts.reader.read(one.text, lang=patient.locale, question=one.question) for one in page.answers
    }
    return Entered(readings={question: reading.label for question, reading in read.items()})


async def _open_step(parts: ApiParts, journey: JourneyRecord) -> str:
    view = await parts.journeys.state(journey.id)
    found = next((gate.step for gate in view.gates if gate.check_in_open), None)
    if found is None:
        raise RefusedError("no_check_in", how_to_mend("no_check_in"))
    return found
