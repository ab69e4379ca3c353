"""A sandbox and adapters that talk to it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from channels.sendgrid_email import SendGridEmail
from channels.twilio_sms import TwilioSms
from tests.channels.builders import twilio
from tests.sandbox_server import RunningSandbox, sandbox_server


@pytest.fixture(scope="package")
async def running() -> AsyncIterator[RunningSandbox]:
    """One sandbox for all tests of the adapters."""
    async with sandbox_server() as running:
        yield running


@pytest.fixture
async def sandbox(running: RunningSandbox) -> AsyncIterator[RunningSandbox]:
    """The sandbox without faults of an earlier test."""
    await running.clear()
    yield running
    await running.clear()


@pytest.fixture
def sms(sandbox: RunningSandbox) -> Iterator[TwilioSms]:
    """Twilio's adapter, pointed at the sandbox."""
    sender = twilio(sandbox)
    yield sender
    sender.close()


@pytest.fixture
def email(sandbox: RunningSandbox) -> SendGridEmail:
    """SendGrid's adapter, pointed at the sandbox."""
    return SendGridEmail(sandbox.box.config.sendgrid_api_key, base_url=sandbox.base_url, timeout=2)
