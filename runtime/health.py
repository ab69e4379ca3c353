"""Whether this process can do its work: named checks, asked by /readyz."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

Ping = Callable[[], Awaitable[object]]
"""Returns when all is well, raises when not."""

OK = "ok"


@dataclass(frozen=True)
class HealthReport:
    """`checks` says for each name "ok", "timeout", or the type of the error; never its text, for /readyz is public."""

    checks: dict[str, str]

    @property
    def ready(self) -> bool:
        return all(outcome == OK for outcome in self.checks.values())


class HealthRegistry:
    """The checks of one process."""

    def __init__(self) -> None:
        self._checks: dict[str, tuple[Ping, timedelta]] = {}

    def add(self, name: str, ping: Ping, *, timeout: timedelta = timedelta(seconds=2)) -> None:
        """Have `ping` called for each report; it counts as failed after `timeout`."""
        self._checks[name] = (ping, timeout)

    async def report(self) -> HealthReport:
        """Run all checks side by side."""
        outcomes = await asyncio.gather(*(_outcome(ping, timeout) for ping, timeout in self._checks.values()))
        return HealthReport(dict(zip(self._checks, outcomes, strict=True)))


async def _outcome(ping: Ping, timeout: timedelta) -> str:
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await ping()
    except TimeoutError:
        return "timeout"
    except Exception as error:  # noqa: BLE001 -- whatever a check raises is its answer
        return type(error).__name__
    return OK
