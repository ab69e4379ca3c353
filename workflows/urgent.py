"""The safety workflow: a reply that cannot wait gets a task, a page and one fixed text, with or without a journey.

It is keyed by the reply, runs on the unthrottled task queue `urgent`, and pages the roster until somebody takes over.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from collections.abc import Awaitable, Callable
    from datetime import datetime, timedelta

    from activities.requests import Alarm, AlarmRequest, PageRequest
    from activities.safety import Safety
    from domain.journey import minute
    from domain.journey.events import Outcome
    from workflows import options
    from workflows.messages import Pulse

    Send = Callable[[Safety, PageRequest], Awaitable[Outcome]]


@workflow.defn(name="Urgent")
class UrgentWorkflow:
    """Ends when the task is taken or the roster was gone through; the task stays open until a person closes it."""

    @workflow.init
    def __init__(self, request: AlarmRequest) -> None:
        self._request = request
        self._taken = False
        self._until: datetime | None = None
        self._over = False
        self._under_way = 0

    @workflow.run
    async def run(self, request: AlarmRequest) -> str:
        alarm = await workflow.execute_activity_method(
            Safety.raise_alarm,
            request,
            start_to_close_timeout=options.RECORD_TIMEOUT,
            retry_policy=options.ALARM_RETRY,
            summary="open the urgent task",
        )
        # Each message is a task of its own: a provider that says 'later' to one must not hold the next contact back.
        sending = [asyncio.create_task(self._text(alarm)), asyncio.create_task(self._page(alarm, 0))]
        for turn in range(1, alarm.contacts * options.PAGE_ROUNDS):
            if await self._somebody_takes_over(alarm):
                break
            sending.append(asyncio.create_task(self._page(alarm, turn)))
        await asyncio.gather(*sending)
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
        settled = self._over or (self._until is not None and not self._under_way)
        return Pulse(settled=settled, now=now, next_moment=self._until, over=self._over)

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
        """Until the provider has it, or nobody knows even after a second look."""
        outcome = await self._send(Safety.send_safety_text, alarm, 0, "safety text")
        if outcome.state == "unknown":
            await workflow.sleep(options.TEXT_RESENT_AFTER, summary="was the safety text sent?")
            await self._send(Safety.send_safety_text, alarm, 0, "safety text, if it was not sent")

    async def _page(self, alarm: Alarm, turn: int) -> None:
        if alarm.contacts:
            await self._send(Safety.page, alarm, turn, f"page on-call, turn {turn + 1}")

    async def _send(self, activity: Send, alarm: Alarm, turn: int, summary: str) -> Outcome:
        """Again for as long as the provider provably did not take it; the row expires when it is of no more use."""
        while True:
            self._under_way += 1
            outcome = await workflow.execute_activity_method(
                activity,
                PageRequest(alarm=self._request, task_id=alarm.task_id, turn=turn),
                start_to_close_timeout=options.SEND_TIMEOUT,
                retry_policy=options.ALARM_RETRY,
                summary=summary,
            )
            self._under_way -= 1
            if outcome.state != "deferred" or outcome.until is None:
                return outcome
            pause = outcome.until - (workflow.now() + self._request.skew)
            await workflow.sleep(max(pause, timedelta(seconds=1)), summary=f"{summary}: the provider said later")
