"""Channels that rest (docs/operating.md): which, and sending again."""

from fastapi import APIRouter

from api.parts import Parts
from api.staff.auth import ActorDep
from api.staff.scope import OF_CLINIC, ClinicDep
from domain.incidents import channel_scope
from domain.messages import Channel
from domain.records import AuditEntry, Pause, TaskCause

router = APIRouter(prefix=f"{OF_CLINIC}/channels", tags=["channels"])


@router.get("/paused")
async def list_pauses(clinic: ClinicDep, parts: Parts) -> list[Pause]:
    """The clinic's channels on which nothing is sent now, until when, and the provider's code."""
    return await parts.store.pauses.active(parts.clock(), clinic.id)


@router.post("/{channel}/resume", status_code=204)
async def resume(clinic: ClinicDep, channel: Channel, actor: ActorDep, parts: Parts) -> None:
    """Send again on this channel, and close its task; what waited and is still useful goes out within 15 minutes."""
    now = parts.clock()
    await parts.store.pauses.end(clinic.id, channel)
    await parts.store.tasks.close(
        clinic.id, channel_scope(channel), TaskCause.INCIDENT, outcome="resumed", by=actor.audited, now=now
    )
    entry = AuditEntry(
        clinic_id=clinic.id, at=now, kind="channel", actor=actor.audited, data={"channel": channel, "to": "resumed"}
    )
    await parts.store.audit.append([entry])
