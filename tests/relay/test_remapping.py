"""A service that is mapped after its bookings came."""

from datetime import timedelta

from domain.booking import Treatment
from domain.clinic import Clinic, ServiceUse
from domain.journey.events import BookingChange
from domain.records import BookingStatus
from relay.remapping import Remapping
from tests.relay.conftest import Desk
from tests.store.rows import CLINIC


async def mapped(desk: Desk, **services: Treatment | ServiceUse) -> int:
    """The admin adds these to the clinic file, and the relay goes on; returns what was put before it again."""
    clinic: Clinic = await desk.store.clinics.get(CLINIC)
    changed = clinic.model_copy(update={"services": clinic.services | services})
    again = await Remapping(desk.store).apply(changed, desk.now)
    while await desk.relay.once():
        pass
    return again


async def test_bookings_that_came_before_the_mapping_are_told(desk: Desk) -> None:
    """Two bookings wait for the mapping: then each is told to a journey, and the service's task is closed."""
    await desk.booking("b1", service="glow")
    await desk.booking("b2", service="glow", days=40, patient={"id": "v2", "phone": "+15005550007"})
    desk.now += timedelta(days=2)
    assert await mapped(desk, glow=Treatment.MICRONEEDLING) == 2
    assert len(desk.told(BookingChange)) == 2
    assert await desk.tasks() == []


async def test_the_same_file_applied_again_changes_nothing(desk: Desk) -> None:
    """Only what is newly mapped is taken up, once."""
    await desk.booking("b1", service="glow")
    await mapped(desk, glow=Treatment.MICRONEEDLING)
    assert await mapped(desk, glow=Treatment.MICRONEEDLING) == 0
    assert len(desk.told(BookingChange)) == 1


async def test_another_mapping_leaves_the_task(desk: Desk) -> None:
    """A service that stays unmapped keeps its one task."""
    await desk.booking("b1", service="glow")
    assert await mapped(desk, shine=ServiceUse.IGNORE) == 0
    assert (await desk.tasks(), desk.told(BookingChange)) == ([("service", "question")], [])


async def test_what_was_cancelled_meanwhile_stays_cancelled(desk: Desk) -> None:
    """Booked and called off before anybody mapped it: the mapping starts no journey with a live visit."""
    await desk.booking("b1", service="glow")
    await desk.booking("b1", "cancelled", service="glow")
    await mapped(desk, glow=Treatment.MICRONEEDLING)
    (booking,) = await desk.store.bookings.visit(CLINIC, "generic", "b1")
    assert booking.status is BookingStatus.CANCELLED


async def test_ignored_is_a_mapping_too(desk: Desk) -> None:
    """The admin says that a service does not concern us: the task goes, and nothing else happens."""
    await desk.booking("b1", service="glow")
    await mapped(desk, glow=ServiceUse.IGNORE)
    assert (await desk.tasks(), desk.told(BookingChange)) == ([], [])


async def test_one_service_of_an_appointment_waits_for_its_mapping(desk: Desk) -> None:
    """Of two services in one appointment one was mapped: the other becomes a visit of its own once it is."""
    await desk.booking("b1", service=["microneedling", "glow"])
    assert len(desk.told(BookingChange)) == 1
    await mapped(desk, glow=Treatment.LASER_NAFL)
    visits = await desk.store.bookings.visit(CLINIC, "generic", "b1")
    assert {one.treatment for one in visits} == {Treatment.MICRONEEDLING, Treatment.LASER_NAFL}


async def test_a_decided_review_is_not_asked_again(desk: Desk) -> None:
    """Another procedure that staff has dealt with stays dealt with when some other service is mapped."""
    await desk.booking("b1", service="peel")
    await desk.booking("b2", service="glow")
    (task,) = await desk.store.tasks.open_below(CLINIC, "booking")
    await desk.store.tasks.close_scope(CLINIC, task.scope, outcome="done", by="staff:Kim", now=desk.now)
    assert await mapped(desk, glow=Treatment.MICRONEEDLING) == 1
    assert await desk.store.tasks.open_below(CLINIC, "booking") == []


async def test_a_visit_of_long_ago_is_history(desk: Desk) -> None:
    """A visit eight days ago begins no journey by a mapping."""
    await desk.booking("b1", service="glow", days=1)
    desk.now += timedelta(days=9, hours=1)
    assert await mapped(desk, glow=Treatment.MICRONEEDLING) == 0
    assert (await desk.tasks(), desk.told(BookingChange)) == ([], [])


async def test_a_crash_on_the_way_loses_nothing(desk: Desk) -> None:
    """The process died after the clinic was stored: the same file applied again takes up what waited, once."""
    await desk.booking("b1", service="glow")
    clinic = await desk.store.clinics.get(CLINIC)
    changed = clinic.model_copy(update={"services": clinic.services | {"glow": Treatment.MICRONEEDLING}})
    await desk.store.clinics.apply(changed)
    assert [await Remapping(desk.store).apply(changed, desk.now) for _ in range(2)] == [1, 0]
