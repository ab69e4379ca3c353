"""SMTP: e-mail through the clinic's own mail server, by aiosmtplib and the standard library's e-mail package."""

import socket
from collections.abc import Awaitable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

from channels.headers import require_secret
from channels.quiet import quiet_vendor_loggers
from domain.errors import (
    BadInputError,
    ChannelMisconfiguredError,
    ContentRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    RecipientUnreachableError,
    RejectedError,
)
from domain.messages import EmailMessage, Receipt, SentMessage

quiet_vendor_loggers()

Security = Literal["starttls", "tls", "none"]
MIME_POLICY = SMTP.clone(cte_type="7bit")
"""Seven bits only: not every mail server between here and the patient takes eight."""


class SmtpEmail:
    """Implements `domain.ports.EmailSender`: one connection and one DATA per call.

    `security`: `starttls` (usually port 587), `tls` from the first byte (465), or `none` (for the same machine alone).
    `timeout` is in seconds and holds for each of the six steps. Raises `BadInputError` for a user name without a
    password, or a password without TLS.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        *,
        security: Security = "starttls",
        timeout: float = 10.0,
    ) -> None:
        if username and security == "none":
            raise BadInputError(
                "HEALGATE_SMTP_SECURITY is none, which would send the password in the clear; use starttls"
            )
        self._host, self._port, self._security, self._timeout = host, port, security, timeout
        self._username = username or None
        self._password = require_secret(password or "", "HEALGATE_SMTP_PASSWORD") if username else None

    async def send(self, message: EmailMessage) -> Receipt:
        """Hand one e-mail to the mail server. Raises a subclass of `DeliveryError`."""
        mime = compose(message)
        server = self._server()
        try:
            await _before_data(server.connect(), ChannelMisconfiguredError)
            await _before_data(server.mail(message.sender), ChannelMisconfiguredError)
            await _before_data(server.rcpt(message.to), RecipientUnreachableError)
            await _data(server, mime.as_bytes(policy=MIME_POLICY))
        finally:
            server.close()
        return Receipt(provider_id=str(mime["Message-ID"]))

    async def find(self, to: str, since: datetime) -> Sequence[SentMessage]:  # noqa: ARG002  # the port's shape
        """Nothing: a mail server cannot be asked what it took."""
        return []

    def _server(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            timeout=self._timeout,
            local_hostname=socket.gethostname(),
        )


def compose(message: EmailMessage) -> MimeMessage:
    """The MIME message. Raises `ContentRefusedError` for what no mail can hold, such as a line break in a header.

    The Message-ID comes from the ledger row alone: where a row may be sent twice, mail programs show one.
    """
    mime = MimeMessage(policy=MIME_POLICY)
    try:
        _set_headers(mime, message)
        _set_content(mime, message)
    except (ValueError, LookupError):
        raise ContentRefusedError("unsendable") from None
    return mime


def _set_headers(mime: MimeMessage, message: EmailMessage) -> None:
    mime["From"] = Address(message.sender_name, addr_spec=message.sender)
    mime["To"] = Address(addr_spec=message.to)
    mime["Subject"] = message.subject
    mime["Message-ID"] = f"<{message.message_id}@{message.sender.rpartition('@')[2]}>"
    if message.reply_to:
        mime["Reply-To"] = Address(addr_spec=message.reply_to)
    if message.unsubscribe_url:
        mime["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _set_content(mime: MimeMessage, message: EmailMessage) -> None:
    mime.set_content(message.text)
    mime.add_alternative(message.html, subtype="html")
    for one in message.attachments:
        maintype, _, subtype = one.content_type.partition(";")[0].strip().partition("/")
        mime.add_attachment(one.content, maintype=maintype, subtype=subtype, filename=one.filename)


async def _before_data(step: Awaitable[object], refusal: type[RejectedError]) -> None:
    """Until DATA nothing can have been accepted, so whatever goes wrong here is provably not sent."""
    try:
        await step
    except SMTPResponseException as error:
        raise _answer(error, refusal) from None
    except ValueError:
        raise refusal("address") from None
    except aiosmtplib.SMTPNotSupported as error:
        raise ChannelMisconfiguredError(type(error).__name__) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        # aiosmtplib raises its base class itself where the server lacks STARTTLS or AUTH
        kind = ChannelMisconfiguredError if type(error) is aiosmtplib.SMTPException else NotSentError
        raise kind(type(error).__name__) from None


async def _data(server: aiosmtplib.SMTP, content: bytes) -> None:
    """From here on only an answer tells: without one the server may have taken the message."""
    try:
        await server.data(content)
    except SMTPResponseException as error:
        if error.code < 400:
            raise OutcomeUnknownError("unreadable") from None
        raise _answer(error, ContentRefusedError) from None
    except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
        raise OutcomeUnknownError(type(error).__name__) from None


def _answer(error: SMTPResponseException, refusal: type[RejectedError]) -> DeliveryError:
    """4xx: not now; 5xx: never (RFC 5321, 4.2.1). aiosmtplib gives -1 for an answer that it cannot read."""
    return refusal(str(error.code)) if error.code >= 500 else NotSentError(str(error.code))
