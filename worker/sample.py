"""The sample clinic of the embedded mode: made-up people, sandbox numbers, live from the first day."""

from datetime import UTC, date, datetime, timedelta

from domain.calendar import Calendar
from domain.clinic import BookingSource, Clinic, Location, OnCall
from domain.messages import Channel

SAMPLE_CLINIC = "sample"
SAMPLE_SOURCE = "generic"
BOOKING_SECRET = "HEALGATE_BOOKING_SECRET"  # noqa: S105 - the name of a variable
SAMPLE_SENDER = "+15005550006"


def sample_clinic(today: date | None = None) -> Clinic:
    """A clinic in New York with two people on call."""
    live_from = (today or datetime.now(UTC).date()) - timedelta(days=1)
    place = Location(
        name="Main Street",
        address="1 Main Street, New York",
        calendar=Calendar(timezone="America/New_York"),
        phone="+12125550100",
        after_hours_phone="+12125550199",
        sms_sender=SAMPLE_SENDER,
        email_sender="care@clinic.example",
        on_call=(
            OnCall(name="Nurse Kim", channel=Channel.SMS, address="+12125550110"),
            OnCall(name="Dr. Rivera", channel=Channel.SMS, address="+12125550111"),
        ),
    )
    return Clinic(
        id=SAMPLE_CLINIC,
        name="Sample Skin Clinic",
        timezone="America/New_York",
        locations=(place,),
        sources={SAMPLE_SOURCE: BookingSource(system="generic", secret_names=(BOOKING_SECRET,))},
        live_from=live_from,
    )
