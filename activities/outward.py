"""Telling a clinic's own systems of a change, and what happens when they do not listen (docs/webhooks.md)."""

import uuid
from dataclasses import dataclass

import structlog
from temporalio import activity

from activities.clock import activity_now
from activities.requests import OutwardRequest
from activities.translate_errors import translated
from domain.clinic import Clinic
from domain.errors import EndpointGoneError, NotTakenError
from domain.incidents import endpoint_incident
from domain.outward import OutwardEvent, OutwardOutcome
from domain.ports import Clinics, Outbox, OutwardSender, Tasks

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outward:
    """Activities of the workflow of one outward event."""

    outbox: Outbox
    clinics: Clinics
    tasks: Tasks
    sender: OutwardSender

    @activity.defn(name="tell_outward")
    async def tell_outward(self, request: OutwardRequest) -> OutwardOutcome:
        """Post the event once, unless it was settled before; raises while trying again may help."""
        async with translated():
            event = await self.outbox.get(request.event_id)
            if event.outcome:
                return event.outcome
            outcome = await self._outcome(event)
            await self.outbox.settle(event.id, outcome, activity_now())
            return outcome

    @activity.defn(name="give_up_outward")
    async def give_up_outward(self, request: OutwardRequest) -> OutwardOutcome:
        """Every try failed: a person must know. One open task per endpoint, not per event."""
        async with translated(for_ever=True):
            event = await self.outbox.get(request.event_id)
            if event.outcome:
                return event.outcome
            clinic = await self.clinics.get(event.clinic_id)
            await self._tell_admin(clinic, event, "a webhook endpoint did not take an event", event.code or "")
            await self.outbox.settle(event.id, OutwardOutcome.GIVEN_UP, activity_now())
            return OutwardOutcome.GIVEN_UP

    async def _outcome(self, event: OutwardEvent) -> OutwardOutcome:
        clinic = await self.clinics.get(event.clinic_id)
        webhook = clinic.webhook(event.endpoint)
        if webhook is None:
            return OutwardOutcome.REMOVED
        if await self.outbox.is_switched_off(clinic.id, webhook.name):
            return OutwardOutcome.SWITCHED_OFF
        try:
            await self.sender.send(webhook, event)
        except EndpointGoneError as error:
            return await self._switch_off(clinic, event, error.code)
        except NotTakenError as error:
            log.warning("outward.not_taken", **_names(event), code=error.code)
            await self.outbox.failed(event.id, error.code)
            raise
        return OutwardOutcome.DELIVERED

    async def _switch_off(self, clinic: Clinic, event: OutwardEvent, code: str) -> OutwardOutcome:
        """The task comes first: a process that dies in between leaves a task too many, never one too few."""
        await self._tell_admin(clinic, event, "a webhook endpoint wants no more events and was switched off", code)
        await self.outbox.switch_off(clinic.id, event.endpoint, activity_now())
        return OutwardOutcome.GONE

    async def _tell_admin(self, clinic: Clinic, event: OutwardEvent, why: str, code: str) -> None:
        log.error("outward.stopped", **_names(event), code=code)
        now, task_id = activity_now(), uuid.uuid4().hex
        await self.tasks.open(endpoint_incident(task_id, clinic, event.endpoint, why, now, code=code))


def _names(event: OutwardEvent) -> dict[str, str]:
    return {"clinic": event.clinic_id, "endpoint": event.endpoint, "event_id": event.id}
