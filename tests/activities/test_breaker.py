"""The circuit breaker: a channel rests while the provider refuses our set-up, or when far too much is sent."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from activities.breaker import FIRST_PAUSE, Breaker
from activities.post_office import Letter, PostOffice
from domain.errors import ChannelMisconfiguredError
from domain.journey.events import Outcome
from domain.messages import Channel, Receipt, SmsMessage
from domain.patient import Consent, ConsentStatus
from domain.records import MessageState
from domain.wording import MessageContext
from protocols.render import Templates
from store import Store
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, NOW, a_clinic, a_message

PHONE = "+15005550006"
LIVE = a_clinic(live_from="2027-01-01")
CONTEXT = MessageContext(clinic="Glow", zone="America/New_York", name="Ana", phone="+15005550001", sos="911")


@dataclass
class RefusingSms(RecordingSms):
    """An account that is locked until somebody mends it."""

    locked: bool = True
    tries: list[SmsMessage] = field(default_factory=list)

    async def send(self, message: SmsMessage) -> Receipt:
        self.tries.append(message)
        if self.locked:
            raise ChannelMisconfiguredError("20003")
        return await super().send(message)


@dataclass
class Office:
    """A post office whose clock a test moves."""

    store: Store
    sms: RefusingSms
    post_office: PostOffice
    passed: timedelta = timedelta()

    async def post(self, name: str, *, safety: bool = False) -> Outcome:
        letter = Letter(
            new=a_message(key=f"{name}:moved::1:sms", journey_id=None, touchpoint="moved", step=""),
            address=PHONE,
            locale="en",
            key="urgent_safety",
            context=CONTEXT,
            needs_consent=not safety,
        )
        return await self.post_office.post(letter, LIVE, LIVE.main, NOW + self.passed)

    async def tasks(self) -> list[str]:
        return [task.scope for task in await self.store.tasks.listing(CLINIC)]


@pytest.fixture
async def office(store: Store) -> Office:
    await store.clinics.apply(LIVE)
    granted = Consent(
        clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.GRANTED, origin="test", at=NOW
    )
    await store.consents.record(granted)
    sms = RefusingSms()
    breaker = Breaker(store.pauses, store.ledger, store.tasks, most_per_hour=3)
    return Office(
        store, sms, PostOffice(store.ledger, store.consents, Templates(), sms, RecordingEmail(), breaker=breaker)
    )


async def test_a_refused_set_up_pauses_the_channel(office: Office) -> None:
    """The first refusal makes one task and a pause; what comes meanwhile waits without being tried."""
    first, second = await office.post("m1"), await office.post("m2")
    assert (first.state, first.until) == ("deferred", NOW + FIRST_PAUSE)
    assert (second.state, second.reason, second.until) == ("deferred", "paused", NOW + FIRST_PAUSE)
    assert len(office.sms.tries) == 1
    assert await office.tasks() == ["channel:sms"]


async def test_nothing_that_waited_is_lost(office: Office) -> None:
    """Mended and the pause over, the same rows go out."""
    await office.post("m1")
    office.sms.locked, office.passed = False, FIRST_PAUSE
    assert [(await office.post(name)).state for name in ("m1", "m2")] == ["accepted", "accepted"]


async def test_a_pause_that_did_not_help_is_followed_by_a_longer_one(office: Office) -> None:
    """The probe after a pause is refused: the next pause is twice as long, and there is still one task."""
    await office.post("m1")
    office.passed = FIRST_PAUSE
    again = await office.post("m1")
    assert again.until == NOW + 3 * FIRST_PAUSE
    assert await office.tasks() == ["channel:sms"]


async def test_a_safety_text_is_never_held_back(office: Office) -> None:
    """It is tried during the pause, and again soon after a refusal."""
    await office.post("m1")
    office.sms.locked = False
    assert (await office.post("m2", safety=True)).state == "accepted"


async def test_far_too_many_messages_pause_the_channel(office: Office) -> None:
    """A loop in somebody's set-up is stopped at the limit of an hour, and goes on after a look."""
    office.sms.locked = False
    outcomes = [(await office.post(f"m{number}")).state for number in range(5)]
    assert outcomes == ["accepted"] * 3 + ["deferred"] * 2
    row = await office.store.ledger.by_key("m4:moved::1:sms")
    assert row is not None
    assert row.state is MessageState.PENDING
    assert await office.tasks() == ["channel:sms"]
