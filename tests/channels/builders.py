"""Messages and adapters with sensible defaults."""

from typing import Any
from uuid import uuid4

from channels.twilio_sms import TwilioSms
from domain.messages import EmailMessage, SmsMessage
from tests.sandbox_server import RunningSandbox

CLINIC = "+15005550010"
PATIENT = "+15005550006"


def an_sms(**changes: Any) -> SmsMessage:
    """A text to a patient who can be reached."""
    given = {"message_id": uuid4().hex, "clinic_id": "c1", "to": PATIENT, "sender": CLINIC, "body": "Hi Ana"}
    return SmsMessage(**(given | changes))


def an_email(**changes: Any) -> EmailMessage:
    """A mail to a patient who can be reached."""
    given = {
        "message_id": uuid4().hex,
        "clinic_id": "c1",
        "to": "ana@example.com",
        "sender": "care@clinic.example",
        "sender_name": "Clinic, Example",
        "subject": "Your care steps",
        "text": "Keep it clean.",
        "html": "<p>Keep it clean.</p>",
    }
    return EmailMessage(**(given | changes))


def callback_url(clinic_id: str, message_id: str, attempt: int) -> str:
    """A StatusCallback that nobody listens on."""
    return f"http://127.0.0.1:9/webhooks/twilio/{clinic_id}/status?n={message_id}&a={attempt}"


def twilio(sandbox: RunningSandbox, timeout: float = 2, **changes: Any) -> TwilioSms:
    """The adapter with the sandbox's own credentials."""
    config = sandbox.box.config
    given: dict[str, Any] = {
        "account_sid": config.account_sid,
        "auth_token": config.auth_token,
        "base_url": sandbox.base_url,
        "status_callback_url": callback_url,
    }
    return TwilioSms(**(given | changes), timeout=timeout)
