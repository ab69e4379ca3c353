"""Tasks through the staff API."""

from datetime import timedelta

import pytest

from domain.incidents import channel_incident, message_incident
from domain.messages import Channel
from domain.records import Pause, SkipReason, TaskCause
from tests.api.world import STAFF_KEY, World
from tests.store.rows import CLINIC, LEASE, NOW, a_clinic, a_message, a_task, a_text


async def test_open_tasks_are_listed_and_closed_ones_on_request(world: World) -> None:
    """The list shows what is open; `open=0` shows everything."""
    await world.store.tasks.open(a_task())
    await world.staff("POST", "/tasks/t1/close", {"outcome": "done"})
    lists = [await world.staff("GET", f"/tasks{query}") for query in ("", "?open=1", "?open=0")]
    assert [len(answer.json()) for answer in lists] == [0, 0, 1]


async def test_taking_an_urgent_task_stops_the_paging(world: World) -> None:
    """Whoever takes a red flag is its owner, and on-call is left in peace."""
    await world.store.tasks.open(a_task(cause=TaskCause.RED_FLAG, detail={"reply_id": "i1"}))
    answer = await world.staff("POST", "/tasks/t1/take")
    assert (answer.status_code, answer.json()["owner"], world.journeys.alarms_taken) == (200, "Dr. Rivera", ["i1"])


async def test_closing_a_task_tells_its_journey_once(world: World) -> None:
    """A close that is repeated changes nothing in the store, and reaches the journey once in effect."""
    await world.store.tasks.open(a_task(cause=TaskCause.QUESTION))
    first = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    again = await world.staff("POST", "/tasks/t1/close", {"outcome": "something else"})
    assert first.json() == again.json()
    assert (first.json()["outcome"], first.json()["closed_by"]) == ("phoned", "staff:Dr. Rivera")
    assert [(call.journey_id, call.what) for call in world.journeys.calls] == [("j1", TaskCause.QUESTION)]


async def test_a_close_that_temporal_missed_can_be_repeated(world: World) -> None:
    """The journey hears of it when the same request comes again after an outage."""
    await world.store.tasks.open(a_task(cause=TaskCause.QUESTION))
    world.journeys.away = True
    missed = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    world.journeys.away = False
    again = await world.staff("POST", "/tasks/t1/close", {"outcome": "phoned"})
    assert (missed.status_code, again.status_code, len(world.journeys.calls)) == (503, 200, 1)


async def test_a_closed_task_cannot_be_taken(world: World) -> None:
    """Taking what is closed is 409."""
    await world.store.tasks.open(a_task())
    await world.staff("POST", "/tasks/t1/close", {"outcome": "done"})
    answer = await world.staff("POST", "/tasks/t1/take")
    assert (answer.status_code, answer.json()["reason"]) == (409, "closed")


@pytest.mark.parametrize("outcome", ["", "   ", None])
async def test_a_task_is_closed_with_an_outcome(world: World, outcome: str | None) -> None:
    """Closing without saying what came of it is refused, and it stays open."""
    await world.store.tasks.open(a_task(cause=TaskCause.RED_FLAG))
    assert (await world.staff("POST", "/tasks/t1/close", {"outcome": outcome})).status_code == 422
    assert len((await world.staff("GET", "/tasks")).json()) == 1


async def needs_review(world: World) -> str:
    """A message of which nobody knows whether it was sent, and its task."""
    row = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.unknown(claim, "timeout", NOW)
    await world.store.ledger.needs_review(row.id, NOW)
    await world.store.tasks.open(message_incident("t9", row, a_clinic(), "nobody knows", NOW))
    return row.id


@pytest.mark.parametrize(("sent", "state"), [(True, "accepted"), (False, "rejected")])
async def test_a_person_settles_a_message_of_unknown_fate(world: World, sent: bool, state: str) -> None:
    """What the person found out stands in the ledger and the audit, and the task is closed."""
    message_id = await needs_review(world)
    answer = await world.staff("POST", f"/messages/{message_id}/review", {"sent": sent, "reason": "phoned her"})
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert (await world.store.tasks.get("t9")).closed_by == "staff:Dr. Rivera"
    (entry,) = [one for one in await world.store.audit.of_journey("j1") if one.kind == "message.reviewed"]
    assert (entry.actor, entry.data["why"]) == ("staff:Dr. Rivera", "phoned her")


async def test_only_a_message_of_unknown_fate_is_settled_so(world: World) -> None:
    """A second settling is refused and changes nothing."""
    message_id = await needs_review(world)
    await world.staff("POST", f"/messages/{message_id}/review", {"sent": True, "reason": "phoned her"})
    again = await world.staff("POST", f"/messages/{message_id}/review", {"sent": False, "reason": "no"})
    assert (again.status_code, again.json()["reason"]) == (409, "not_in_review")


async def test_a_paused_channel_is_shown_and_resumed(world: World) -> None:
    """Staff sees which channel rests, and makes it send again."""
    pause = Pause(clinic_id=CLINIC, channel=Channel.SMS, since=NOW, until=NOW + timedelta(hours=1), why="20003")
    await world.store.pauses.put(pause)
    await world.store.tasks.open(channel_incident("t8", a_clinic(), Channel.SMS, "refused", NOW))
    shown = (await world.staff("GET", "/channels/paused")).json()
    resumed = await world.staff("POST", "/channels/sms/resume")
    assert [(one["channel"], one["why"]) for one in shown] == [("sms", "20003")]
    assert resumed.status_code == 204
    assert (await world.staff("GET", "/channels/paused")).json() == []
    assert (await world.store.tasks.get("t8")).closed_at is not None


async def test_what_shadow_mode_would_have_sent_is_listed_and_shown(world: World) -> None:
    """The list has the texts; the page shows them to who knows the staff key, and escapes what they hold."""
    row = await world.store.ledger.open(a_message())
    text = a_text().model_copy(update={"body": "Hello <Ana>"})
    await world.store.ledger.skip(row.id, SkipReason.SHADOW, NOW, text)
    listed = (await world.staff("GET", "/shadow")).json()
    page = f"/staff/clinics/{CLINIC}/shadow"
    shown = await world.http.get(page, auth=("anybody", STAFF_KEY))
    refused = await world.http.get(page, auth=("anybody", "guess"))
    assert [one["body"] for one in listed] == ["Hello <Ana>"]
    assert (shown.status_code, "Hello &lt;Ana&gt;" in shown.text) == (200, True)
    assert refused.status_code == 401
