"""Tells one endpoint of one change, for about three days; then a person knows that it could not."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.outward import Outward
    from activities.requests import OutwardRequest
    from domain.outward import OutwardOutcome
    from workflows import options


@workflow.defn(name="Outward")
class OutwardWorkflow:
    """Keyed by the event, so that two workers never tell of it side by side."""

    @workflow.run
    async def run(self, request: OutwardRequest) -> OutwardOutcome:
        try:
            return await workflow.execute_activity_method(
                Outward.tell_outward,
                request,
                start_to_close_timeout=options.OUTWARD_TIMEOUT,
                retry_policy=options.OUTWARD_RETRY,
                summary="tell the endpoint",
            )
        except ActivityError:
            # Cancelled by an operator counts, too: whatever ends it early, a person knows.
            return await workflow.execute_activity_method(
                Outward.give_up_outward,
                request,
                start_to_close_timeout=options.RECORD_TIMEOUT,
                retry_policy=options.RECORD_RETRY,
                summary="tell the clinic's admin that it was not told",
            )
