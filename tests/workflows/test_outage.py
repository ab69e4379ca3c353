"""Days without any worker over several touchpoints: each comes back to what its protocol says of lateness."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.booking import Treatment
from domain.journey import Journey, begin
from domain.journey.events import BookingChange, Role, StaffAction, StaffActionKind, TreatedChange
from domain.journey.facts import Facts
from domain.protocol import Anchor, Late, Touchpoint
from domain.records import BookingStatus, MessageRow
from runtime.timeskip import fast_forward
from tests.store.rows import NOW
from tests.workflows.world import BOOKING, World, at_rest

pytestmark = pytest.mark.slow

WEEK = timedelta(days=7)
POINTS = tuple(
    Touchpoint(key=key, anchor=Anchor.TREATED, days=(day,), late=late, useful_for=WEEK)
    for key, day, late in (
        ("early", 1, Late.SEND),
        ("final", 2, Late.SKIP),
        ("day_0", 2, Late.SHIFT),
        ("link", 3, Late.ASK_STAFF),
    )
)
"""Keys that have a text; their days are this test's own."""
SEND = StaffAction(action=StaffActionKind.SEND, by="Sam", role=Role.FRONT_DESK)


def before_the_outage(world: World) -> Facts:
    """A needling done this Monday morning, recorded; then the last worker dies, and its state is what is left."""
    start = world.start
    plan = start.plan.model_copy(update={"touchpoints": POINTS})
    journey = Journey(begin(plan, start.calendar, start.patient_zone, start.quiet_hours, start.deputies, NOW))
    journey.booking(
        BookingChange(
            booking_id=BOOKING,
            treatment=Treatment.MICRONEEDLING,
            starts_at=NOW - timedelta(hours=1),
            status=BookingStatus.BOOKED,
            sequence=1,
        ),
        NOW,
    )
    journey.treated(TreatedChange(booking_id=BOOKING, by="staff:Kim"), NOW)
    return journey.facts


async def by_key(world: World) -> dict[str, MessageRow]:
    return {row.touchpoint: row for row in await world.store.ledger.of_journey(world.start.journey_id)}


async def test_days_without_a_worker(world: World) -> None:
    """From Monday to Friday evening nothing ran: a text goes late, one is skipped, one shifted, one left to staff."""
    facts, journey_id = before_the_outage(world), world.start.journey_id
    back = world.start.skew + timedelta(days=4, hours=8)
    world.start = world.start.model_copy(update={"facts": facts, "batch": 3, "skew": back})
    async with world.worker():
        await world.journeys.start_with_booking(world.start, known(facts), "evt-2")
        view = await at_rest(world)
        rows = await by_key(world)
        assert (rows["early"].state.value, rows["final"].reason) == ("accepted", "expired")
        assert not {"day_0", "link"} & rows.keys()
        assert [task.cause.value for task in view.tasks] == ["late_message"]
        saturday = datetime(2027, 3, 6, 15, tzinfo=UTC)
        assert {one.key: one.at for one in view.upcoming}["day_0"] == saturday
        assert (await world.journeys.staff(journey_id, SEND, "staff-1")).accepted
        assert (await at_rest(world)).tasks == ()
        assert (await by_key(world))["link"].state.value == "accepted"
        await fast_forward(world.client, world.journeys.handle(journey_id), timedelta(days=1))
        await at_rest(world)
    assert (await by_key(world))["day_0"].sent_at == saturday
    assert len(world.sms.sent) == len({"early", "link", "day_0"})


def known(facts: Facts) -> BookingChange:
    """The booking system says again what the journey knows."""
    visit = facts.visits[BOOKING]
    return BookingChange(
        booking_id=BOOKING,
        treatment=visit.treatment,
        starts_at=visit.starts_at,
        status=visit.status,
        sequence=visit.sequence,
    )
