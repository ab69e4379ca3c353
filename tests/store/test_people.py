"""Clinics, patients, consents and links: what goes in comes out, and is found."""

from datetime import datetime, timedelta

import pytest

from domain.errors import NotFoundError, RefusedError
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus
from domain.records import Link, LinkKind
from store import Store
from store.links import TOKEN_ALPHABET, TOKEN_LENGTH
from tests.store.rows import CLINIC, NOW, a_clinic, a_patient

LATER = NOW + timedelta(hours=1)
PHONE = "+15005550006"


@pytest.fixture
async def store(store: Store) -> Store:
    """A store with one clinic."""
    await store.clinics.apply(a_clinic())
    return store


def a_consent(status: ConsentStatus = ConsentStatus.GRANTED, **more: object) -> Consent:
    known = {"clinic_id": CLINIC, "channel": Channel.SMS, "address": PHONE, "origin": "intake", "at": NOW}
    return Consent.model_validate({**known, "status": status, **more})


async def test_a_clinic_is_replaced_as_a_whole(store: Store) -> None:
    """Applying a file again leaves exactly what the newest file says."""
    assert await store.clinics.get(CLINIC) == a_clinic()
    await store.clinics.apply(a_clinic(name="Glow Two"))
    await store.clinics.apply(a_clinic(id="aura"))
    assert await store.clinics.all() == [a_clinic(id="aura"), a_clinic(name="Glow Two")]


async def test_an_unknown_clinic_is_an_error(store: Store) -> None:
    """The message says which clinic is missing and how it is made."""
    with pytest.raises(NotFoundError, match="clinic apply"):
        await store.clinics.get("nowhere")


async def test_a_patient_comes_out_as_they_went_in(store: Store) -> None:
    """Every field survives, unknown skin type and no conditions apart from each other."""
    for patient in (a_patient(), a_patient(id="p2", vendor_ids={}, profile={"skin_type": None, "conditions": []})):
        await store.patients.add(patient)
        assert await store.patients.get(CLINIC, patient.id) == patient


async def test_a_patient_is_of_one_clinic(store: Store) -> None:
    """Another clinic cannot see or change them."""
    await store.clinics.apply(a_clinic(id="aura"))
    await store.patients.add(a_patient())
    with pytest.raises(NotFoundError):
        await store.patients.get("aura", "p1")
    with pytest.raises(NotFoundError):
        await store.patients.update(a_patient(clinic_id="aura"))
    assert await store.patients.by_phone("aura", PHONE) == []


async def test_a_family_shares_a_number(store: Store) -> None:
    """A phone number finds everybody who has it; an address does so whatever its case."""
    first, second = a_patient(), a_patient(id="p2", vendor_ids={}, email="ANA@example.com")
    await store.patients.add(first)
    await store.patients.add(second)
    assert await store.patients.by_phone(CLINIC, PHONE) == [first, second]
    assert await store.patients.by_email(CLINIC, "ana@EXAMPLE.com") == [first, second]
    assert await store.patients.by_phone(CLINIC, "+15005550009") == []


async def test_a_vendor_id_names_one_patient(store: Store) -> None:
    """Two webhooks that create the same person at once cannot both succeed, and nothing of the second stays."""
    await store.patients.add(a_patient())
    with pytest.raises(RefusedError, match="another patient"):
        await store.patients.add(a_patient(id="p2"))
    with pytest.raises(NotFoundError):
        await store.patients.get(CLINIC, "p2")
    assert await store.patients.by_vendor(CLINIC, "generic", "v1") == a_patient()
    assert await store.patients.by_vendor(CLINIC, "square", "v1") is None


async def test_a_patient_is_updated(store: Store) -> None:
    """A changed number, profile and vendor id take the place of the old ones."""
    await store.patients.add(a_patient())
    changed = a_patient(phone="+15005550009", profile={"skin_type": 5}, vendor_ids={"square": "s1"})
    await store.patients.update(changed)
    assert await store.patients.by_vendor(CLINIC, "square", "s1") == changed
    assert await store.patients.by_vendor(CLINIC, "generic", "v1") is None


async def test_an_id_is_taken_once(store: Store) -> None:
    """Adding a known patient again is refused, and so is a patient of no clinic."""
    await store.patients.add(a_patient())
    for patient in (a_patient(), a_patient(id="p2", clinic_id="nowhere")):
        with pytest.raises(RefusedError):
            await store.patients.add(patient)


async def test_the_newest_consent_counts(store: Store) -> None:
    """What a contact said last counts, in whatever order it was stored; all of it is kept."""
    stop = a_consent(ConsentStatus.REVOKED, origin="reply", at=LATER)
    await store.consents.record(stop)
    await store.consents.record(a_consent())
    assert await store.consents.status(CLINIC, Channel.SMS, PHONE) == stop
    assert await store.consents.history(CLINIC, Channel.SMS, PHONE) == [a_consent(), stop]


async def test_consent_is_by_contact_channel_and_purpose(store: Store) -> None:
    """A yes to one channel, address or purpose says nothing about another."""
    await store.consents.record(a_consent())
    assert await store.consents.status(CLINIC, Channel.EMAIL, PHONE) is None
    assert await store.consents.status(CLINIC, Channel.SMS, "+15005550009") is None
    assert await store.consents.status(CLINIC, Channel.SMS, PHONE, "news") is None
    assert await store.consents.status("aura", Channel.SMS, PHONE) is None


async def test_mail_addresses_count_without_their_case(store: Store) -> None:
    """An unsubscribe of ana@x ends Ana@X."""
    await store.consents.record(a_consent(ConsentStatus.REVOKED, channel=Channel.EMAIL, address="ana@example.com"))
    found = await store.consents.status(CLINIC, Channel.EMAIL, "Ana@Example.com")
    assert found is not None
    assert found.status is ConsentStatus.REVOKED


async def test_the_same_consent_twice_is_one_entry(store: Store) -> None:
    """A repeated webhook does not lengthen the ledger."""
    await store.consents.record(a_consent())
    await store.consents.record(a_consent())
    assert len(await store.consents.history(CLINIC, Channel.SMS, PHONE)) == 1


async def test_a_link_is_a_token_that_says_nothing(store: Store) -> None:
    """Sixteen letters without look-alikes, and what they stand for is in the database alone."""
    link = await store.links.create(
        LinkKind.CHECK_IN, clinic_id=CLINIC, patient_id="p1", journey_id="j1", data={"ask": "a1"}, now=NOW
    )
    assert len(link.token) == TOKEN_LENGTH
    assert set(link.token) <= set(TOKEN_ALPHABET)
    assert not set("0O1Ilo") & set(TOKEN_ALPHABET)
    assert await store.links.get(link.token) == link
    with pytest.raises(NotFoundError):
        await store.links.get("guessed")


async def check_in_link(store: Store, ask: str, now: datetime, expires_at: datetime) -> Link:
    """The link of that asking, reused where it can be."""
    return await store.links.create(
        LinkKind.CHECK_IN,
        clinic_id=CLINIC,
        patient_id="p1",
        data={"ask": ask},
        now=now,
        expires_at=expires_at,
        reuse=True,
    )


async def test_a_reminder_repeats_its_link(store: Store) -> None:
    """The valid link of the same use comes back and lasts longer; for other data there is another one."""
    first = await check_in_link(store, "a1", NOW, LATER)
    again = await check_in_link(store, "a1", NOW, LATER + timedelta(days=1))
    assert again == await store.links.get(first.token)
    assert again.expires_at == LATER + timedelta(days=1)
    assert (await check_in_link(store, "a2", NOW, LATER)).token != first.token


async def test_an_expired_link_is_not_repeated(store: Store) -> None:
    """Who asks again after the link's end gets a new one."""
    first = await check_in_link(store, "a1", NOW, LATER)
    assert (await check_in_link(store, "a1", LATER, LATER + timedelta(days=1))).token != first.token


async def test_a_contact_that_changes_hands_ends_its_links(store: Store) -> None:
    """All links of the patient are revoked, those of others are not."""
    mine, other = [
        await store.links.create(LinkKind.CARE, clinic_id=CLINIC, patient_id=patient, now=NOW) for patient in "ab"
    ]
    assert await store.links.revoke_of_patient(CLINIC, "a", LATER) == 1
    assert (await store.links.get(mine.token)).revoked_at == LATER
    assert (await store.links.get(other.token)).revoked_at is None
