"""The send-once protocol: one test per transition, and what may not happen."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import NotFoundError
from domain.messages import DeliveryState, FailureClass, Receipt, SentMessage
from domain.records import Claim, MessageRow, MessageState, SkipReason
from store import Database, Store
from tests.store.rows import CLINIC, LEASE, NOW, a_message, a_question, a_text

LATER = NOW + timedelta(minutes=5)


async def opened(store: Store, **more: object) -> MessageRow:
    """A pending row."""
    return await store.ledger.open(a_message(**more))


async def claimed(store: Store, row: MessageRow) -> Claim:
    """The claim of a row that must be pending."""
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    return claim


async def state_of(store: Store, row: MessageRow) -> MessageState:
    """The row's state in the database."""
    return (await store.ledger.get(row.id)).state


async def test_open_is_idempotent(store: Store) -> None:
    """The same key is the same row, whatever was said first."""
    first = await opened(store)
    assert await opened(store, due_at=LATER) == first
    assert await store.ledger.by_key(first.key) == first


async def test_claim_keeps_the_rendered_text(store: Store) -> None:
    """The row holds exactly what is about to be sent, and under which consent."""
    claim = await claimed(store, await opened(store))
    row = await store.ledger.get(claim.row.id)
    assert row == claim.row
    assert (row.state, row.attempt, claim.fence) == (MessageState.SENDING, 1, 1)
    assert (row.body, row.content_hash, row.consent_wording) == ("How is your skin today?", "h1", "care-1")
    assert (row.claimed_at, row.lease_until) == (NOW, NOW + LEASE)


async def test_one_of_many_claims_wins(store: Store, database_url: str) -> None:
    """Of twenty claims of one row over two connections' pools exactly one may POST."""
    row = await opened(store)
    second = Database(database_url)
    ledgers = [store.ledger, Store(second).ledger]
    claims = [ledgers[n % 2].claim(row.id, a_text(), now=NOW, lease=LEASE) for n in range(20)]
    won = [claim for claim in await asyncio.gather(*claims) if claim is not None]
    await second.close()
    assert len(won) == 1


async def test_accepted_binds_the_provider_id(store: Store) -> None:
    """An accepted row knows its provider id, and the audit says so once without any text or number."""
    row = await opened(store)
    claim = await claimed(store, row)
    receipt = Receipt(provider_id="SM1", segments=2)
    assert await store.ledger.accepted(claim, receipt, LATER)
    assert await store.ledger.accepted(claim, receipt, LATER)
    stored = await store.ledger.get(row.id)
    assert (stored.state, stored.provider_id, stored.evidence) == (MessageState.ACCEPTED, "SM1", "response")
    assert (stored.sent_at, stored.segments, stored.delivery) == (LATER, 2, DeliveryState.ACCEPTED)
    (entry,) = await store.audit.of_journey("j1")
    assert (entry.kind, entry.at, entry.data["key"]) == ("message.sent", LATER, row.key)
    assert "+1500" not in str(entry)


async def test_a_provider_id_belongs_to_one_row(store: Store) -> None:
    """A provider id that another row has already is an alarm, and changes nothing."""
    first = await claimed(store, await opened(store))
    second = await claimed(store, await opened(store, key="other"))
    assert await store.ledger.accepted(first, Receipt(provider_id="SM1"), NOW)
    assert not await store.ledger.accepted(second, Receipt(provider_id="SM1"), NOW)
    assert await state_of(store, second.row) is MessageState.SENDING


async def test_a_second_copy_is_an_alarm(store: Store) -> None:
    """A row that is bound to one message says no to another one."""
    claim = await claimed(store, await opened(store))
    assert await store.ledger.accepted(claim, Receipt(provider_id="SM1"), NOW)
    assert not await store.ledger.accepted(claim, Receipt(provider_id="SM2"), NOW)


async def test_rejected_keeps_the_reason(store: Store) -> None:
    """A refused row is final and says the provider's code and what it means."""
    row = await opened(store)
    claim = await claimed(store, row)
    assert await store.ledger.rejected(claim, "21610", FailureClass.OPTED_OUT, NOW)
    stored = await store.ledger.get(row.id)
    assert (stored.state, stored.reason, stored.failure) == (MessageState.REJECTED, "21610", FailureClass.OPTED_OUT)
    assert await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE) is None


async def test_given_back_may_be_claimed_again(store: Store) -> None:
    """What was provably not accepted goes back to pending, and its next claim has a new fence."""
    row = await opened(store)
    assert await store.ledger.give_back(await claimed(store, row), "429", NOW)
    assert (await claimed(store, row)).fence == 2


async def test_answers_of_an_older_claim_do_not_count(store: Store) -> None:
    """Who lost the row cannot move it any more."""
    row = await opened(store)
    old = await claimed(store, row)
    await store.ledger.give_back(old, "429", NOW)
    new = await claimed(store, row)
    assert not await store.ledger.still_mine(old, NOW)
    assert not await store.ledger.give_back(old, "429", NOW)
    assert not await store.ledger.rejected(old, "21211", FailureClass.NUMBER, NOW)
    assert not await store.ledger.unknown(old, "timeout", NOW)
    assert await store.ledger.still_mine(new, NOW)


async def test_a_claim_ends_with_its_lease(store: Store) -> None:
    """A process that was paused past its lease may not POST."""
    claim = await claimed(store, await opened(store))
    assert await store.ledger.still_mine(claim, NOW + LEASE - timedelta(seconds=1))
    assert not await store.ledger.still_mine(claim, NOW + LEASE)


async def test_a_lost_claim_becomes_unknown_and_never_pending(store: Store) -> None:
    """A row left in sending is unknown after its lease, and nobody can claim it."""
    row = await opened(store)
    await claimed(store, row)
    assert await store.ledger.expire_leases(NOW + LEASE - timedelta(seconds=1)) == 0
    assert await store.ledger.expire_leases(NOW + LEASE) == 1
    assert await state_of(store, row) is MessageState.UNKNOWN
    assert await store.ledger.claim(row.id, a_text(), now=LATER, lease=LEASE) is None


async def test_a_late_response_settles_an_expired_lease(store: Store) -> None:
    """The response that comes after the lease still tells the truth."""
    row = await opened(store)
    claim = await claimed(store, row)
    await store.ledger.expire_leases(NOW + LEASE)
    assert await store.ledger.accepted(claim, Receipt(provider_id="SM1"), LATER)
    assert await state_of(store, row) is MessageState.ACCEPTED


async def test_unknown_rows_wait_before_they_are_looked_up(store: Store) -> None:
    """A look-up too early could miss a message that the provider is still taking."""
    row = await opened(store)
    await store.ledger.unknown(await claimed(store, row), "timeout", NOW)
    settle = timedelta(seconds=90)
    assert await store.ledger.unresolved(NOW + settle - timedelta(seconds=1), settle, 10) == []
    assert [found.id for found in await store.ledger.unresolved(NOW + settle, settle, 10)] == [row.id]


async def test_a_look_up_binds_the_message_that_it_finds(store: Store) -> None:
    """An unknown row that the provider's listing has is accepted, with the time the provider names."""
    row = await opened(store)
    await store.ledger.unknown(await claimed(store, row), "timeout", NOW)
    sent = SentMessage(provider_id="SM1", to="x", body="y", created_at=NOW, state=DeliveryState.SENT)
    assert await store.ledger.bind(row.id, sent, LATER)
    stored = await store.ledger.get(row.id)
    assert (stored.state, stored.evidence, stored.sent_at) == (MessageState.ACCEPTED, "lookup", NOW)
    other = await opened(store, key="other")
    assert not await store.ledger.bind(other.id, sent, LATER)
    assert not await store.ledger.bind(row.id, sent.model_copy(update={"provider_id": "SM2"}), LATER)


@pytest.mark.parametrize("resends", [0, 1, 2])
async def test_resends_are_bounded(store: Store, resends: int) -> None:
    """An unknown row goes back to pending as often as its touchpoint allows, and not once more."""
    row = await opened(store, resends=resends)
    for _ in range(resends):
        await store.ledger.unknown(await claimed(store, row), "timeout", NOW)
        assert await store.ledger.resend(row.id, NOW)
    await store.ledger.unknown(await claimed(store, row), "timeout", NOW)
    assert not await store.ledger.resend(row.id, NOW)
    assert (await store.ledger.get(row.id)).attempt == resends + 1


async def test_nothing_is_sent_again_past_its_usefulness(store: Store) -> None:
    """A resend that would come too late is refused."""
    row = await opened(store, resends=1, expires_at=LATER)
    await store.ledger.unknown(await claimed(store, row), "timeout", NOW)
    assert not await store.ledger.resend(row.id, LATER)


async def test_needs_review_comes_from_unknown_alone(store: Store) -> None:
    """Only a row that nobody could settle goes to a person, and it is never given back after that."""
    row = await opened(store)
    assert not await store.ledger.needs_review(row.id, NOW)
    claim = await claimed(store, row)
    await store.ledger.unknown(claim, "timeout", NOW)
    assert await store.ledger.needs_review(row.id, NOW)
    assert not await store.ledger.give_back(claim, "429", NOW)
    assert await state_of(store, row) is MessageState.NEEDS_REVIEW


async def test_skipped_says_why(store: Store) -> None:
    """A row that was not sent has its reason in the ledger and in the audit, and stays unsent."""
    row = await opened(store)
    assert await store.ledger.skip(row.id, SkipReason.OPTED_OUT, NOW)
    assert not await store.ledger.skip(row.id, SkipReason.CAP, NOW)
    assert await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE) is None
    assert (await store.ledger.get(row.id)).reason == "opted_out"
    (entry,) = await store.audit.of_journey("j1")
    assert (entry.kind, entry.data["reason"]) == ("message.skipped", "opted_out")


async def test_a_claimed_row_cannot_be_skipped(store: Store) -> None:
    """Once somebody may be posting it, nobody can say that it was not sent."""
    row = await opened(store)
    await claimed(store, row)
    assert not await store.ledger.skip(row.id, SkipReason.SUPERSEDED, NOW)
    assert await store.audit.of_journey("j1") == []


async def test_forgotten_rows_expire(store: Store) -> None:
    """A pending row that nobody came back to ends with its usefulness, and says so."""
    row = await opened(store, expires_at=LATER)
    assert await store.ledger.expire_pending(NOW) == 0
    assert await store.ledger.expire_pending(LATER) == 1
    assert await state_of(store, row) is MessageState.EXPIRED
    assert [entry.data["reason"] for entry in await store.audit.of_journey("j1")] == ["expired"]


async def test_the_question_opens_with_the_claim(store: Store) -> None:
    """An answer that arrives before the provider's response finds its question."""
    row = await opened(store)
    await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question())
    (question,) = await store.questions.open_for_phone(CLINIC, "+15005550006")
    assert (question.ask_id, question.message_id) == ("a1", row.id)


async def test_a_lost_claim_opens_no_question(store: Store) -> None:
    """Who does not get the row asks nothing."""
    row = await opened(store)
    await claimed(store, row)
    assert await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question()) is None
    assert await store.questions.open_for_phone(CLINIC, "+15005550006") == []


async def test_a_reminder_takes_the_place_of_its_question(store: Store) -> None:
    """Asking again leaves one open question of that ask."""
    first, again = await opened(store), await opened(store, key="again")
    for row in (first, again):
        await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question())
    (question,) = await store.questions.open_for_phone(CLINIC, "+15005550006")
    assert question.message_id == again.id


async def test_a_question_that_never_left_is_closed(store: Store) -> None:
    """Nobody can answer what the provider refused to send."""
    row = await opened(store)
    claim = await store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question())
    assert claim is not None
    await store.ledger.rejected(claim, "21211", FailureClass.NUMBER, NOW)
    assert await store.questions.open_for_phone(CLINIC, "+15005550006") == []


async def test_the_daily_cap_counts_what_may_have_been_sent(store: Store) -> None:
    """Accepted and unknown messages count, skipped and refused ones do not, nor older ones."""
    rows = [await opened(store, key=f"k{number}") for number in range(4)]
    await store.ledger.accepted(await claimed(store, rows[0]), Receipt(provider_id="SM1"), NOW)
    await store.ledger.unknown(await claimed(store, rows[1]), "timeout", NOW)
    await store.ledger.rejected(await claimed(store, rows[2]), "30007", FailureClass.CONTENT, NOW)
    await store.ledger.skip(rows[3].id, SkipReason.CAP, NOW)
    assert await store.ledger.count_sent(CLINIC, "p1", NOW) == 2
    assert await store.ledger.count_sent(CLINIC, "p1", LATER) == 0


async def test_accepted_rows_without_an_end_are_polled(store: Store) -> None:
    """Rows whose delivery is still under way after a while are found, until their delivery ends."""
    row = await opened(store)
    await store.ledger.accepted(await claimed(store, row), Receipt(provider_id="SM1"), NOW)
    assert await store.ledger.not_terminal(NOW - LEASE) == []
    assert [found.id for found in await store.ledger.not_terminal(LATER)] == [row.id]
    assert await store.ledger.not_terminal(LATER, after=NOW) == []


async def test_rows_of_a_journey_come_in_the_order_they_were_due(store: Store) -> None:
    """A timeline reads the ledger from top to bottom."""
    late = await opened(store, key="late", due_at=LATER)
    early = await opened(store, key="early")
    await opened(store, key="elsewhere", journey_id="j2")
    assert await store.ledger.of_journey("j1") == [early, late]


async def test_unknown_ids_are_named(store: Store) -> None:
    """A message that does not exist is an error, not a silent nothing."""
    with pytest.raises(NotFoundError):
        await store.ledger.get("nothing")
    with pytest.raises(NotFoundError):
        await store.ledger.skip("nothing", SkipReason.CAP, NOW)
