"""What is done by the calendar and not for one patient; started by Temporal Schedules (`workflows/schedules.py`)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.reconcile import Reconcile
    from activities.requests import ReconcileRequest, ReconcileResult, ScanRequest, ScanResult
    from activities.scan import Scan
    from activities.silence import Silence
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


@workflow.defn(name="ReconcileBookings")
class ReconcileWorkflow:
    """Does the store agree with a booking system's own list, and do its webhooks still come?"""

    @workflow.run
    async def run(self, request: ReconcileRequest) -> ReconcileResult:
        try:
            return await workflow.execute_activity_method(
                Reconcile.reconcile_bookings,
                request,
                start_to_close_timeout=options.RECONCILE_TIMEOUT,
                schedule_to_close_timeout=options.RECONCILE_WITHIN,
                retry_policy=options.RECONCILE_RETRY,
                summary="compare the bookings with the system's own list",
            )
        finally:
            # A system that cannot be asked may have stopped its webhooks, too.
            await workflow.execute_activity_method(
                Silence.note_silence,
                request,
                start_to_close_timeout=options.RECORD_TIMEOUT,
                retry_policy=options.RECORD_RETRY,
                summary="do webhooks still come",
            )


@workflow.defn(name="PollBookings")
class PollWorkflow:
    """Every few minutes, for a booking system without webhooks: what has changed?"""

    @workflow.run
    async def run(self, request: ReconcileRequest) -> ReconcileResult:
        return await workflow.execute_activity_method(
            Reconcile.poll_bookings,
            request,
            start_to_close_timeout=options.POLL_TIMEOUT,
            schedule_to_close_timeout=options.POLL_WITHIN,
            retry_policy=options.POLL_RETRY,
            summary="fetch what has changed",
        )
