"""What every implementation of the ports does, run against each of them."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.console import ConsoleEmail, ConsoleSms
from channels.sendgrid_email import SendGridEmail
from channels.smtp_email import SmtpEmail
from channels.twilio_sms import TwilioSms
from domain.errors import DeliveryError, NotSentError
from domain.messages import SmsMessage
from domain.ports import EmailSender, SmsSender
from tests.channels.builders import an_email, an_sms, twilio
from tests.channels.smtp_sink import smtp_sink
from tests.channels.tls import untrusted_server
from tests.sandbox_server import RunningSandbox

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.


@pytest.fixture(params=["twilio", "console"])
def sms_sender(request: pytest.FixtureRequest, sms: TwilioSms) -> SmsSender:
    """Each implementation of `SmsSender`."""
    return sms if request.param == "twilio" else ConsoleSms(io.StringIO())


@pytest.fixture(params=["sendgrid", "smtp", "console"])
async def email_sender(request: pytest.FixtureRequest, email: SendGridEmail) -> AsyncIterator[EmailSender]:
    """Each implementation of `EmailSender`."""
    async with smtp_sink() as sink:
        smtp = SmtpEmail("127.0.0.1", sink.port, security="none", timeout=2)
        senders: dict[str, EmailSender] = {"sendgrid": email, "smtp": smtp, "console": ConsoleEmail(io.StringIO())}
        yield senders[request.param]


async def test_a_receipt_names_the_text(sms_sender: SmsSender) -> None:
    """Two texts get two receipts with different provider ids."""
    first, second = await asyncio.gather(sms_sender.send(an_sms()), sms_sender.send(an_sms()))
    assert first.provider_id
    assert first.provider_id != second.provider_id


async def test_a_receipt_names_the_mail(email_sender: EmailSender) -> None:
    """Two mails get two receipts with different provider ids."""
    first, second = await asyncio.gather(email_sender.send(an_email()), email_sender.send(an_email()))
    assert first.provider_id
    assert first.provider_id != second.provider_id


async def test_find_lists_only_what_went_to_that_contact(sms_sender: SmsSender) -> None:
    """A look-up never answers another person's message."""
    since = datetime.now(UTC)
    await sms_sender.send(an_sms(to="+15005550123"))
    assert {one.to for one in await sms_sender.find("+15005550124", since)} == set()


async def test_find_of_mails_lists_only_what_went_to_that_contact(email_sender: EmailSender) -> None:
    """A look-up never answers another person's mail."""
    since = datetime.now(UTC)
    await email_sender.send(an_email(to="one@example.com"))
    assert {one.to for one in await email_sender.find("two@example.com", since)} == set()


@pytest.mark.parametrize("message", [an_sms(body="x" * 1601), an_sms(to="+15005550001"), an_sms(sender="nobody")])
async def test_errors_carry_nothing_personal(sms: TwilioSms, message: SmsMessage) -> None:
    """An error's text holds neither number nor body."""
    with pytest.raises(DeliveryError) as caught:
        await sms.send(message)
    assert message.to not in str(caught.value)
    assert message.body not in str(caught.value)


async def test_an_untrusted_certificate_means_not_sent(sandbox: RunningSandbox, tmp_path: Path) -> None:
    """Whoever is at the other end without the right certificate gets neither message nor secret."""
    async with untrusted_server(tmp_path) as base_url:
        sms = twilio(sandbox, base_url=base_url)
        with pytest.raises(NotSentError):
            await sms.send(an_sms())
        with pytest.raises(NotSentError):
            await SendGridEmail("SG.key", base_url=base_url, timeout=2).send(an_email())
    sms.close()
