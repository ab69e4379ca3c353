"""What each kind of record says as a resource."""

from datetime import timedelta
from typing import Any

import pytest

from domain.messages import Channel, DeliveryState, FailureClass, Receipt
from domain.patient import Consent, ConsentStatus
from domain.records import BookingStatus, MessageRow, SkipReason, TaskCause, Urgency
from tests.api.fhir.standard import entries, read
from tests.api.world import World
from tests.store.rows import CLINIC, LEASE, NOW, a_booking, a_message, a_patient, a_task, a_text, an_update

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


async def a_sent_message(world: World, body: str = "How is your skin today?", **more: Any) -> MessageRow:
    row = await world.store.ledger.open(a_message(**more))
    text = a_text().model_copy(update={"body": body})
    claim = await world.store.ledger.claim(row.id, text, now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.accepted(claim, Receipt(provider_id="SM1"), NOW)
    return row


async def test_a_booking_is_an_appointment(world: World) -> None:
    """With its patient, its place, its treatment, and the booking system's own name of it."""
    end = NOW + timedelta(days=3, hours=1)
    await world.store.bookings.apply(a_booking(patient_id="p1", ends_at=end))
    found = await read(world, "Appointment/b-1")
    assert (found["status"], found["start"], found["end"]) == ("booked", "2027-03-04T14:00:00Z", "2027-03-04T15:00:00Z")
    assert found["identifier"] == [{"system": "urn:healgate:booking:generic", "value": "b1"}]
    assert [one["actor"] for one in found["participant"]] == [{"reference": "Patient/p1"}, {"display": "Glow"}]
    assert found["serviceType"][0]["coding"][0]["code"] == "microneedling"


async def test_an_end_that_nobody_knows_is_not_made_up(world: World) -> None:
    """It is absent, and says so; a patient who is not known yet is left out."""
    await world.store.bookings.apply(a_booking(treatment=None))
    found = await read(world, "Appointment/b-1")
    assert "end" not in found
    assert found["_end"]["extension"][0]["valueCode"] == "unknown"
    assert len(found["participant"]) == 1


async def test_every_status_of_a_booking_has_its_word(world: World) -> None:
    """And the booking is found by that word."""
    for status in BookingStatus:
        await world.store.bookings.apply(a_booking(id=status.value.replace("_", "-"), ref=status.value, status=status))
    found = await entries(world, "Appointment")
    assert len({one["status"] for one in found}) == len(BookingStatus)
    for appointment in found:
        assert await entries(world, f"Appointment?status={appointment['status']}") == [appointment]


async def test_a_message_is_a_communication(world: World) -> None:
    """Sent and delivered, with its text, as part of its journey."""
    row = await a_sent_message(world)
    await world.store.ledger.callback(an_update(DeliveryState.DELIVERED, at=NOW + HOUR), NOW + HOUR)
    found = await read(world, f"Communication/{row.id}")
    assert (found["status"], found["sent"], found["received"]) == (
        "completed",
        "2027-03-01T14:00:00Z",
        "2027-03-01T15:00:00Z",
    )
    assert found["payload"] == [{"contentString": "How is your skin today?"}]
    assert (found["recipient"], found["subject"]) == ([{"reference": "Patient/p1"}], {"reference": "Patient/p1"})
    assert (found["basedOn"], found["sender"]) == ([{"reference": "CarePlan/j1"}], {"display": "Glow"})
    assert found["medium"][0]["coding"][0]["code"] == "SMSWRIT"
    assert found["meta"]["lastUpdated"] == "2027-03-01T15:00:00Z"


async def test_a_message_that_was_not_sent_says_why(world: World) -> None:
    """Not done, with our reason as its code; there is no text of what was never rendered."""
    for reason in SkipReason:
        row = await world.store.ledger.open(a_message(key=f"j1:day_7:laser:1:{reason}", channel=Channel.EMAIL))
        await world.store.ledger.skip(row.id, reason, NOW + HOUR)
        found = await read(world, f"Communication/{row.id}")
        assert found["status"] == "not-done"
        assert found["statusReason"]["coding"] == [{"system": "urn:healgate:skip-reason", "code": reason.value}]
        assert found["medium"][0]["coding"][0]["code"] == "EMAILWRIT"
        assert {"payload", "sent"} & set(found) == set()


async def test_what_did_not_arrive_is_no_completed_communication(world: World) -> None:
    """Accepted and then undelivered is stopped, with the provider's code."""
    row = await a_sent_message(world)
    lost = an_update(DeliveryState.UNDELIVERED, failure=FailureClass.NUMBER, code="30005", at=NOW)
    await world.store.ledger.callback(lost, NOW)
    found = await read(world, f"Communication/{row.id}")
    assert found["status"] == "stopped"
    assert found["statusReason"]["coding"] == [{"system": "urn:healgate:provider-code", "code": "30005"}]
    assert await entries(world, "Communication?status=completed") == []


async def test_nobody_says_sent_of_what_nobody_knows(world: World) -> None:
    """A message in doubt is unknown, a refused one not done."""
    doubtful = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(doubtful.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.unknown(claim, "timeout", NOW)
    refused = await world.store.ledger.open(a_message(key="j1:day_7:laser:1:sms"))
    claim = await world.store.ledger.claim(refused.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.rejected(claim, "21610", FailureClass.OPTED_OUT, NOW)
    words = {one["id"]: one["status"] for one in await entries(world, "Communication")}
    assert words == {doubtful.id: "unknown", refused.id: "not-done"}


async def test_a_failure_without_a_code_has_no_reason(world: World) -> None:
    """Some connections break without a word."""
    row = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.unknown(claim, "", NOW)
    assert "statusReason" not in await read(world, f"Communication/{row.id}")


async def test_a_text_is_told_without_its_token(world: World) -> None:
    """Whoever reads a record elsewhere cannot open the patient's page with it."""
    token = "9Lb7R5MynAqNwcc6"
    row = await a_sent_message(world, body=f"How is it? Or: https://clinic.example/c/{token}. Reply 1, 2 or 3.")
    (payload,) = (await read(world, f"Communication/{row.id}"))["payload"]
    assert payload["contentString"] == "How is it? Or: https://clinic.example/c/.... Reply 1, 2 or 3."


async def test_a_page_goes_to_on_call(world: World) -> None:
    """Not to the patient whom it is about."""
    row = await a_sent_message(world, key="urgent-r1:page.0::1:sms", touchpoint="page.0", step="")
    found = await read(world, f"Communication/{row.id}")
    assert found["recipient"] == [{"display": "on-call"}]


@pytest.mark.parametrize(
    ("urgency", "priority"),
    [
        (Urgency.EMERGENCY, "asap"),
        (Urgency.SAME_DAY, "urgent"),
        (Urgency.NEXT_WORKING_DAY, "routine"),
        (Urgency.INFORMATION, "routine"),
    ],
)
async def test_a_task_has_its_priority(world: World, urgency: Urgency, priority: str) -> None:
    """FHIR's word for it, and ours beside it."""
    await world.store.tasks.open(a_task(urgency=urgency, patient_id="p1", detail={"why": "not_recorded"}))
    found = await read(world, "Task/t1")
    assert (found["status"], found["priority"], found["intent"]) == ("requested", priority, "order")
    assert (found["code"]["coding"][0]["code"], found["for"]) == ("concern", {"reference": "Patient/p1"})
    assert found["restriction"] == {"period": {"end": "2027-03-01T17:00:00Z"}}
    assert [one["valueString"] for one in found["input"]] == [urgency.value, "not_recorded"]


async def test_a_task_goes_its_way(world: World) -> None:
    """Taken by its owner, closed with its outcome; what closed itself was cancelled."""
    await world.store.tasks.open(a_task(journey_id=None, scope="sender:x"))
    await world.store.tasks.take("t1", "Ada", NOW + HOUR)
    taken = await read(world, "Task/t1")
    assert (taken["status"], taken["owner"]) == ("in-progress", {"display": "Ada"})
    await world.store.tasks.close(
        CLINIC, "sender:x", TaskCause.CONCERN, outcome="phoned", by="staff:Ada", now=NOW + 2 * HOUR
    )
    closed = await read(world, "Task/t1")
    assert (closed["status"], closed["lastModified"]) == ("completed", "2027-03-01T16:00:00Z")
    assert closed["note"] == [{"authorString": "staff:Ada", "time": "2027-03-01T16:00:00Z", "text": "phoned"}]
    await world.store.tasks.open(a_task(id="t2"))
    await world.store.tasks.close(
        CLINIC, "journey:j1", TaskCause.CONCERN, outcome="cause_gone", by="system", now=NOW + HOUR
    )
    assert (await read(world, "Task/t2"))["status"] == "cancelled"


async def test_only_the_consent_that_counts_is_active(world: World) -> None:
    """A grant names its wording and channel; after a withdrawal nothing is active."""
    known: dict[str, Any] = {"clinic_id": CLINIC, "channel": Channel.SMS, "address": "+15005550006"}
    granted = {"status": ConsentStatus.GRANTED, "wording_version": "care  texts 1", "origin": "staff:Ada", "at": NOW}
    await world.store.consents.record(Consent.model_validate(known | granted))
    (active,) = await entries(world, "Consent?patient=p1&status=active")
    assert active["provision"]["type"] == "permit"
    assert active["provision"]["code"][0]["coding"] == [{"system": "urn:healgate:wording", "code": "care texts 1"}]
    assert [one["coding"][0]["code"] for one in active["category"]] == ["care", "SMSWRIT"]
    assert (active["patient"], active["dateTime"]) == ({"reference": "Patient/p1"}, "2027-03-01T14:00:00Z")
    assert active["scope"]["coding"][0]["code"] == "patient-privacy"
    revoked = {"status": ConsentStatus.REVOKED, "origin": "reply", "at": NOW + HOUR}
    await world.store.consents.record(Consent.model_validate(known | revoked))
    both = await entries(world, "Consent")
    assert [(one["status"], one["provision"]["type"]) for one in both] == [("inactive", "permit"), ("inactive", "deny")]
    assert [one["policyRule"]["coding"][0]["code"] for one in both] == ["OPTIN", "OPTOUT"]
    assert await read(world, f"Consent/{both[1]['id']}") == both[1]


async def test_a_patient_has_a_name_contacts_and_a_birthday(world: World) -> None:
    """And nothing about their skin."""
    found = await read(world, "Patient/p1")
    assert found["name"] == [{"given": ["Ana"]}]
    assert [one["value"] for one in found["telecom"]] == ["+15005550006", "Ana@Example.com"]
    assert found["birthDate"] == "1990-02-03"
    assert "rosacea" not in str(found)


async def test_a_patient_without_a_name_is_one_too(world: World) -> None:
    """What is not known is left out: FHIR has no empty texts."""
    await world.store.patients.add(
        a_patient(id="p2", first_name=" ", vendor_ids={}, phone=None, email=None, birth_date=None)
    )
    found = await read(world, "Patient/p2")
    assert {"name", "telecom", "birthDate"} & set(found) == set()
