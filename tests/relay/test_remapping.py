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
    await mapped(desk, shine=ServiceUse.IGNORE)
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
