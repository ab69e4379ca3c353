"""What providers report of contacts: it feeds the consents at once, and the journey hears what concerns it."""

import pytest

from domain.journey.events import ContactChange, DeliveryFailed
from domain.messages import Channel, DeliveryState, DeliveryUpdate, FailureClass
from domain.patient import ConsentStatus
from domain.records import InboxRow
from relay.status_intake import StatusIntake
from tests.relay.conftest import Desk
from tests.store.rows import CLINIC, LEASE, NOW, a_message, a_text, an_update

ADDRESSES = {Channel.SMS: "+15005550006", Channel.EMAIL: "ana@example.com"}


async def reported(desk: Desk, channel: Channel, update: DeliveryUpdate, event: str = "s1") -> None:
    """A message to the patient was accepted, and this is what its provider says of it, twice."""
    key = f"j1:day_0:laser:1:{channel}"
    row = await desk.store.ledger.open(a_message(key=key, touchpoint="day_0", channel=channel))
    text = a_text().model_copy(update={"to": ADDRESSES[channel]})
    await desk.store.ledger.claim(row.id, text, now=NOW, lease=LEASE)
    said = update.model_copy(update={"message_id": row.id}).model_dump_json().encode()
    told = InboxRow(
        id=event, clinic_id=CLINIC, source="status", delivery_id=event, key=f"message:{row.id}", body=said,
        received_at=NOW, next_try_at=NOW,
    )  # fmt: skip
    for _ in range(2):
        await StatusIntake(desk.store, desk.journeys).take(told, NOW)


async def consent(desk: Desk, channel: Channel) -> ConsentStatus | None:
    found = await desk.store.consents.status(CLINIC, channel, ADDRESSES[channel])
    return found.status if found else None


async def test_a_spam_report_ends_the_mails_and_is_no_failure(desk: Desk) -> None:
    """The mail arrived and was read: the consent ends, and nothing goes another way or to a person."""
    update = an_update(DeliveryState.DELIVERED, revokes_consent=True)
    await reported(desk, Channel.EMAIL, update)
    assert await consent(desk, Channel.EMAIL) is ConsentStatus.REVOKED
    assert await consent(desk, Channel.SMS) is None
    assert desk.journeys.calls == []


async def test_a_mail_that_was_dropped_for_an_opt_out_goes_another_way(desk: Desk) -> None:
    """SendGrid kept an opt-out that we did not know: the consent ends, and the journey hears that it did not arrive."""
    update = an_update(DeliveryState.FAILED, failure=FailureClass.OPTED_OUT, revokes_consent=True)
    await reported(desk, Channel.EMAIL, update)
    assert await consent(desk, Channel.EMAIL) is ConsentStatus.REVOKED
    assert [what.failure for _, what in desk.told(DeliveryFailed)] == [FailureClass.OPTED_OUT]


async def test_a_failure_names_its_message_and_counts_once(desk: Desk) -> None:
    """The journey hears which message it was, once, though the provider reports it by callback and by list."""
    await reported(desk, Channel.SMS, an_update(DeliveryState.FAILED, failure=FailureClass.TRANSIENT))
    await reported(desk, Channel.SMS, an_update(DeliveryState.UNDELIVERED, failure=FailureClass.TRANSIENT), event="s2")
    assert [what.identity for _, what in desk.told(DeliveryFailed)] == ["day_0:laser:1"]


async def test_a_number_that_opted_out_at_the_provider(desk: Desk) -> None:
    """21610: the consent of the number ends, and the journey makes its task."""
    update = an_update(DeliveryState.FAILED, failure=FailureClass.OPTED_OUT, revokes_consent=True, code="21610")
    await reported(desk, Channel.SMS, update)
    assert await consent(desk, Channel.SMS) is ConsentStatus.REVOKED
    assert desk.told(ContactChange) == [("j1", ContactChange(opted_out=True))]


@pytest.mark.parametrize(("channel", "code"), [(Channel.SMS, "30005"), (Channel.EMAIL, "5.1.1")])
async def test_a_wrong_number_or_address_ends_its_consent(desk: Desk, channel: Channel, code: str) -> None:
    """What is wrong for good may be somebody else's tomorrow: nothing more goes there, and the journey hears."""
    await reported(desk, channel, an_update(DeliveryState.UNDELIVERED, failure=FailureClass.NUMBER, code=code))
    assert await consent(desk, channel) is ConsentStatus.REVOKED
    assert [what.channel for _, what in desk.told(DeliveryFailed)] == [channel]
