"""The clock of one real journey: moves it, and waits until the journey has come to rest."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from runtime.timeskip import fast_forward, virtual_now
from workflows.journey import JourneyWorkflow
from workflows.messages import JourneyResult

SETTLES_WITHIN = 150.0
"""Seconds; what a killed worker was about to send is tried again after a minute."""
POLL, LONGEST_POLL = 0.05, 0.5
Answer = TypeVar("Answer")
TOO_SLOW = "[TMPRL1101]"
"""The SDK's code for a task that took more than two seconds: of a machine that does other things, here."""


async def asked(question: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer to a query; asked again where the machine was too slow for it."""
    while True:
        try:
            return await question()
        except WorkflowQueryFailedError as error:
            if TOO_SLOW not in str(error):
                raise


@dataclass
class JourneyClock:
    """Virtual time of one workflow; `skew` leads from its own clock to the journey's."""

    client: Client
    handle: WorkflowHandle[JourneyWorkflow, JourneyResult]
    skew: timedelta
    begun: bool = False
    over: bool = False

    async def now(self) -> datetime:
        """The journey's own now; before it has begun that of its clinic."""
        if not self.begun:
            return datetime.now(UTC) + self.skew
        return await virtual_now(self.client, self.handle) + self.skew

    async def wait(self, span: timedelta) -> None:
        if span > timedelta():
            await fast_forward(self.client, self.handle, span)
            await self.settle()

    async def settle(self) -> None:
        """Wait until the journey waits for something that lies ahead, or has ended."""
        pause = POLL
        async with asyncio.timeout(SETTLES_WITHIN):
            while await self._is_busy() or not await self._rests():
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_POLL)

    async def _is_busy(self) -> bool:
        """As the server knows it: asking the workflow itself would keep the worker busy, too."""
        known = (await self.handle.describe()).raw_description
        return bool(known.pending_activities) or known.HasField("pending_workflow_task")

    async def _rests(self) -> bool:
        try:
            pulse = await asked(lambda: self.handle.query(JourneyWorkflow.pulse))
        except RPCError:
            return False  # between two runs of continue-as-new, or between two workers
        if pulse.over:
            await self.handle.result()
            self.over = True
            return True
        ahead = pulse.next_moment is None or pulse.next_moment > await self.now()
        return pulse.settled and ahead
