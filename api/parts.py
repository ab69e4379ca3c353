"""What the edge is made of; the composition root builds it once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from bookings.registry import BookingAdapter
from domain.replies import ReplyReader
from protocols.render import Templates
from relay.starting import Starter
from runtime.health import HealthRegistry
from runtime.metrics import Metrics
from store import Spool, Store
from workflows.client import Journeys


@dataclass(frozen=True, kw_only=True)
class ApiParts:
    """Everything that a request may need."""

    public_base_url: str
    """As patients and vendors know it: vendors sign it, so it is never rebuilt from a request."""
    staff_key: str
    """Bearer key of the staff API; empty: nobody gets in."""
    secret: Callable[[str], str | None]
    """A booking system's signing secret by its name; None where it is not set."""
    twilio_auth_token: str
    sendgrid_public_key: str
    store: Store
    spool: Spool
    journeys: Journeys
    starter: Starter
    templates: Templates
    adapters: Mapping[str, BookingAdapter]
    reader: ReplyReader
    clock: Callable[[], datetime]
    nudge: Callable[[], None]
    """Wakes the relay where it runs in the same process."""
    health: HealthRegistry
    metrics: Metrics


def _parts_of(request: Request) -> ApiParts:
    parts: ApiParts = request.app.state.parts
    return parts


Parts = Annotated[ApiParts, Depends(_parts_of)]
