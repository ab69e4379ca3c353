"""What the chaos test sends: which rows, to whom, under which policy; for the test and for the processes it kills."""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from activities.post_office import Letter
from domain.clinic import Clinic
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import NewMessage
from domain.wording import MessageContext
from tests.store.rows import CLINIC, a_clinic

TIMEOUT = 0.4
"""Seconds, instead of 10."""
LANDLINE = "+15005550009"
"""The sandbox refuses it, as Twilio does with its test credentials."""


class Order(BaseModel):
    """What a posting process needs to know."""

    database_url: str
    sandbox_url: str
    callback_url: str
    account_sid: str
    auth_token: str
    sendgrid_api_key: str
    rows: int


def live_clinic() -> Clinic:
    """A clinic that sends."""
    return a_clinic(live_from=datetime.now(UTC).date() - timedelta(days=2))


def address(number: int) -> str:
    """Every fourth row is an e-mail, a few go to a number that the provider refuses, no two share a patient."""
    if channel(number) is Channel.EMAIL:
        return f"patient{number}@example.com"
    return LANDLINE if number % 20 == 6 else f"+1202555{number:04d}"


def channel(number: int) -> Channel:
    return Channel.EMAIL if number % 4 == 3 else Channel.SMS


def letter(number: int, now: datetime) -> Letter:
    """One message; every fifth may be sent a second time when nobody knows what became of the first."""
    return Letter(
        new=NewMessage(
            key=f"chaos:{number}",
            clinic_id=CLINIC,
            journey_id=None,
            patient_id=f"p{number}",
            touchpoint="chaos",
            channel=channel(number),
            due_at=now,
            resends=1 if number % 5 == 0 else 0,
        ),
        address=address(number),
        locale="en",
        key="chaos",
        context=MessageContext(clinic="Glow", zone="America/New_York", name=f"Patient {number}"),
    )


def consent(number: int, now: datetime) -> Consent:
    return Consent(
        clinic_id=CLINIC,
        channel=channel(number),
        address=address(number),
        status=ConsentStatus.GRANTED,
        wording_version="chaos-1",
        origin="test",
        at=now,
    )
