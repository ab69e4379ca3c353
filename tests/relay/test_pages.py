"""Check-ins that were answered on a page or by phone."""

import pytest

from domain.journey.events import ContactChange, Reply
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import InboxRow
from domain.replies import Question, ReplyReader
from relay.page_intake import PageAnswer, PageAnswers, PageIntake
from tests.relay.conftest import PHONE, Desk
from tests.store.rows import CLINIC, NOW, a_journey, a_patient


async def page(desk: Desk, reader: ReplyReader, *texts: str, entered_by: str = "", times: int = 1) -> None:
    """Ana filled these answers in, from the first question on; Ben has the same phone."""
    await desk.store.patients.add(a_patient())
    await desk.store.patients.add(a_patient(id="p2", first_name="Ben", vendor_ids={}))
    await desk.store.journeys.reserve(a_journey())
    await desk.store.journeys.reserve(a_journey(id="j2", patient_id="p2", workflow_id="w2", starting_ref="generic:b2"))
    granted = Consent(
        clinic_id=CLINIC, channel=Channel.SMS, address=PHONE, status=ConsentStatus.GRANTED, origin="test", at=NOW
    )
    await desk.store.consents.record(granted)
    answers = PageAnswers(
        patient_id="p1",
        journey_id="j1",
        ask_id="check_in:laser:1",
        answers=tuple(PageAnswer(question=one, text=text) for one, text in zip(Question, texts, strict=False)),
        entered_by=entered_by,
    )
    row = InboxRow(
        id="row",
        clinic_id=CLINIC,
        source="page",
        delivery_id="1",
        key=f"phone:{PHONE}",
        body=answers.model_dump_json().encode(),
        received_at=NOW,
        next_try_at=NOW,
    )
    for _ in range(times):
        await PageIntake(desk.store, desk.journeys, reader).take(row, NOW)


async def test_a_page_belongs_to_one_patient_whoever_shares_the_phone(desk: Desk, reader: ReplyReader) -> None:
    """Its link was made for Ana: her journey hears every answer once, Ben's none."""
    await page(desk, reader, "1", "0", "0", "0", times=2)
    assert [(to, reply.question) for to, reply in desk.told(Reply)] == [("j1", one) for one in list(Question)[:4]]


@pytest.mark.parametrize("entered_by", ["", "staff:Kim"])
async def test_no_more_texts_counts_on_the_page_and_by_phone(desk: Desk, reader: ReplyReader, entered_by: str) -> None:
    """The number's consent ends wherever it is said, and every journey that texts it hears."""
    await page(desk, reader, "1. please stop texting me", entered_by=entered_by)
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, PHONE)
    assert consent is not None
    assert consent.status is ConsentStatus.REVOKED
    assert sorted(to for to, change in desk.told(ContactChange) if change.opted_out) == ["j1", "j2"]


async def test_a_red_flag_on_the_page_raises_the_alarm(desk: Desk, reader: ReplyReader) -> None:
    """It names patient and journey, and the contact may be texted."""
    await page(desk, reader, "3", "0", "1")
    [alarm] = desk.journeys.alarms
    assert (alarm.patient_id, alarm.journey_id, alarm.may_text) == ("p1", "j1", True)
