"""Appointment: a booking."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir.resources.R4B.appointment import Appointment

from api.fhir.coding import given, own, patient, urn
from api.fhir.kind import DATE, PATIENT, STATUS, Kind
from domain.clinic import Clinic
from domain.records import Booking, BookingStatus
from store.read_model import ReadModel, Wanted

STATUSES: Final[Mapping[str, str]] = {
    BookingStatus.REQUESTED: "proposed",
    BookingStatus.BOOKED: "booked",
    BookingStatus.ARRIVED: "arrived",
    BookingStatus.COMPLETED: "fulfilled",
    BookingStatus.CANCELLED: "cancelled",
    BookingStatus.NO_SHOW: "noshow",
}
UNKNOWN: Final = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
"""FHIR wants an end beside every start (constraint app-2), and some booking systems give none."""


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[Appointment]:
    return [_appointment(found.record, clinic) for found in await model.bookings(wanted)]


KIND: Final = Kind(
    name="Appointment",
    is_our="booking",
    parameters=(PATIENT, STATUS, DATE),
    statuses=STATUSES,
    load=_load,
)


def _appointment(booking: Booking, clinic: Clinic) -> Appointment:
    return Appointment.model_validate(
        given(
            id=booking.id,
            identifier=[{"system": urn("booking", booking.source), "value": booking.ref}],
            status=STATUSES[booking.status],
            serviceType=[own("treatment", booking.treatment)] if booking.treatment else [],
            start=booking.starts_at,
            participant=_participants(booking, clinic),
        )
        | _end(booking)
    )


def _end(booking: Booking) -> dict[str, Any]:
    return {"end": booking.ends_at} if booking.ends_at else {"_end": UNKNOWN}


def _participants(booking: Booking, clinic: Clinic) -> list[dict[str, Any]]:
    place = clinic.location(booking.location)
    actors = [patient(booking.patient_id), {"display": place.name or clinic.name}]
    return [{"actor": actor, "status": "accepted"} for actor in actors if actor]
