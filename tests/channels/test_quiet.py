"""Vendors' packages print numbers, addresses and keys; with our adapters loaded they do not."""

import logging
from datetime import UTC, datetime

import pytest

from channels.sendgrid_email import SendGridEmail
from channels.twilio_sms import TwilioSms
from tests.channels.builders import PATIENT, an_email, an_sms


async def test_no_number_address_or_key_is_logged(
    caplog: pytest.LogCaptureFixture, sms: TwilioSms, email: SendGridEmail
) -> None:
    """At the most talkative level, sending and looking up print nothing personal and no secret."""
    with caplog.at_level(logging.DEBUG):
        await sms.send(an_sms())
        await sms.find(PATIENT, datetime.now(UTC))
        await email.send(an_email())
    printed = caplog.text
    assert not [word for word in (PATIENT[1:], "ana@example.com", "SG.sandbox", "Hi Ana", "Basic") if word in printed]
