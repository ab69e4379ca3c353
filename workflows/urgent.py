"""The safety workflow: a reply that cannot wait gets a task, a page and one fixed text, with or without a journey.

It is keyed by the reply, runs on the unthrottled task queue `urgent`, and pages the roster until somebody takes over.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from datetime import datetime

    from activities.requests import Alarm, AlarmRequest, PageRequest
    from activities.safety import Safety
    from domain.journey import minute
    from workflows import options
    from workflows.messages import Pulse


@workflow.defn(name="Urgent")
class UrgentWorkflow:
    """Ends when the task is taken or the roster was gone through; the task stays open until a person closes it."""

    @workflow.init
    def __init__(self, request: AlarmRequest) -> None:
        self._request = request
        self._taken = False
        self._until: datetime | None = None
        self._over = False

    @workflow.run
    async def run(self, request: AlarmRequest) -> str:
        alarm = await workflow.execute_activity_method(
            Safety.raise_alarm,
            request,
            start_to_close_timeout=options.RECORD_TIMEOUT,
            retry_policy=options.ALARM_RETRY,
            summary="open the urgent task",
        )
        await asyncio.gather(self._text(alarm), self._page(alarm, 0))
        for turn in range(1, alarm.contacts * options.PAGE_ROUNDS):
            if await self._somebody_takes_over(alarm):
                break
            await self._page(alarm, turn)
        self._over = True
        return alarm.task_id

    @workflow.signal
    def taken(self) -> None:
        """Somebody took or closed the task."""
        self._taken = True

    @workflow.query
    def pulse(self) -> Pulse:
        """Whether it waits for somebody, and until when."""
        now = minute(workflow.now() + self._request.skew)
        return Pulse(settled=self._until is not None or self._over, now=now, next_moment=self._until, over=self._over)

    async def _somebody_takes_over(self, alarm: Alarm) -> bool:
        self._until = minute(workflow.now() + self._request.skew) + options.PAGE_AGAIN_AFTER
        try:
            await workflow.wait_condition(
                lambda: self._taken,
                timeout=self._until - (workflow.now() + self._request.skew),
                timeout_summary="page the next contact",
            )
        except TimeoutError:
            pass
        finally:
            self._until = None
        return self._taken or await workflow.execute_activity_method(
            Safety.is_handled,
            PageRequest(alarm=self._request, task_id=alarm.task_id, turn=0),
            start_to_close_timeout=options.RECORD_TIMEOUT,
            retry_policy=options.ALARM_RETRY,
            summary="is somebody on it?",
        )

    async def _text(self, alarm: Alarm) -> None:
        await workflow.execute_activity_method(
            Safety.send_safety_text,
            PageRequest(alarm=self._request, task_id=alarm.task_id, turn=0),
            start_to_close_timeout=options.SEND_TIMEOUT,
            retry_policy=options.ALARM_RETRY,
            summary="safety text",
        )

    async def _page(self, alarm: Alarm, turn: int) -> None:
        if not alarm.contacts:
            return
        await workflow.execute_activity_method(
            Safety.page,
            PageRequest(alarm=self._request, task_id=alarm.task_id, turn=turn),
            start_to_close_timeout=options.SEND_TIMEOUT,
            retry_policy=options.ALARM_RETRY,
            summary=f"page on-call, turn {turn + 1}",
        )
