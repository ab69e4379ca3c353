"""Run a vendor's blocking call beside the event loop, under a deadline for the whole of it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from domain.errors import OutcomeUnknownError

T = TypeVar("T")


async def in_thread(call: Callable[[], T], timeout: float) -> T:
    """Answer `call()`'s result. Raises `OutcomeUnknownError("deadline")` far beyond `timeout` seconds.

    The vendors' time-outs bound each wait on the socket alone: a server that drips bytes would hold a caller for ever.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(call), 2 * timeout + 1)
    except TimeoutError:
        raise OutcomeUnknownError("deadline") from None
