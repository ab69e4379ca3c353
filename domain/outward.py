"""What a clinic's own systems are told: that something changed, never about whom or why (docs/webhooks.md)."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic_core import to_json

from domain.messages import Frozen
from domain.records import AuditEntry

_NAMES = uuid.UUID("9f1f3c52-6d0e-4b5c-8e55-0f2d7a6f4b1e")


class OutwardKind(StrEnum):
    """The `type` of an outward event."""

    GATE_CHANGED = "gate.changed"
    TASK_OPENED = "task.opened"
    TASK_RAISED = "task.raised"
    TASK_CLOSED = "task.closed"
    JOURNEY_CHANGED = "journey.changed"


class OutwardOutcome(StrEnum):
    """How an outward event ended."""

    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    """Every try failed; a task says so."""
    GONE = "gone"
    """The endpoint answered 410, which switched it off."""
    SWITCHED_OFF = "switched_off"
    """The endpoint had been switched off meanwhile."""
    REMOVED = "removed"
    """The clinic file names this endpoint no more."""


class OutwardEvent(Frozen):
    """One change that one endpoint is to be told of. Opaque ids, codes and times only."""

    id: str
    """The header `webhook-id`: the same at every try, so that a receiver knows copies."""
    clinic_id: str
    endpoint: str
    entry_id: int
    """The audit entry that it tells of."""
    kind: OutwardKind
    at: datetime
    data: dict[str, Any]
    code: str | None = None
    """Why the last failed try failed, such as `http_500` or `timeout`."""
    outcome: OutwardOutcome | None = None
    """None: still to be delivered."""

    @property
    def body(self) -> bytes:
        """The JSON that is signed and posted, the same bytes at every try."""
        return _body(self.kind, self.at, self.data)


def outward_event(entry: AuditEntry, entry_id: int, endpoint: str) -> OutwardEvent | None:
    """What this endpoint is told of the audit entry; None for what nobody outside is told."""
    told = _told(entry)
    if told is None or entry.data.get("scope") == endpoint_scope(endpoint):
        return None
    kind, about = told
    data = {"clinic": entry.clinic_id} | ({"journey": entry.journey_id} if entry.journey_id else {}) | about
    return OutwardEvent(
        id=uuid.uuid5(_NAMES, f"{endpoint}/{entry_id}/{_body(kind, entry.at, data).decode()}").hex,
        clinic_id=entry.clinic_id,
        endpoint=endpoint,
        entry_id=entry_id,
        kind=kind,
        at=entry.at,
        data=data,
    )


def is_told(entry: AuditEntry) -> bool:
    """Whether any endpoint may be told of the audit entry."""
    return _told(entry) is not None


def endpoint_scope(endpoint: str) -> str:
    """The scope of tasks about an endpoint; that endpoint itself is not told of them."""
    return f"webhook:{endpoint}"


def _told(entry: AuditEntry) -> tuple[OutwardKind, dict[str, Any]] | None:
    """Field by field, so that nothing goes out by being added to the audit: no reason, cause, name or outcome."""
    said = entry.data
    match entry.kind, said.get("state"):
        case "gate", _:
            return OutwardKind.GATE_CHANGED, _fields(said, "step", "from", "to")
        case "journey", _:
            return OutwardKind.JOURNEY_CHANGED, _fields(said, "stage")
        case "task", "opened" | "raised" | "closed" as state:
            about = {"task": said["task_id"], "urgency": str(said["urgency"]), "due": said["due"].astimezone(UTC)}
            return OutwardKind(f"task.{state}"), about
    return None


def _fields(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """What is missing is left out: telling others never keeps the audit from being written."""
    return {name: said[name] for name in names if name in said}


def _body(kind: OutwardKind, at: datetime, data: dict[str, Any]) -> bytes:
    return to_json({"type": kind, "timestamp": at.astimezone(UTC), "data": data})
