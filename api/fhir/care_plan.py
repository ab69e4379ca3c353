"""CarePlan: a journey, with its gated steps, check-ins and visits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir.resources.R4B.careplan import CarePlan

from api.fhir.coding import changed, given, own, patient, period, reference, urn
from api.fhir.kind import LAST_UPDATED, PATIENT, STATUS, Kind
from domain.clinic import Clinic
from domain.journey.facts import GateState, JourneyStage
from domain.records import Booking, JourneyRecord, MessageRow, MessageState
from store.read_model import Found, ReadModel, Wanted

STATUSES: Final[Mapping[str, str]] = {
    "reserved": "draft",
    JourneyStage.PREPARING: "active",
    "held": "on-hold",
    JourneyStage.HEALING: "on-hold",
    JourneyStage.CHECKING_IN: "on-hold",
    JourneyStage.IN_REVIEW: "on-hold",
    JourneyStage.READY: "active",
    JourneyStage.AFTERCARE: "active",
    JourneyStage.COMPLETED: "completed",
    JourneyStage.CANCELLED: "revoked",
    JourneyStage.NOT_CONTINUED: "revoked",
}
"""On hold while a shut gate is what the journey waits for."""
ALL_DONE: Final = (JourneyStage.AFTERCARE, JourneyStage.COMPLETED)
GIVEN_UP: Final = (JourneyStage.CANCELLED, JourneyStage.NOT_CONTINUED)
WAITS: Final = (GateState.HELD, GateState.IN_REVIEW)
CHECK_IN_STATUSES: Final = {
    GateState.AWAITING_REPLY: "in-progress",
    GateState.RELEASED: "completed",
    GateState.WAIVED: "completed",
}
"""In the other states it may have been answered or not."""

Gate = dict[str, Any]
"""A gate in the read model: state, reasons, opens_on."""


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[CarePlan]:
    del clinic
    page = await model.journeys(wanted)
    ids = [found.record.id for found in page]
    visits, asked = await model.visits_of(ids), await model.check_ins_of(ids)
    return [
        _care_plan(
            found,
            [visit for visit in visits if visit.journey_id == found.record.id],
            [row for row in asked if row.journey_id == found.record.id],
        )
        for found in page
    ]


KIND: Final = Kind(
    name="CarePlan",
    is_our="journey",
    parameters=(PATIENT, STATUS, LAST_UPDATED),
    statuses=STATUSES,
    load=_load,
)


def _care_plan(found: Found[JourneyRecord], visits: Sequence[Booking], asked: Sequence[MessageRow]) -> CarePlan:
    journey = found.record
    return CarePlan.model_validate(
        given(
            id=journey.id,
            meta=changed(found.changed_at),
            instantiatesUri=[urn("protocol", journey.protocol_id, journey.protocol_version)],
            status=STATUSES[found.state],
            intent="plan",
            category=[own("stage", journey.stage)],
            subject=patient(journey.patient_id),
            period=period(journey.created_at, journey.ended_at),
            created=journey.created_at,
            activity=_activities(journey, visits, asked),
        )
    )


def _activities(journey: JourneyRecord, visits: Sequence[Booking], asked: Sequence[MessageRow]) -> list[dict[str, Any]]:
    """An activity has either a detail or a reference (constraint cpl-3), so a visit stands beside its step."""
    steps = [_step(journey, step, gate) for step, gate in journey.gates.items()]
    check_ins = [
        _check_in(gate, rows)
        for step, gate in journey.gates.items()
        if (rows := [row for row in asked if row.step == step])
    ]
    return [*steps, *check_ins, *({"reference": reference("Appointment", visit.id)} for visit in visits)]


def _step(journey: JourneyRecord, step: str, gate: Gate) -> dict[str, Any]:
    detail = given(
        kind="Appointment",
        code=own("step", step),
        status=_step_status(journey, GateState(gate["state"])),
        statusReason=own("gate-state", gate["state"], "; ".join(gate.get("reasons", []))),
        scheduledPeriod=period(gate.get("opens_on")),
    )
    return {"detail": detail}


def _step_status(journey: JourneyRecord, gate: GateState) -> str:
    """The read model keeps no treatments, so what happened behind an open gate is known only where the stage tells."""
    if journey.stage in ALL_DONE:
        return "completed"
    if gate.is_open:
        return "unknown" if journey.stage in GIVEN_UP or len(journey.gates) > 1 else "not-started"
    if journey.stage in GIVEN_UP:
        return "cancelled"
    return "on-hold" if gate in WAITS else "not-started"


def _check_in(gate: Gate, rows: Sequence[MessageRow]) -> dict[str, Any]:
    detail = {"kind": "CommunicationRequest", "code": own("touchpoint", "check_in"), "status": _asked(gate, rows)}
    return {"outcomeReference": [reference("Communication", row.id) for row in rows], "detail": detail}


def _asked(gate: Gate, rows: Sequence[MessageRow]) -> str:
    if all(row.state is not MessageState.ACCEPTED for row in rows):
        return "not-started"
    if "release_needed" in gate.get("reasons", []):
        return "completed"
    return CHECK_IN_STATUSES.get(GateState(gate["state"]), "unknown")
