"""Readiness from named checks."""

import asyncio
from datetime import timedelta

from runtime.health import HealthRegistry


async def well() -> None:
    """A healthy dependency."""


async def broken() -> None:
    """A dependency that fails with a text nobody outside should read."""
    raise ConnectionError("postgresql://u:hunter2@db")


async def hanging() -> None:
    """A dependency that never answers."""
    await asyncio.Event().wait()


async def test_all_well_is_ready() -> None:
    """Ready only when every check passes."""
    registry = HealthRegistry()
    registry.add("database", well)
    report = await registry.report()
    assert (report.ready, report.checks) == (True, {"database": "ok"})


async def test_failures_are_named_and_do_not_block_each_other() -> None:
    """A failing and a hanging check are told by name, without the error's text, and the others still answer."""
    registry = HealthRegistry()
    registry.add("temporal", hanging, timeout=timedelta(milliseconds=10))
    registry.add("database", broken)
    registry.add("spool", well)
    report = await registry.report()
    assert not report.ready
    assert report.checks == {"temporal": "timeout", "database": "ConnectionError", "spool": "ok"}
