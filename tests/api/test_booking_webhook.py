"""The booking webhook: stored before it is acknowledged, and nothing stored that is not the vendor's."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api.middleware import MAX_BODY_BYTES
from tests.api.world import World
from tests.bookings.deliveries import timed_header
from tests.store.rows import CLINIC

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "type": "booking.booked",
    "occurred_at": "2027-03-01T09:00:00-05:00",
    "booking": {"ref": "b1", "service": "microneedling", "starts_at": "2027-03-04T14:00:00-05:00"},
    "patient": {"id": "v1", "first_name": "Ana", "phone": "+15005550006"},
}
BODY = json.dumps(EVENT).encode()


async def test_a_signed_delivery_is_stored_as_it_came(world: World) -> None:
    """A valid delivery is answered 202, and its bytes wait in the inbox under the booking's key."""
    answer = await world.booking(BODY, Cookie="a=b")
    (row,) = await world.inbox()
    assert (answer.status_code, answer.json()) == (202, {"stored": True})
    assert (row.source, row.delivery_id, row.key, row.body) == ("booking:desk", "evt_1", "booking:desk:b1", BODY)
    assert set(row.headers) <= {"content-type"}


async def test_a_copy_changes_nothing(world: World) -> None:
    """The same delivery again is acknowledged and stored once."""
    await world.booking(BODY)
    again = await world.booking(BODY)
    assert (again.status_code, again.json(), await world.inbox_count()) == (202, {"stored": False}, 1)


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=00", "é"])
async def test_a_bad_signature_stores_nothing(world: World, signature: str | None) -> None:
    """A missing or wrong signature is 403 with a problem, and the inbox stays empty."""
    headers = {} if signature is None else {b"X-Healgate-Signature": signature.encode()}
    answer = await world.http.post(f"/webhooks/bookings/{CLINIC}/desk", content=BODY, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert await world.inbox_count() == 0


async def test_another_secret_stores_nothing(world: World) -> None:
    """A signature by another secret is 403, and it is counted."""
    answer = await world.booking(BODY, secret="another")
    counted = world.metrics.webhooks.labels("generic", "refused")._value.get()
    assert (answer.status_code, await world.inbox_count(), counted) == (403, 0, 1)


async def test_an_old_signature_stores_nothing(world: World) -> None:
    """A recorded delivery that is played back an hour later is 403."""
    signed = {"X-Healgate-Signature": timed_header("a-secret-of-the-clinic", BODY, world.now)}
    world.later(timedelta(hours=1))
    answer = await world.http.post(f"/webhooks/bookings/{CLINIC}/desk", content=BODY, headers=signed)
    assert (answer.status_code, await world.inbox_count()) == (403, 0)


async def test_a_source_without_its_secret_takes_nothing(world: World) -> None:
    """While the secret is not set, not even a signature with an empty key gets in."""
    signed = {"X-Healgate-Signature": timed_header("", BODY, world.now)}
    answer = await world.http.post(f"/webhooks/bookings/{CLINIC}/unset", content=BODY, headers=signed)
    assert (answer.status_code, await world.inbox_count()) == (403, 0)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "JSON object"),
        (json.dumps(EVENT | {"booking": {"ref": "b1"}}).encode(), "starts_at"),
        (b"\xff", "UTF-8"),
    ],
)
async def test_a_broken_body_says_what_to_mend(world: World, body: bytes, says: str) -> None:
    """A signed body that cannot be read is 400 with the mend, and nothing is stored."""
    answer = await world.booking(body)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]
    assert await world.inbox_count() == 0


@pytest.mark.parametrize("path", [f"/webhooks/bookings/{CLINIC}/none", "/webhooks/bookings/none/desk"])
async def test_unknown_places_are_not_found(world: World, path: str) -> None:
    """An unknown clinic or source is 404, also with a body."""
    assert (await world.http.post(path, content=BODY)).status_code == 404


async def test_a_vendors_probe_is_answered(world: World) -> None:
    """The HEAD request with which Mindbody tests a URL is 200; one to a system that makes none is 403."""
    answers = [await world.http.head(f"/webhooks/bookings/{CLINIC}/{source}") for source in ("mind", "desk")]
    assert [answer.status_code for answer in answers] == [200, 403]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_refused(world: World, announced: bool) -> None:
    """More than one MiB is 413, whether the length was announced or not."""

    async def chunks() -> Any:
        for _ in range(9):
            yield b" " * (MAX_BODY_BYTES // 8)

    content = b" " * (MAX_BODY_BYTES + 1) if announced else chunks()
    answer = await world.http.post(f"/webhooks/bookings/{CLINIC}/desk", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def test_while_the_database_is_down_deliveries_wait_on_disk(world: World) -> None:
    """An outage spools what arrives, from a clinic that was known before, and the drained rows are complete."""
    await world.booking(BODY)
    world.database.down = True
    second = json.dumps(EVENT | {"id": "evt_2"}).encode()
    answer = await world.booking(second)
    assert (answer.status_code, await world.spool.waiting()) == (202, 1)
    world.database.down = False
    assert await world.spool.drain(world.store.inbox) == 1
    assert [row.body for row in await world.inbox()] == [BODY, second]


async def test_a_wrong_signature_is_refused_during_an_outage_too(world: World) -> None:
    """An outage opens no door: what is not verified is not spooled."""
    await world.booking(BODY)
    world.database.down = True
    answer = await world.booking(BODY, secret="another")
    assert (answer.status_code, await world.spool.waiting()) == (403, 0)


async def test_nothing_is_acknowledged_that_nobody_keeps(world: World) -> None:
    """With neither database nor disk the vendor gets 503 and a time to try again."""
    await world.booking(BODY)
    world.database.down = True
    world.spool._folder.write_text("a file where the folder should be")
    answer = await world.booking(json.dumps(EVENT | {"id": "evt_2"}).encode())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_clinic_that_was_never_read_cannot_be_verified(world: World) -> None:
    """A process that starts during an outage knows no secrets, so it asks to be sent the delivery again."""
    world.database.down = True
    assert (await world.booking(BODY)).status_code == 503
