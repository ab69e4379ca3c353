"""Webhooks as vendors, and others, send them."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from sandbox.signing import twilio_signature
from store.tables import inbox
from tests.e2e.patient import Visitor, working_day
from tests.e2e.system import BOOKINGS, System, eventually
from worker.sample import SAMPLE_CLINIC, SAMPLE_SENDER

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TEXTS = f"/webhooks/twilio/{SAMPLE_CLINIC}/message"


async def stored(system: System) -> int:
    """How many deliveries the inbox has."""
    async with system.store.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(inbox)) or 0


def text_of(phone: str) -> dict[str, str]:
    return {"MessageSid": "SM" + "0" * 32, "From": phone, "To": SAMPLE_SENDER, "Body": "1", "NumMedia": "0"}


async def test_bookings_that_are_not_signed_rightly_are_not_stored(system: System, patient: Visitor) -> None:
    """A wrong secret, no signature, an old signature and a changed body: 403, and the inbox stays as it was."""
    before = await stored(system)
    raw = patient.delivery("first", "microneedling", working_day(datetime.now(UTC), 12))
    changed = {"X-Healgate-Signature": system.signed(raw)}
    answers = [
        await system.post_booking(raw, secret="guessed"),
        await system.post_booking(raw, age=3600),
        await system.api.post(BOOKINGS, content=raw),
        await system.api.post(BOOKINGS, content=raw.replace(b"Ana", b"Eve"), headers=changed),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert await stored(system) == before


async def test_texts_that_are_not_signed_rightly_are_not_stored(system: System, patient: Visitor) -> None:
    """A wrong token, no signature and another text under a good signature: 403, and the inbox stays as it was."""
    before = await stored(system)
    fields, url = text_of(patient.phone), f"{system.environment['HEALGATE_PUBLIC_BASE_URL']}{TEXTS}"
    good = twilio_signature(system.environment["HEALGATE_TWILIO_AUTH_TOKEN"], url, fields)

    async def post(data: dict[str, str], **headers: str) -> httpx.Response:
        return await system.api.post(TEXTS, data=data, headers=headers)

    answers = [
        await post(fields, **{"X-Twilio-Signature": twilio_signature("guessed", url, fields)}),
        await post(fields),
        await post(fields | {"Body": "2"}, **{"X-Twilio-Signature": good}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert await stored(system) == before


async def test_a_doubled_delivery_is_one_journey(system: System, patient: Visitor) -> None:
    """The same delivery three times, two of them at once, is stored once and makes one journey with one welcome."""
    await patient.register()
    raw = patient.delivery("first", "microneedling", working_day(datetime.now(UTC), 12))
    together = await asyncio.gather(system.post_booking(raw), system.post_booking(raw))
    await patient.has_begun()
    later = await system.post_booking(raw)
    assert sorted(answer.json()["stored"] for answer in (*together, later)) == [False, False, True]
    await patient.accepted("welcome")
    journeys = await system.staff("GET", "journeys?limit=200")
    assert sum(patient.stamp in one["starting_ref"] for one in journeys) == 1
    assert await patient.copies("welcome") == 1


async def test_fifty_bookings_at_once_make_fifty_journeys(system: System) -> None:
    """Nothing is lost or doubled when a whole day's bookings arrive in one moment."""
    people = [Visitor(system) for _ in range(50)]
    starts_at = working_day(datetime.now(UTC), 6)
    raws = [person.delivery("crowd", "microneedling", starts_at) for person in people]
    answers = await asyncio.gather(*map(system.post_booking, raws))
    assert {answer.status_code for answer in answers} == {202}

    async def begun() -> list[str] | None:
        listed = await system.staff("GET", "journeys?limit=200")
        crowd = [one["starting_ref"] for one in listed if "crowd" in one["starting_ref"] and one["stage"] != "reserved"]
        return crowd if len(crowd) >= 50 else None

    refs = await eventually(begun, "fifty journeys")
    assert sorted(refs) == sorted(f"generic:crowd-{person.stamp}" for person in people)
