"""Builds the workers: which workflows and activities run on which task queue, in the SDK's sandbox."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.assembly import Assembly
from workflows.journey import JourneyWorkflow
from workflows.options import STICKY_TIMEOUT
from workflows.outward import OutwardWorkflow
from workflows.upkeep import PollWorkflow, ReconcileWorkflow, ScanMessagesWorkflow
from workflows.urgent import UrgentWorkflow

WORKFLOWS = (
    JourneyWorkflow,
    UrgentWorkflow,
    ScanMessagesWorkflow,
    ReconcileWorkflow,
    PollWorkflow,
    OutwardWorkflow,
)


@dataclass(frozen=True)
class Queues:
    """Task queues. The same name for all of them is fine (tests, simulation)."""

    journeys: str
    urgent: str
    messaging: str
    outward: str | None = None
    """Of its own, so that a clinic's slow endpoint delays no journey; None: the journeys'."""


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox stays on; our own pure modules pass through, so that models are the same classes inside."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules("domain", "activities", "workflows")
    return SandboxedWorkflowRunner(restrictions=restrictions)


def build_workers(
    client: Client,
    activities: Assembly,
    queues: Queues,
    *,
    drain: timedelta = timedelta(seconds=30),
    sends_per_second: float | None = None,
    cached: int = 1000,
) -> list[Worker]:
    """One worker per task queue; `urgent` has its own, so that no backlog of messages delays it.

    `sends_per_second` limits `deliver` over all workers of the queue, for the provider's rate limit; `cached` is how
    many workflows stay in memory, 0 replays each one whenever it has something to do.
    """
    safety = [
        activities.safety.raise_alarm,
        activities.safety.send_safety_text,
        activities.safety.page,
        activities.safety.is_handled,
    ]
    upkeep = [
        activities.scan.scan_messages,
        activities.reconcile.reconcile_bookings,
        activities.reconcile.poll_bookings,
        activities.silence.note_silence,
    ]
    by_queue: dict[str, list[object]] = {queues.journeys: [activities.records.record, *upkeep]}
    by_queue.setdefault(queues.messaging, []).append(activities.messaging.deliver)
    by_queue.setdefault(queues.urgent, []).extend(safety)
    if outward := activities.outward:
        telling = [outward.tell_outward, outward.give_up_outward]
        by_queue.setdefault(queues.outward or queues.journeys, []).extend(telling)
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=list(WORKFLOWS) if queue in (queues.journeys, queues.urgent, queues.outward) else [],
            activities=found,  # type: ignore[arg-type]  # bound methods of several signatures
            workflow_runner=workflow_runner(),
            sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
            graceful_shutdown_timeout=drain,
            max_cached_workflows=cached,
            max_task_queue_activities_per_second=sends_per_second if queue == queues.messaging else None,
        )
        for queue, found in by_queue.items()
    ]
