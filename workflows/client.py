"""Starts and updates workflows: what the relay, the staff API and the simulator share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.requests import AlarmRequest, OutwardRequest
from domain.errors import HealgateError, RefusedError
from domain.journey.events import (
    BookingChange,
    BookingVerdict,
    ContactChange,
    DeliveryFailed,
    OtherProcedure,
    Reply,
    SendAgain,
    StaffAction,
    StaffResult,
    TreatedChange,
)
from domain.records import TaskCause
from workflows.ids import journey_workflow_id, outward_workflow_id, urgent_workflow_id
from workflows.journey import JourneyWorkflow
from workflows.messages import JourneyResult, JourneyStart, JourneyView
from workflows.outward import OutwardWorkflow
from workflows.search_attributes import of_journey
from workflows.urgent import UrgentWorkflow

ANSWER_WITHIN = timedelta(seconds=15)
"""A worker that is killed is noticed after 3 s; the relay tries again later, under the same update id."""


class JourneyEndedError(HealgateError):
    """The journey's workflow has ended: the event is kept in the store, and a person must look at it."""


class TemporalUnavailableError(HealgateError):
    """Temporal did not answer, or no worker took the update in time: try again later."""

    retryable = True


class Journeys:
    """Everything that can be asked of running journeys."""

    def __init__(self, client: Client, task_queue: str, urgent_queue: str) -> None:
        self.client = client
        self._task_queue = task_queue
        self._urgent_queue = urgent_queue

    def handle(self, journey_id: str) -> WorkflowHandle[JourneyWorkflow, JourneyResult]:
        return self.client.get_workflow_handle_for(JourneyWorkflow.run, journey_workflow_id(journey_id))

    async def start_with_booking(self, start: JourneyStart, change: BookingChange, update_id: str) -> BookingVerdict:
        """Start the journey unless it runs, and tell it of the booking; a second delivery never opens a second run."""
        operation = WithStartWorkflowOperation(
            JourneyWorkflow.run,
            start,
            id=journey_workflow_id(start.journey_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=of_journey(start.clinic_id, start.plan.protocol_id, "preparing"),
            static_summary=f"{start.plan.protocol_id} {start.plan.protocol_version}",
        )
        async with _answered():
            return await self.client.execute_update_with_start_workflow(
                JourneyWorkflow.booking, change, start_workflow_operation=operation, id=update_id
            )

    async def booking(self, journey_id: str, change: BookingChange, update_id: str) -> BookingVerdict:
        """Tell a running journey of a booking."""
        async with _answered():
            return await self.handle(journey_id).execute_update(JourneyWorkflow.booking, change, id=update_id)

    async def treated(self, journey_id: str, change: TreatedChange, update_id: str) -> bool:
        """Record a treatment as done, redate it or take it back."""
        async with _answered():
            return await self.handle(journey_id).execute_update(JourneyWorkflow.treated, change, id=update_id)

    async def reply(self, journey_id: str, reply: Reply) -> bool:
        """Hand over a reply; its id is the update's, so that a second delivery changes nothing."""
        async with _answered():
            return await self.handle(journey_id).execute_update(JourneyWorkflow.reply, reply, id=reply.reply_id)

    async def staff(self, journey_id: str, action: StaffAction, update_id: str) -> StaffResult:
        """A staff action."""
        async with _answered():
            return await self.handle(journey_id).execute_update(JourneyWorkflow.staff, action, id=update_id)

    async def contact(self, journey_id: str, change: ContactChange, update_id: str) -> None:
        """The contact opted out or in elsewhere."""
        async with _answered():
            await self.handle(journey_id).execute_update(JourneyWorkflow.contact, change, id=update_id)

    async def other_procedure(self, journey_id: str, change: OtherProcedure, update_id: str) -> None:
        """The clinic booked another procedure for the patient, or called it off."""
        async with _answered():
            await self.handle(journey_id).execute_update(JourneyWorkflow.other_procedure, change, id=update_id)

    async def delivery_failed(self, journey_id: str, failure: DeliveryFailed, update_id: str) -> None:
        """A message did not arrive."""
        async with _answered():
            await self.handle(journey_id).execute_update(JourneyWorkflow.delivery_failed, failure, id=update_id)

    async def send_again(self, journey_id: str, again: SendAgain, update_id: str) -> None:
        """Hand a message to `deliver` once more."""
        async with _answered():
            await self.handle(journey_id).execute_update(JourneyWorkflow.send_again, again, id=update_id)

    async def close_task(self, journey_id: str, cause: TaskCause, update_id: str) -> None:
        """Staff closed a task of the journey."""
        async with _answered():
            await self.handle(journey_id).execute_update(JourneyWorkflow.close_task, cause, id=update_id)

    async def state(self, journey_id: str) -> JourneyView:
        """What a journey says of itself now; works on ended ones too, as long as Temporal keeps them."""
        async with _answered():
            return await self.handle(journey_id).query(JourneyWorkflow.state)

    async def alarm(self, request: AlarmRequest) -> None:
        """Start the safety workflow for a reply; once, however often it is relayed."""
        with suppress(JourneyEndedError):
            async with _answered():
                await self.client.start_workflow(
                    UrgentWorkflow.run,
                    request,
                    id=urgent_workflow_id(request.reply_id),
                    task_queue=self._urgent_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )

    async def alarm_taken(self, reply_id: str) -> None:
        """Somebody took the urgent task: stop paging. An ended safety workflow is fine."""
        handle = self.client.get_workflow_handle(urgent_workflow_id(reply_id))
        with suppress(JourneyEndedError):
            async with _answered():
                await handle.signal(UrgentWorkflow.taken)


async def start_outward(client: Client, event_id: str, task_queue: str) -> None:
    """Start the workflow of an outward event; once, however often and by whomever it is started."""
    async with _answered():
        with suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(
                OutwardWorkflow.run,
                OutwardRequest(event_id=event_id),
                id=outward_workflow_id(event_id),
                task_queue=task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Inside, what Temporal says or fails to say in time becomes an error that carries whether to retry."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            yield
    except WorkflowAlreadyStartedError:
        raise JourneyEndedError("this workflow has ended already") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise JourneyEndedError("no running workflow has this id") from None
        raise TemporalUnavailableError("Temporal did not answer in time") from error
    except WorkflowUpdateFailedError as error:
        raise RefusedError("refused", str(error.cause)) from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowQueryFailedError, TimeoutError) as error:
        raise TemporalUnavailableError("no worker answered in time") from error
