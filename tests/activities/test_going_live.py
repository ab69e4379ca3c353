"""Shadow mode and the first live day: nothing is sent, its text is kept, and nothing of the past goes out."""

from datetime import timedelta

import pytest

from activities.post_office import Letter, PostOffice
from domain.journey.events import Outcome
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.wording import MessageContext
from protocols.render import Templates
from store import Store
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, NOW, a_clinic, a_message

PHONE = "+15005550006"
TODAY = "2027-03-01"


async def post(store: Store, live_from: str | None, due: timedelta = timedelta()) -> tuple[Outcome, RecordingSms]:
    """A welcome that was due so long after 14:00 UTC of 2027-03-01 (that is: now), for a clinic live from that day."""
    clinic, sms = a_clinic(live_from=live_from), RecordingSms()
    await store.clinics.apply(clinic)
    granted = Consent(
        clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.GRANTED, origin="test", at=NOW
    )
    await store.consents.record(granted)
    letter = Letter(
        new=a_message(touchpoint="welcome", due_at=NOW + due),
        address=PHONE,
        locale="en",
        key="welcome",
        context=MessageContext(clinic="Glow", zone="America/New_York", name="Ana"),
    )
    office = PostOffice(store.ledger, store.consents, Templates(), sms, RecordingEmail())
    return await office.post(letter, clinic, clinic.main, NOW), sms


@pytest.mark.parametrize("live_from", [None, "2027-03-02"])
async def test_shadow_mode_keeps_what_would_have_been_sent(store: Store, live_from: str | None) -> None:
    """Before the clinic is live the text is rendered and kept, with the reason, and nobody gets it."""
    outcome, sms = await post(store, live_from)
    (row,) = await store.ledger.shadowed(CLINIC, before=None, limit=9)
    assert (outcome.state, outcome.reason, sms.sent) == ("skipped", "shadow", [])
    assert row.body is not None
    assert row.body.startswith("Glow: Hi Ana")
    assert (row.to, row.provider_id) == (PHONE, None)


@pytest.mark.parametrize(
    ("due", "state", "reason"),
    [(timedelta(), "accepted", ""), (timedelta(days=-1), "skipped", "before_go_live")],
)
async def test_the_first_live_day_brings_no_blast(store: Store, due: timedelta, state: str, reason: str) -> None:
    """What is due from that day on goes out; what was due before does not, although it is handled only now."""
    outcome, _ = await post(store, TODAY, due)
    assert (outcome.state, outcome.reason) == (state, reason)
