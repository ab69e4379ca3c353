"""Staff starts a journey."""

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from api.parts import ApiParts, Parts
from api.problems import documented
from api.staff.auth import Actor, ActorDep, RequestKey
from api.staff.patient_forms import Form
from api.staff.scope import OF_CLINIC, ClinicDep
from domain.booking import Treatment
from domain.clinic import Clinic
from domain.errors import BadInputError, RefusedError
from domain.journey.events import BookingVerdict, Role
from domain.patient import Patient
from domain.protocol import Protocol
from domain.records import AuditEntry, Booking, BookingStatus, JourneyRecord
from relay.starting import ADULT, age_on
from workflows.ids import new_id

SOURCE = "staff"
"""Bookings that staff enters; those of booking systems have the system's name."""

router = APIRouter(prefix=f"{OF_CLINIC}/journeys", tags=["journeys"])


class BookingForm(Form):
    ref: str = Field(min_length=1, max_length=200, description="The clinic's own name of the visit.", examples=["b1"])
    treatment: Treatment
    starts_at: AwareDatetime = Field(examples=["2027-03-04T14:00:00-05:00"])


class StartForm(Form):
    patient_id: str
    protocol_id: str | None = Field(
        None, description="Empty: the clinic's first protocol that begins with the treatment."
    )
    booking: BookingForm


class Started(BaseModel):
    journey: JourneyRecord
    verdict: BookingVerdict = Field(description="What the rules say to the visit.")


@router.post("", status_code=201, responses=documented(400, 409))
async def start_journey(clinic: ClinicDep, form: StartForm, actor: ActorDep, key: RequestKey, parts: Parts) -> Started:
    """Start a journey with its first visit; the same Idempotency-Key starts one journey."""
    patient = await parts.store.patients.get(clinic.id, form.patient_id)
    _refuse_minor(parts, patient, actor)
    booking = await _booking(parts, clinic, patient, form.booking)
    protocol = _protocol(parts, clinic, form.protocol_id, booking)
    starting_ref = await _starting_ref(parts, clinic, patient, protocol, key)
    await parts.store.bookings.apply(booking)
    record, verdict = await parts.starter.start(
        clinic, patient, protocol, booking, starting_ref=starting_ref, update_id=f"start-{key}", now=parts.clock()
    )
    await _note(parts, record, booking, verdict, actor, key)
    return Started(journey=record, verdict=verdict)


def _refuse_minor(parts: ApiParts, patient: Patient, actor: Actor) -> None:
    born = patient.birth_date
    if born and age_on(parts.clock().date(), born) < ADULT and actor.role is not Role.CLINICIAN:
        raise RefusedError("minor", "the patient is a minor: only a clinician may start this journey")


async def _booking(parts: ApiParts, clinic: Clinic, patient: Patient, form: BookingForm) -> Booking:
    known = await parts.store.bookings.get(clinic.id, SOURCE, form.ref)
    if known and known.patient_id != patient.id:
        raise RefusedError("booking_taken", "another patient has a visit of this ref: choose another ref")
    return Booking(
        id=known.id if known else new_id(),
        clinic_id=clinic.id,
        source=SOURCE,
        ref=form.ref,
        sequence=int(parts.clock().timestamp() * 1000),
        status=BookingStatus.BOOKED,
        treatment=form.treatment,
        starts_at=form.starts_at,
        patient_id=patient.id,
        journey_id=known.journey_id if known else None,
    )


def _protocol(parts: ApiParts, clinic: Clinic, wanted: str | None, booking: Booking) -> Protocol:
    if wanted is not None and wanted not in clinic.protocols:
        raise BadInputError(f"protocol_id: this clinic uses {', '.join(clinic.protocols)}")
    protocol = parts.starter.protocol(wanted) if wanted else parts.starter.protocol_for(clinic, booking)
    if protocol is None:
        raise BadInputError("no protocol of this clinic begins with this treatment: name one in protocol_id")
    if not any(booking.treatment in step.treatments for step in protocol.steps):
        raise BadInputError("booking.treatment: this protocol has no step with it")
    return protocol


async def _starting_ref(parts: ApiParts, clinic: Clinic, patient: Patient, protocol: Protocol, key: str) -> str:
    """One open journey per patient and plan; one that was reserved and never began is taken up again."""
    wanted = f"{SOURCE}:{patient.id}:{key}"
    opened = await parts.store.journeys.of_patient(clinic.id, patient.id, open_only=True)
    for journey in opened:
        if journey.protocol_id != protocol.id or journey.starting_ref == wanted:
            continue
        if journey.stage != "reserved":
            raise RefusedError("journey_open", f"the patient goes through this plan already, in journey {journey.id}")
        return journey.starting_ref
    return wanted


async def _note(
    parts: ApiParts, record: JourneyRecord, booking: Booking, verdict: BookingVerdict, actor: Actor, key: str
) -> None:
    entry = AuditEntry(
        clinic_id=record.clinic_id,
        journey_id=record.id,
        at=parts.clock(),
        kind="booking",
        actor=actor.audited,
        data={"ref": booking.ref, "status": booking.status.value, "verdict": verdict.value},
        dedupe=f"booking:start:{record.id}:{key}",
    )
    await parts.store.audit.append([entry])
