"""A journey as a CarePlan."""

from typing import Any

import pytest

from domain.journey.facts import GateState, JourneyStage
from domain.messages import Receipt
from domain.records import SkipReason
from tests.api.fhir.standard import entries, read
from tests.api.world import World
from tests.store.rows import LEASE, NOW, a_booking, a_journey, a_message, a_text

pytestmark = pytest.mark.slow


def gate(state: GateState, *reasons: str, opens_on: str | None = "2027-04-01") -> dict[str, Any]:
    return {"state": state.value, "reasons": list(reasons), "opens_on": opens_on}


async def the_plan(world: World, stage: JourneyStage, **gates: dict[str, Any]) -> dict[str, Any]:
    await world.store.journeys.project("j1", stage=stage.value, gates=gates)
    return await read(world, "CarePlan/j1")


def steps_of(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps' details by their ids."""
    details = [one["detail"] for one in plan["activity"] if "detail" in one]
    return {one["code"]["coding"][0]["code"]: one for one in details if one["kind"] == "Appointment"}


async def test_a_journey_is_a_care_plan(world: World) -> None:
    """Of its patient, by its protocol, with a step behind a gate, its visit and its check-in."""
    await world.store.bookings.apply(a_booking(journey_id="j1", patient_id="p1"))
    asked = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(asked.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.accepted(claim, Receipt(provider_id="SM1"), NOW)
    laser = gate(GateState.AWAITING_REPLY, "interval", "awaiting_reply")
    plan = await the_plan(world, JourneyStage.CHECKING_IN, laser=laser)
    assert (plan["status"], plan["intent"], plan["subject"]) == ("on-hold", "plan", {"reference": "Patient/p1"})
    assert plan["instantiatesUri"] == ["urn:healgate:protocol:microneedling-then-laser:1"]
    assert plan["category"][0]["coding"][0]["code"] == "checking_in"
    step, check_in, visit = plan["activity"]
    assert step["detail"]["statusReason"]["coding"] == [{"system": "urn:healgate:gate-state", "code": "awaiting_reply"}]
    assert step["detail"]["statusReason"]["text"] == "interval; awaiting_reply"
    assert (step["detail"]["status"], step["detail"]["scheduledPeriod"]) == ("not-started", {"start": "2027-04-01"})
    assert check_in["outcomeReference"] == [{"reference": f"Communication/{asked.id}"}]
    assert check_in["detail"]["status"] == "in-progress"
    assert visit == {"reference": {"reference": "Appointment/b-1"}}


@pytest.mark.parametrize(
    ("stage", "state", "status", "step"),
    [
        (JourneyStage.PREPARING, GateState.LOCKED, "active", "not-started"),
        (JourneyStage.PREPARING, GateState.HELD, "on-hold", "on-hold"),
        (JourneyStage.HEALING, GateState.LOCKED, "on-hold", "not-started"),
        (JourneyStage.IN_REVIEW, GateState.IN_REVIEW, "on-hold", "on-hold"),
        (JourneyStage.IN_REVIEW, GateState.HELD, "on-hold", "on-hold"),
        (JourneyStage.READY, GateState.RELEASED, "active", "not-started"),
        (JourneyStage.AFTERCARE, GateState.WAIVED, "active", "completed"),
        (JourneyStage.AFTERCARE, GateState.HELD, "active", "completed"),
        (JourneyStage.COMPLETED, GateState.RELEASED, "completed", "completed"),
        (JourneyStage.CANCELLED, GateState.LOCKED, "revoked", "cancelled"),
        (JourneyStage.NOT_CONTINUED, GateState.RELEASED, "revoked", "unknown"),
    ],
)
async def test_a_plan_is_on_hold_while_it_waits_for_a_gate(
    world: World, stage: JourneyStage, state: GateState, status: str, step: str
) -> None:
    """The plan and its step say so, and it is found by that status and by no other."""
    plan = await the_plan(world, stage, laser=gate(state))
    assert (plan["status"], steps_of(plan)["laser"]["status"]) == (status, step)
    assert await entries(world, f"CarePlan?status={status}") == [plan]
    others = {"draft", "active", "on-hold", "completed", "revoked"} - {status}
    assert await entries(world, f"CarePlan?status={','.join(others)}") == []


async def test_a_journey_that_has_not_begun_is_a_draft(world: World) -> None:
    """Reserved, with nothing in it yet."""
    plan = await read(world, "CarePlan/j1")
    assert plan["status"] == "draft"
    assert "activity" not in plan


async def test_a_version_may_be_any_text(world: World) -> None:
    """Who wrote the protocol chose it; in an URI it has no spaces."""
    odd = a_journey(id="j2", workflow_id="w2", starting_ref="generic:b2", protocol_version="2026-11 draft")
    await world.store.journeys.reserve(odd)
    plan = await read(world, "CarePlan/j2")
    assert plan["instantiatesUri"] == ["urn:healgate:protocol:microneedling-then-laser:2026-11%20draft"]


async def test_behind_an_open_gate_of_several_nobody_knows(world: World) -> None:
    """An earlier step whose gate opened may have been done since: the read model does not keep it."""
    gates = {"second": gate(GateState.RELEASED), "laser": gate(GateState.LOCKED, opens_on=None)}
    steps = steps_of(await the_plan(world, JourneyStage.HEALING, **gates))
    assert (steps["second"]["status"], steps["laser"]["status"]) == ("unknown", "not-started")
    assert "scheduledPeriod" not in steps["laser"]


@pytest.mark.parametrize(
    ("state", "reasons", "status"),
    [
        (GateState.IN_REVIEW, ("release_needed",), "completed"),
        (GateState.IN_REVIEW, ("answer:discomfort:concern",), "unknown"),
        (GateState.RELEASED, ("seen on video",), "completed"),
        (GateState.HELD, ("hold:staff",), "unknown"),
    ],
)
async def test_a_check_in_is_done_when_its_answers_are_there(
    world: World, state: GateState, reasons: tuple[str, ...], status: str
) -> None:
    """Where the gate does not tell, the check-in says so."""
    row = await world.store.ledger.open(a_message())
    claim = await world.store.ledger.claim(row.id, a_text(), now=NOW, lease=LEASE)
    assert claim is not None
    await world.store.ledger.accepted(claim, Receipt(provider_id="SM1"), NOW)
    plan = await the_plan(world, JourneyStage.IN_REVIEW, laser=gate(state, *reasons))
    assert [one["detail"]["status"] for one in plan["activity"] if "outcomeReference" in one] == [status]


async def test_a_check_in_that_was_not_sent_has_not_begun(world: World) -> None:
    """The gate waits all the same; the message beside it says why."""
    row = await world.store.ledger.open(a_message())
    await world.store.ledger.skip(row.id, SkipReason.OPTED_OUT, NOW)
    plan = await the_plan(world, JourneyStage.CHECKING_IN, laser=gate(GateState.AWAITING_REPLY))
    assert plan["activity"][1]["detail"]["status"] == "not-started"


async def test_each_plan_has_its_own_activities(world: World) -> None:
    """A page of journeys never mixes them up."""
    await world.store.journeys.reserve(a_journey(id="j2", workflow_id="w2", starting_ref="generic:b2"))
    for journey in ("j1", "j2"):
        await world.store.journeys.project(journey, stage="healing", gates={"laser": gate(GateState.LOCKED)})
        await world.store.bookings.apply(a_booking(id=f"b-{journey}", ref=journey, journey_id=journey))
        await world.store.ledger.open(a_message(key=f"{journey}:check_in:laser:1:sms", journey_id=journey))
    for plan in await entries(world, "CarePlan"):
        assert len(plan["activity"]) == 3
        assert plan["activity"][2]["reference"]["reference"] == f"Appointment/b-{plan['id']}"
