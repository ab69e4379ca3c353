"""Stores a delivery before it is acknowledged: in the database, or in the spool while that is down."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import structlog
from fastapi import Request

from api.parts import ApiParts
from channels.twilio_webhooks import signed_url
from domain.errors import SignatureError, StoreUnavailableError
from domain.records import InboxRow
from workflows.ids import new_id

Stored = Literal["stored", "duplicate", "spooled"]
log = structlog.get_logger(__name__)


def inbox_row(
    parts: ApiParts,
    *,
    clinic_id: str,
    source: str,
    delivery_id: str,
    key: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> InboxRow:
    """A delivery that arrived now."""
    now = parts.clock()
    return InboxRow(
        id=new_id(),
        clinic_id=clinic_id,
        source=source,
        delivery_id=delivery_id,
        key=key,
        body=body,
        headers=dict(headers or {}),
        received_at=now,
        next_try_at=now,
    )


async def keep(parts: ApiParts, row: InboxRow, *, counted_as: str) -> Stored:
    """Store the row for good; StoreUnavailableError where neither the database nor the disk takes it."""
    try:
        stored: Stored = "stored" if await parts.store.inbox.put(row) else "duplicate"
    except StoreUnavailableError:
        stored = await _spool(parts, row)
    parts.metrics.webhooks.labels(counted_as, stored).inc()
    parts.nudge()
    return stored


async def _spool(parts: ApiParts, row: InboxRow) -> Stored:
    try:
        await parts.spool.put(row)
    except OSError as error:
        raise StoreUnavailableError("neither the database nor the disk takes this delivery: send it again") from error
    log.warning("webhook.spooled", row=row.id, source=row.source)
    return "spooled"


@contextmanager
def refusals_counted(parts: ApiParts, counted_as: str) -> Iterator[None]:
    """Count what is refused inside; a wave of these is somebody trying, or a rotated secret."""
    try:
        yield
    except SignatureError:
        parts.metrics.webhooks.labels(counted_as, "refused").inc()
        log.warning("webhook.refused", source=counted_as)
        raise


def public_url(parts: ApiParts, request: Request) -> str:
    """The URL that the vendor called: the configured public one, with path and query exactly as they came."""
    return signed_url(parts.public_base_url, request.scope["raw_path"].decode("ascii"), raw_query(request))


def raw_query(request: Request) -> str:
    query: bytes = request.scope["query_string"]
    return query.decode("latin-1")
