"""Patients and consents through the staff API."""

from typing import Any

import pytest

from domain.calendar import QuietHours
from domain.journey.events import ContactChange
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import LinkKind, TaskCause
from tests.api.world import World
from tests.store.rows import CLINIC, LEASE, NOW, a_journey, a_message, a_patient, a_question, a_text

pytestmark = pytest.mark.slow

NEW = {
    "first_name": "Bea",
    "phone": "(500) 555-0007",
    "email": "bea@example.com",
    "profile": {"skin_type": 4, "conditions": ["rosacea"]},
    "consents": [{"channel": "sms", "wording_version": "care-1", "origin": "paper"}],
}


def _sms(status: ConsentStatus, phone: str) -> Consent:
    return Consent(clinic_id=CLINIC, channel=Channel.SMS, address=phone, status=status, origin="test", at=NOW)


async def _sms_consent(world: World, phone: str) -> Consent | None:
    return await world.store.consents.status(CLINIC, Channel.SMS, phone)


async def test_a_patient_is_added_with_what_is_known(world: World) -> None:
    """The phone becomes E.164, zone and locale come from the clinic, and the consent is recorded with its origin."""
    answer = await world.staff("POST", "/patients", NEW)
    patient = await world.store.patients.get(CLINIC, answer.json()["id"])
    consent = await _sms_consent(world, "+15005550007")
    assert (answer.status_code, patient.phone, patient.timezone) == (201, "+15005550007", "America/New_York")
    assert (patient.profile.skin_type, patient.locale) == (4, "en")
    assert consent
    assert (consent.status, consent.origin, consent.wording_version) == (ConsentStatus.GRANTED, "paper", "care-1")


async def test_a_repeated_request_adds_one_patient(world: World) -> None:
    """The same Idempotency-Key twice is one patient."""
    answers = [await world.staff("POST", "/patients", NEW, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await world.store.patients.by_phone(CLINIC, "+15005550007")) == 1


async def test_adding_a_patient_never_undoes_an_opt_out(world: World) -> None:
    """A number that opted out stays so when a form for its owner is filled in again."""
    opted_out = Consent(
        clinic_id=CLINIC,
        channel=Channel.SMS,
        address="+15005550007",
        status=ConsentStatus.REVOKED,
        origin="reply",
        at=NOW,
    )
    await world.store.consents.record(opted_out)
    await world.staff("POST", "/patients", NEW)
    assert await _sms_consent(world, "+15005550007") == opted_out


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"phone": "12"}, 400, "country code"),
        ({"phone": None}, 400, "no contact for sms"),
        ({"timezone": "Mars/Olympus"}, 422, "timezone"),
        ({"birth_date": "31.01.1990"}, 422, "birth_date"),
        ({"profile": {"skin_type": 7}}, 422, "skin_type"),
        ({"first_name": ""}, 422, "first_name"),
    ],
)
async def test_wrong_facts_say_what_to_mend(world: World, change: dict[str, Any], status: int, says: str) -> None:
    """What cannot be is refused with the field's name, and nobody is added."""
    answer = await world.staff("POST", "/patients", NEW | change)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert await world.store.patients.by_email(CLINIC, "bea@example.com") == []


async def test_patients_are_searched_by_body_and_not_by_url(world: World) -> None:
    """A phone in any notation, or an address in any case, finds everybody who has it."""
    by_phone = await world.staff("POST", "/patients/search", {"phone": "500 555 0006"})
    by_email = await world.staff("POST", "/patients/search", {"email": "ANA@example.com"})
    assert [one["id"] for one in by_phone.json()] == [one["id"] for one in by_email.json()] == ["p1"]
    assert (await world.staff("POST", "/patients/search", {})).status_code == 422


async def test_a_change_keeps_what_is_not_named(world: World) -> None:
    """Only the named fields change; null takes a contact away, and a name cannot be taken away."""
    answer = await world.staff("PATCH", "/patients/p1", {"locale": "es", "email": None})
    patient = await world.store.patients.get(CLINIC, "p1")
    assert (answer.status_code, patient.locale, patient.email, patient.phone) == (200, "es", None, "+15005550006")
    assert (await world.staff("PATCH", "/patients/p1", {"first_name": None})).status_code == 422


@pytest.mark.parametrize(
    ("stated", "stopped", "ends"),
    [({}, False, False), ({"old_contact": "not_theirs"}, False, True), ({}, True, True)],
    ids=["a new number", "the old one is somebody else's", "the old one opted out"],
)
async def test_links_stay_with_the_patient(world: World, stated: dict[str, str], stopped: bool, ends: bool) -> None:
    """A patient with a new number still opens the links; whoever else has the old number cannot."""
    link = await world.store.links.create(LinkKind.CARE, clinic_id=CLINIC, patient_id="p1", now=NOW)
    if stopped:
        await world.store.consents.record(_sms(ConsentStatus.REVOKED, "+15005550006"))
    await world.staff("PATCH", "/patients/p1", {"locale": "es"})
    assert (await world.store.links.get(link.token)).revoked_at is None
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550009"} | stated)
    assert (await world.store.links.get(link.token)).revoked_at == (NOW if ends else None)


async def test_the_open_question_follows_the_patient(world: World) -> None:
    """The answer is awaited from the new number; without any number nobody can answer by text."""
    row = await world.store.ledger.open(a_message())
    await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE, question=a_question())
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550009"})
    (question,) = await world.store.questions.open_for_phone(CLINIC, "+15005550009")
    assert (question.patient_id, question.journey_id) == ("p1", "j1")
    assert await world.store.questions.open_for_phone(CLINIC, "+15005550006") == []
    await world.staff("PATCH", "/patients/p1", {"phone": None})
    assert await world.store.questions.open_for_phone(CLINIC, "+15005550009") == []


async def test_the_task_for_a_number_goes_with_it(world: World) -> None:
    """Whose number is taken away in a running journey makes a task; the next number closes it."""
    scope = "patient:p1"
    await world.staff("PATCH", "/patients/p1", {"phone": None})
    (task,) = await world.store.tasks.open_below(CLINIC, scope)
    assert (task.cause, task.detail["why"]) == (TaskCause.UNREACHABLE, "no_phone")
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550009"})
    assert await world.store.tasks.open_below(CLINIC, scope) == []


async def test_consent_does_not_travel_to_a_new_number(world: World) -> None:
    """The new number has no consent until staff states that it was given, and then the journeys may text it."""
    await world.store.consents.record(_sms(ConsentStatus.GRANTED, "+15005550006"))
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550009"})
    assert await _sms_consent(world, "+15005550009") is None
    given = {"phone": "+15005550008", "consents": [{"channel": "sms", "wording_version": "care-1"}]}
    await world.staff("PATCH", "/patients/p1", given)
    consent = await _sms_consent(world, "+15005550008")
    assert consent
    assert (consent.status, consent.wording_version) == (ConsentStatus.GRANTED, "care-1")


async def test_a_new_number_after_an_opt_out_reaches_the_journey(world: World) -> None:
    """The old number had opted out, the new one has not: the journey may ask again; and the other way round."""
    await world.store.consents.record(_sms(ConsentStatus.REVOKED, "+15005550009"))
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550008"})
    await world.staff("PATCH", "/patients/p1", {"phone": "+15005550009"})
    assert [call.what for call in world.journeys.calls] == [
        ContactChange(opted_out=False),
        ContactChange(opted_out=True),
    ]


async def test_a_patient_who_moves_lives_by_other_hours(world: World) -> None:
    """Zone and region reach the running journey, with the quiet hours that hold there; a new name tells it nothing."""
    await world.staff("PATCH", "/patients/p1", {"first_name": "Anna"})
    assert world.journeys.calls == []
    answer = await world.staff("PATCH", "/patients/p1", {"timezone": "America/Chicago", "region": "US-TX"})
    (call,) = world.journeys.calls
    assert (answer.json()["region"], call.what.patient_zone) == ("US-TX", "America/Chicago")
    assert (call.what.opted_out, call.what.quiet_hours) == (None, QuietHours())
    assert (await world.staff("PATCH", "/patients/p1", {"region": "Texas"})).status_code == 422


async def test_an_opt_out_withdraws_what_waits(world: World) -> None:
    """A text that was put off is withdrawn at once, with its reason; safety texts and other channels are not."""
    rows = [
        await world.store.ledger.open(a_message(key="j1:day_0:laser:1:sms")),
        await world.store.ledger.open(a_message(key="urgent-1:urgent_safety::1:sms")),
        await world.store.ledger.open(a_message(key="j1:day_0:laser:1:email", channel=Channel.EMAIL)),
    ]
    await world.staff("POST", "/patients/p1/consents", {"channel": "sms", "status": "revoked"})
    found = [await world.store.ledger.get(row.id) for row in rows]
    assert [(row.state.value, row.reason) for row in found] == [
        ("skipped", "opted_out"),
        ("pending", None),
        ("pending", None),
    ]
    assert [entry.kind for entry in await world.store.audit.of_journey("j1")] == ["message.skipped"]


async def test_a_withdrawn_consent_reaches_every_journey_of_the_number(world: World) -> None:
    """Staff records that texts are no longer wanted: the contact is revoked, and both family members' journeys hear."""
    await world.store.patients.add(a_patient(id="p2", first_name="Ben", vendor_ids={}))
    await world.store.journeys.reserve(a_journey(id="j2", patient_id="p2", workflow_id="w2", starting_ref="generic:b2"))
    answer = await world.staff("POST", "/patients/p1/consents", {"channel": "sms", "status": "revoked"})
    consent = await _sms_consent(world, "+15005550006")
    assert answer.status_code == 201
    assert consent
    assert (consent.status, consent.origin) == (ConsentStatus.REVOKED, "staff:Dr. Rivera")
    assert {call.journey_id for call in world.journeys.calls} == {"j1", "j2"}
    assert world.journeys.calls[0].what == ContactChange(opted_out=True)


async def test_a_given_consent_names_its_wording(world: World) -> None:
    """Nobody can have agreed to a wording that is not named."""
    answer = await world.staff("POST", "/patients/p1/consents", {"channel": "sms", "status": "granted"})
    assert answer.status_code == 422
    assert "wording_version" in answer.json()["detail"]
    assert await _sms_consent(world, "+15005550006") is None
