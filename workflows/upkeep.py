"""What is done by the calendar and not for one patient; started by Temporal Schedules (`workflows/schedules.py`)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.requests import ScanRequest, ScanResult
    from activities.scan import Scan
    from workflows import options


@workflow.defn(name="ScanMessages")
class ScanMessagesWorkflow:
    """Once a day: does the SMS provider's listing agree with the ledger?"""

    @workflow.run
    async def run(self, request: ScanRequest) -> ScanResult:
        return await workflow.execute_activity_method(
            Scan.scan_messages,
            request,
            start_to_close_timeout=options.SCAN_TIMEOUT,
            schedule_to_close_timeout=options.SCAN_WITHIN,
            retry_policy=options.SCAN_RETRY,
            summary="compare the ledger with the provider's listing",
        )
