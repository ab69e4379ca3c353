"""Workflow ids: opaque, made in one place. Ids are never encrypted, so nothing about a person may stand in them."""

import secrets

JOURNEY_PREFIX = "journey-"
URGENT_PREFIX = "urgent-"
OUTWARD_PREFIX = "outward-"


def new_id() -> str:
    """A random id of 128 bits."""
    return secrets.token_hex(16)


def journey_workflow_id(journey_id: str) -> str:
    return f"{JOURNEY_PREFIX}{journey_id}"


def urgent_workflow_id(reply_id: str) -> str:
    """Keyed by the reply, so that one delivery raises one alarm however often it is relayed."""
    return f"{URGENT_PREFIX}{reply_id}"


def outward_workflow_id(event_id: str) -> str:
    """Keyed by the event, so that it has one workflow however often it is started."""
    return f"{OUTWARD_PREFIX}{event_id}"
