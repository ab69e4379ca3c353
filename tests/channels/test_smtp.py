"""What the SMTP adapter sends, and what it makes of a mail server that misbehaves at each step."""

import socket
from email import message_from_bytes
from email.policy import default

import pytest

from channels.smtp_email import SmtpEmail, compose
from domain.errors import (
    BadInputError,
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    RecipientUnreachableError,
)
from domain.messages import Attachment
from tests.channels.builders import an_email
from tests.channels.smtp_sink import smtp_sink


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("greeting", "421 later", NotSentError),
        ("greeting", "drop", NotSentError),
        ("greeting", "554 go away", ChannelMisconfiguredError),
        ("MAIL", "451 later", NotSentError),
        ("MAIL", "553 not you", ChannelMisconfiguredError),
        ("RCPT", "451 later", NotSentError),
        ("RCPT", "550 nobody", RecipientUnreachableError),
        ("RCPT", "drop", NotSentError),
        ("DATA", "451 later", NotSentError),
        ("content", "451 later", NotSentError),
        ("content", "554 spam", ContentRefusedError),
        ("content", "drop", OutcomeUnknownError),
    ],
)
async def test_the_step_decides_what_is_known(step: str, answer: str, error: type[DeliveryError]) -> None:
    """Before the content is handed over nothing was sent; after it only an answer tells."""
    async with smtp_sink() as sink:
        sink.answers[step] = answer
        with pytest.raises(error) as caught:
            await SmtpEmail("127.0.0.1", sink.port, security="none", timeout=1).send(an_email())
    assert type(caught.value) is error


async def test_a_refused_connection_is_not_sent() -> None:
    """Nobody listening means that nothing was sent."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(NotSentError):
            await SmtpEmail("127.0.0.1", bound.getsockname()[1], security="none", timeout=1).send(an_email())


async def test_a_server_without_starttls_is_the_clinics_fault() -> None:
    """A password never goes over a line that should have been encrypted and is not."""
    async with smtp_sink() as sink:
        with pytest.raises(ChannelMisconfiguredError):
            await SmtpEmail("127.0.0.1", sink.port, "user", "secret", timeout=1).send(an_email())


async def test_the_mail_arrives_whole() -> None:
    """Names, letters beyond ASCII, both bodies, the file and the unsubscribe headers come through seven-bit mail."""
    file = Attachment(filename="visit.ics", content_type="text/calendar; charset=utf-8", content=b"BEGIN:VCALENDAR")
    sent = an_email(
        message_id="m1",
        subject="Tu visita de mañana",
        text="Hasta mañana",
        html="<p>Hasta mañana</p>",
        unsubscribe_url="https://c.example/u/1",
        reply_to="front@clinic.example",
        attachments=(file,),
    )
    async with smtp_sink() as sink:
        receipt = await SmtpEmail("127.0.0.1", sink.port, security="none", timeout=1).send(sent)
        (raw,) = sink.mails
    mail = message_from_bytes(raw, policy=default)
    assert receipt.provider_id == mail["Message-ID"] == "<m1@clinic.example>"
    assert (mail["Subject"], mail["Reply-To"]) == ("Tu visita de mañana", "front@clinic.example")
    assert mail["From"] == '"Clinic, Example" <care@clinic.example>'
    assert mail["List-Unsubscribe"] == "<https://c.example/u/1>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert raw.isascii()


@pytest.mark.parametrize("change", [{"subject": "a\nBcc: x@y.example"}, {"to": "a@b.example\nBcc: x@y.example"}])
def test_headers_cannot_be_smuggled_in(change: dict[str, str]) -> None:
    """A line break in what becomes a header is refused."""
    with pytest.raises(ContentRefusedError):
        compose(an_email(**change))


@pytest.mark.parametrize(
    ("password", "security", "setting"),
    [(None, "starttls", "HEALGATE_SMTP_PASSWORD"), ("secret", "none", "HEALGATE_SMTP_SECURITY")],
)
def test_unsafe_settings_are_refused(password: str | None, security: str, setting: str) -> None:
    """A user without password, or a password without encryption, names the setting to mend."""
    with pytest.raises(BadInputError, match=setting):
        SmtpEmail("mail.example", 587, "user", password, security=security)  # type: ignore[arg-type]
