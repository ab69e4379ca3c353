"""Stopping a process, by real signals to this one."""

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from runtime.lifecycle import GracefulStop, run_until_signalled

LONG = timedelta(seconds=30)


def send(signum: signal.Signals) -> None:
    """Signal this process; the event loop's handler takes it."""
    os.kill(os.getpid(), signum)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_work_finish(signum: signal.Signals) -> None:
    """After SIGTERM or Ctrl-C the work in hand is completed before the return."""
    done = []

    async def serve(stop: GracefulStop) -> None:
        send(signum)
        await stop.wait()
        await asyncio.sleep(0)
        done.append("last send")

    assert await run_until_signalled(serve, drain=LONG)
    assert done == ["last send"]


async def test_work_that_does_not_drain_is_cut_off() -> None:
    """Past its drain time the work is cancelled, and the caller is told."""

    async def serve(stop: GracefulStop) -> None:
        stop.ask()
        await asyncio.Event().wait()

    assert not await run_until_signalled(serve, drain=timedelta(milliseconds=10))


async def test_a_second_signal_means_now() -> None:
    """Asked twice, the process does not wait for the drain time."""

    async def serve(stop: GracefulStop) -> None:
        send(signal.SIGTERM)
        await stop.wait()
        send(signal.SIGTERM)
        await asyncio.Event().wait()

    assert not await asyncio.wait_for(run_until_signalled(serve, drain=LONG), 5)


async def test_work_may_end_by_itself() -> None:
    """Without any signal the return of the work is the end."""

    async def serve(stop: GracefulStop) -> None:
        assert not stop.asked

    assert await run_until_signalled(serve, drain=LONG)


async def test_an_error_of_the_work_is_raised() -> None:
    """A crash is not mistaken for an orderly end."""

    async def serve(stop: GracefulStop) -> None:
        raise OSError("port taken")

    with pytest.raises(OSError, match="port taken"):
        await run_until_signalled(serve, drain=LONG)


async def test_signal_handlers_are_taken_back() -> None:
    """Afterwards SIGTERM means what it meant before."""
    before = signal.getsignal(signal.SIGTERM)

    async def serve(stop: GracefulStop) -> None:
        assert signal.getsignal(signal.SIGTERM) is not before

    await run_until_signalled(serve, drain=LONG)
    assert signal.getsignal(signal.SIGTERM) == before
