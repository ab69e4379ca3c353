"""Communication: a message in the ledger, sent or not."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir.resources.R4B.communication import Communication

from api.fhir.coding import care_plan, changed, given, medium, own, patient, urn
from api.fhir.kind import LAST_UPDATED, PATIENT, STATUS, Kind
from domain.clinic import Clinic
from domain.messages import DeliveryState
from domain.records import MessageRow, MessageState
from protocols.message_keys import STAFF_KEYS
from store.links import TOKEN_ALPHABET, TOKEN_LENGTH
from store.read_model import Found, ReadModel, Wanted

STATUSES: Final[Mapping[str, str]] = {
    MessageState.PENDING: "preparation",
    MessageState.SENDING: "in-progress",
    MessageState.ACCEPTED: "completed",
    "not_delivered": "stopped",
    MessageState.REJECTED: "not-done",
    MessageState.SKIPPED: "not-done",
    MessageState.EXPIRED: "not-done",
    MessageState.UNKNOWN: "unknown",
    MessageState.NEEDS_REVIEW: "unknown",
}
ARRIVED: Final = (DeliveryState.DELIVERED, DeliveryState.READ)
OWN_WORDS: Final = (MessageState.SKIPPED, MessageState.EXPIRED)
"""In these states the reason is a code of ours, in the others a provider's."""
_TOKEN: Final = re.compile(rf"(https?://\S+/)[{TOKEN_ALPHABET}]{{{TOKEN_LENGTH}}}\b")


async def _load(model: ReadModel, clinic: Clinic, wanted: Wanted) -> Sequence[Communication]:
    return [_communication(found, clinic) for found in await model.messages(wanted)]


KIND: Final = Kind(
    name="Communication",
    is_our="message of the ledger, sent or not",
    parameters=(PATIENT, STATUS, LAST_UPDATED),
    statuses=STATUSES,
    load=_load,
)


def _communication(found: Found[MessageRow], clinic: Clinic) -> Communication:
    row = found.record
    return Communication.model_validate(
        given(
            id=row.id,
            meta=changed(found.changed_at),
            identifier=[{"system": urn("message"), "value": row.key}],
            basedOn=care_plan(row.journey_id),
            status=STATUSES[found.state],
            statusReason=_reason(row),
            topic=own("touchpoint", row.touchpoint),
            medium=[medium(row.channel)],
            subject=patient(row.patient_id),
            recipient=_recipients(row),
            sender={"display": clinic.name},
            sent=row.sent_at,
            received=row.delivery_at if row.delivery in ARRIVED else None,
            payload=[{"contentString": _without_tokens(text)} for text in (row.subject, row.body) if text],
        )
    )


def _reason(row: MessageRow) -> dict[str, Any] | None:
    """Some failures have no code: then the status alone says that something went wrong."""
    code = (row.reason or "").strip()
    return own("skip-reason" if row.state in OWN_WORDS else "provider-code", code) if code else None


def _recipients(row: MessageRow) -> list[dict[str, str]]:
    """Pages name the patient's journey, but go to the clinic's on-call."""
    if row.touchpoint.partition(".")[0] in STAFF_KEYS:
        return [{"display": "on-call"}]
    person = patient(row.patient_id)
    return [person] if person else []


def _without_tokens(text: str) -> str:
    """Whoever has a token answers for the patient: records are copied further than that may go."""
    return _TOKEN.sub(r"\1...", text)
