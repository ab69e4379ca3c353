"""A sandbox whose webhooks land in a sink."""

from collections.abc import AsyncIterator

import pytest

from sandbox.config import SandboxConfig
from tests.sandbox_server import RunningSandbox, sandbox_server
from tests.webhook_sink import WebhookSink, webhook_sink


@pytest.fixture(scope="package")
async def listening() -> AsyncIterator[WebhookSink]:
    """One sink for all tests of the sandbox."""
    async with webhook_sink() as sink:
        yield sink


@pytest.fixture(scope="package")
async def running() -> AsyncIterator[RunningSandbox]:
    """One sandbox for all of them."""
    async with sandbox_server() as running:
        yield running


@pytest.fixture
async def sink(listening: WebhookSink, sandbox: RunningSandbox) -> WebhookSink:
    """Where webhooks land; empty at first."""
    return listening


@pytest.fixture
async def sandbox(listening: WebhookSink, running: RunningSandbox) -> RunningSandbox:
    """A sandbox that knows nothing yet and posts to the sink."""
    await running.box.start_afresh()
    listening.hits.clear()
    listening.answers.clear()
    fresh = SandboxConfig(
        step_seconds=0,
        time_scale=20,
        inbound_url=f"{listening.base_url}/inbound",
        event_url=f"{listening.base_url}/events",
    )
    for name, value in fresh:
        setattr(running.box.config, name, value)
    return running
