"""How a process ends: asked once it drains, asked twice or too slow it is cut off."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class GracefulStop:
    """A stop that was asked for by a signal or by the program. A second request means: now."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._insisted = asyncio.Event()

    def ask(self) -> None:
        """Ask for the stop; asked again, insist."""
        if self._asked.is_set():
            self._insisted.set()
        self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    async def wait(self) -> None:
        """Wait until the stop is asked for."""
        await self._asked.wait()

    async def wait_insisted(self) -> None:
        """Wait until the stop is asked for a second time."""
        await self._insisted.wait()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM ask, inside the block. Needs the main thread's event loop."""
        loop = asyncio.get_running_loop()
        for signum in _SIGNALS:
            loop.add_signal_handler(signum, self.ask)
        try:
            yield
        finally:
            for signum in _SIGNALS:
                loop.remove_signal_handler(signum)


async def run_until_signalled(
    run: Callable[[GracefulStop], Awaitable[None]], *, drain: timedelta, stop: GracefulStop | None = None
) -> bool:
    """Run `run(stop)`, which is to return soon after `stop` is asked for; its errors are raised here.

    Returns False when it had to be cancelled: because it did not drain in time, or a second signal came.
    """
    stop = stop or GracefulStop()
    with stop.on_signals():
        work = asyncio.ensure_future(run(stop))
        await _first(work, stop.wait())
        await _first(work, stop.wait_insisted(), timeout=drain)
        drained = work.done()
        work.cancel()
        await asyncio.wait([work])
    if not work.cancelled():
        work.result()
    return drained


async def _first(work: asyncio.Future[None], other: Awaitable[None], timeout: timedelta | None = None) -> None:
    """Wait for whichever comes first, at most `timeout`; `work` is left running."""
    waiter = asyncio.ensure_future(other)
    try:
        await asyncio.wait(
            [work, waiter],
            timeout=timeout.total_seconds() if timeout else None,
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        waiter.cancel()
