"""What staff can do to a journey: release, waive, hold, pause, resume, cancel, send late, and record a treatment."""

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from api.parts import ApiParts, Parts
from api.problems import documented
from api.staff.auth import ActorDep, RequestKey
from api.staff.patient_forms import Form
from api.staff.refusals import how_to_mend
from api.staff.scope import OF_CLINIC, ClinicDep, JourneyDep
from domain.errors import BadInputError, NotFoundError, RefusedError
from domain.journey.events import StaffAction, StaffActionKind, StaffResult, TreatedChange
from domain.records import Booking, JourneyRecord

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])


class ActionForm(Form):
    action: StaffActionKind
    reason: str = Field("", max_length=500, examples=["seen on video"])
    step: str | None = Field(None, max_length=100, description="Empty: the next gate that is shut.", examples=["laser"])
    names: tuple[str, ...] = Field(
        (), description="For waive: holds and worrying answers; for send: keys of late messages."
    )


class TreatedForm(Form):
    """Names the visit by `booking_id` or by the booking system's `booking_ref`."""

    booking_id: str | None = None
    booking_ref: str | None = None
    treated_at: AwareDatetime | None = Field(None, description="Empty: at the visit's start if that has passed.")
    undone: bool = Field(False, description="Takes it back: it was recorded by mistake.")

    @model_validator(mode="after")
    def _names_one(self) -> "TreatedForm":
        if (self.booking_id is None) == (self.booking_ref is None):
            raise ValueError("give either booking_id or booking_ref")
        return self


class Recorded(BaseModel):
    booking_id: str
    undone: bool


@router.post("/{journey_id}/actions", responses=documented(400, 409))
async def act(
    clinic: ClinicDep, journey: JourneyDep, form: ActionForm, actor: ActorDep, key: RequestKey, parts: Parts
) -> StaffResult:
    """Do it, or 409 with the reason code and how to mend it; both are in the timeline."""
    deputy = actor.name in clinic.deputies
    action = StaffAction(**form.model_dump(), by=actor.name, role=actor.role, deputy=deputy)
    result = await parts.journeys.staff(journey.id, action, f"staff-{key}")
    if not result.accepted:
        raise RefusedError(result.reason, how_to_mend(result.reason))
    return result


@router.post("/{journey_id}/treated", responses=documented(400, 409))
async def record_treatment(
    journey: JourneyDep, form: TreatedForm, actor: ActorDep, key: RequestKey, parts: Parts
) -> Recorded:
    """Record that a visit's treatment was done, redate it, or take it back."""
    if form.treated_at and form.treated_at > parts.clock():
        raise BadInputError("treated_at is in the future: only what was done can be recorded")
    booking = await _visit(parts, journey, form)
    change = TreatedChange(booking_id=booking.id, treated_at=form.treated_at, undone=form.undone, by=actor.audited)
    if not await parts.journeys.treated(journey.id, change, f"treated-{key}"):
        raise RefusedError("unknown_visit", "the journey does not know this visit yet: try again in a moment")
    done_at = form.treated_at or min(booking.starts_at, parts.clock())
    await parts.store.bookings.record_treated(booking.id, None if form.undone else done_at)
    return Recorded(booking_id=booking.id, undone=form.undone)


async def _visit(parts: ApiParts, journey: JourneyRecord, form: TreatedForm) -> Booking:
    visits = await parts.store.bookings.of_journey(journey.id)
    found = [visit for visit in visits if form.booking_id == visit.id or form.booking_ref == visit.ref]
    if len(found) > 1:
        raise BadInputError("booking_ref: two booking systems have a visit of this ref; use booking_id")
    if not found:
        raise NotFoundError("this journey has no such visit")
    return found[0]
