"""One appointment with several treatments, two halves of a reschedule, and visits that no journey takes by itself."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.clinic import BookingSource, ServiceUse
from domain.journey.events import BookingChange, OtherProcedure
from domain.records import BookingStatus, TaskCause
from tests.relay.conftest import PHONE, Desk
from tests.store.rows import CLINIC, a_clinic, a_patient

pytestmark = pytest.mark.slow

NEEDLING, NAFL, IPL = Treatment.MICRONEEDLING, Treatment.LASER_NAFL, Treatment.LASER_IPL
BOOKED, CANCELLED = BookingStatus.BOOKED, BookingStatus.CANCELLED


def standing(desk: Desk) -> dict[Treatment, BookingStatus]:
    """Treatment -> what its newest change says."""
    newest = {change.booking_id: change for _, change in desk.told(BookingChange)}
    return {change.treatment: change.status for change in newest.values()}


async def whys(desk: Desk) -> list[str]:
    return sorted(task.detail["why"] for task in await desk.store.tasks.listing(CLINIC))


async def test_both_treatments_of_a_visit_are_cancelled(desk: Desk) -> None:
    """A cancellation that names no service cancels everything in the visit, also under its new ref."""
    await desk.booking("b1", service=["microneedling", "laser_nafl"])
    await desk.booking("b2", "rescheduled", service=None, days=5, previous_ref="b1")
    await desk.booking("b2", "cancelled", service=None)
    assert standing(desk) == {NEEDLING: CANCELLED, NAFL: CANCELLED}
    assert len({change.booking_id for _, change in desk.told(BookingChange)}) == 2


async def test_a_treatment_is_taken_out_of_a_visit(desk: Desk) -> None:
    """What the appointment no longer names is cancelled; the order of services means nothing."""
    await desk.booking("b1", service=["microneedling", "laser_nafl"])
    await desk.booking("b1", service=["laser_nafl", "microneedling"])
    assert standing(desk) == {NEEDLING: BOOKED, NAFL: BOOKED}
    await desk.booking("b1", service=["microneedling"])
    await desk.booking("b1", "arrived", service=None)
    assert standing(desk) == {NEEDLING: BookingStatus.ARRIVED, NAFL: CANCELLED}


async def test_a_treatment_is_exchanged(desk: Desk) -> None:
    """Another laser in the same appointment is the same booking for the journey."""
    await desk.booking("b1")
    await desk.booking("b2", service="laser_nafl", days=40)
    await desk.booking("b2", service="laser_ipl", days=40)
    lasers = {change.booking_id for _, change in desk.told(BookingChange) if change.treatment in (NAFL, IPL)}
    assert len(lasers) == 1


async def test_a_visit_that_became_something_else_is_over(desk: Desk) -> None:
    """An appointment that is now for an ignored service is cancelled for the journey."""
    await desk.booking("b1")
    await desk.booking("b1", service="facial")
    assert standing(desk) == {NEEDLING: CANCELLED}


async def test_what_nobody_mapped_stands_beside_the_treatment(desk: Desk) -> None:
    """Each unmapped service of a visit is a task of its own; its treatment is told all the same."""
    await desk.booking("b1", service=["microneedling", "glow", "shine"])
    scopes = {task.scope for task in await desk.store.tasks.listing(CLINIC)}
    assert (scopes, standing(desk)) == ({"service:glow", "service:shine"}, {NEEDLING: BOOKED})


async def test_another_procedure_is_told_to_the_journey(desk: Desk) -> None:
    """Booked and called off, it is told under one opaque id; the journey holds for it, so no task stands beside it."""
    await desk.booking("b1")
    await desk.booking("b2", service="peel")
    await desk.booking("b2", "cancelled", service="peel")
    booked, off = [change for _, change in desk.told(OtherProcedure)]
    assert (booked.called_off, off.called_off) == (False, True)
    assert booked.booking_id == off.booking_id != "b2"
    assert [task for task in await desk.store.tasks.listing(CLINIC) if task.cause is TaskCause.REVIEW] == []


async def test_another_procedure_is_for_review_with_its_patient(desk: Desk) -> None:
    """Where no journey can hold for it: one review task per visit, and it says whose."""
    await desk.booking("b1", service="laser_nafl")
    await desk.booking("b2", service="peel")
    await desk.booking("b3", service="peel")
    reviews = [task for task in await desk.store.tasks.listing(CLINIC) if task.cause is TaskCause.REVIEW]
    (patient,) = await desk.store.patients.by_phone(CLINIC, PHONE)
    assert [task.patient_id for task in reviews] == [patient.id, patient.id]


async def test_a_booking_and_then_the_cancellation_are_a_reschedule(desk: Desk) -> None:
    """The other order: within half an hour the journey has one visit, which moved, and nothing beside it."""
    await desk.booking("b1")
    desk.later(timedelta(minutes=5))
    await desk.booking("b2", days=9)
    desk.later(timedelta(minutes=10))
    await desk.booking("b1", "cancelled")
    (first, _), *_ = [(change.booking_id, change) for _, change in desk.told(BookingChange)]
    newest = {change.booking_id: change for _, change in desk.told(BookingChange)}
    assert (newest[first].status, newest[first].starts_at.date()) == (BOOKED, (desk.now + timedelta(days=9)).date())
    assert [change.status for booking, change in newest.items() if booking != first] == [CANCELLED]
    await desk.booking("b2", "rescheduled", days=12)
    last = desk.told(BookingChange)[-1][1]
    assert (last.booking_id, last.starts_at.date()) == (first, (desk.now + timedelta(days=12)).date())


@pytest.mark.parametrize("gap", [timedelta(0), timedelta(minutes=45)])
async def test_a_package_with_one_visit_cancelled_is_no_reschedule(desk: Desk, gap: timedelta) -> None:
    """Visits made at the same moment, or long before, do not stand in for each other."""
    await desk.booking("b1")
    await desk.booking("b2", days=40)
    desk.later(gap)
    await desk.booking("b1", "cancelled")
    newest = {change.booking_id: change.status for _, change in desk.told(BookingChange)}
    assert sorted(newest.values()) == [BOOKED, CANCELLED]
    assert await desk.store.bookings.current_ref(CLINIC, "generic", "b1") == "b1"


async def test_a_new_count_under_a_new_ref(desk: Desk) -> None:
    """Systems that count per appointment begin at 0 again; the reschedule is news all the same."""
    await desk.booking("b1", sequence=7)
    await desk.booking("b1", "cancelled", sequence=8)
    await desk.booking("b2", days=9, sequence=0)
    changes = [change for _, change in desk.told(BookingChange)]
    assert (changes[-1].booking_id, changes[-1].status) == (changes[0].booking_id, BOOKED)
    assert changes[-1].sequence > changes[-2].sequence


async def test_tasks_without_a_journey_close_with_their_visit(desk: Desk) -> None:
    """A laser without microneedling, and a minor's visit: the task goes when the visit is cancelled."""
    await desk.booking("b1", service="laser_nafl")
    await desk.booking("b2", patient={"id": "v2", "first_name": "Kim", "birth_date": "2015-01-01"})
    assert await whys(desk) == ["minor", "no_journey"]
    await desk.booking("b1", "cancelled", service="laser_nafl")
    await desk.booking("b2", "cancelled")
    assert await desk.tasks() == []


async def test_a_known_patient_who_turns_out_to_be_a_minor(desk: Desk) -> None:
    """A birth date that only the booking tells counts, and is kept."""
    await desk.store.patients.add(a_patient(birth_date=None))
    await desk.booking("b1", patient={"birth_date": "2015-01-01"})
    assert (await whys(desk), desk.journeys.running) == (["minor"], {})


async def test_nobody_can_tell_whose_visit_it_is(desk: Desk) -> None:
    """Two people on record fit alike: neither is chosen, no third one is made, a person looks."""
    for patient in ("p1", "p2"):
        await desk.store.patients.add(a_patient(id=patient, vendor_ids={}))
    await desk.booking("b1", patient={"id": None})
    assert (await whys(desk), desk.journeys.running) == (["whose_visit"], {})
    assert len(await desk.store.patients.by_phone(CLINIC, PHONE)) == 2


async def test_two_people_with_one_email(desk: Desk) -> None:
    """One address, two names: two patients with a journey each; a third booking finds the one it names."""
    contact = {"id": None, "phone": None, "email": "Family@Example.com"}
    await desk.booking("b1", patient=contact)
    await desk.booking("b2", patient=contact | {"first_name": "Ben", "email": "family@example.com"})
    await desk.booking("b3", service="laser_nafl", days=40, patient=contact | {"first_name": "ben"})
    ana, ben, laser = [journey for journey, _ in desk.told(BookingChange)]
    assert (len({ana, ben}), laser) == (2, ben)


async def test_no_phone_is_asked_for_at_once(desk: Desk) -> None:
    """The journey begins; a task says that nobody can be texted, long before the check-in is due."""
    await desk.booking("b1", patient={"phone": None, "email": "ana@example.com"})
    assert (len(desk.journeys.running), await whys(desk)) == (1, ["no_phone"])


async def test_an_unreadable_phone_alone_names_nobody(desk: Desk) -> None:
    """A number that is none, and nothing else: no patient is made up."""
    await desk.booking("b1", patient={"id": None, "phone": "n/a"})
    assert (await whys(desk), desk.journeys.running) == (["whose_visit"], {})


async def test_two_open_journeys_that_both_fit(desk: Desk) -> None:
    """Where two plans of one person have a step for the visit, a person says which one is meant."""
    protocols = ("microneedling", "microneedling-then-laser")
    sources = {"generic": BookingSource(system="generic", secret_names=())}
    await desk.booking("b1")
    services = {"facial": ServiceUse.IGNORE}
    await desk.store.clinics.apply(a_clinic(sources=sources, services=services, protocols=protocols))
    (record,) = await desk.store.journeys.listing(CLINIC)
    other = {"id": "j2", "workflow_id": "w2", "starting_ref": "staff:x", "protocol_id": "microneedling"}
    await desk.store.journeys.reserve(record.model_copy(update=other))
    await desk.booking("b2", days=40)
    assert (await whys(desk), len(desk.journeys.running)) == (["which_journey"], 1)


async def test_a_treatment_after_the_end_is_a_persons_work(desk: Desk) -> None:
    """A late webhook begins nothing anew; only 'done' in a journey that was cancelled raises a task."""
    await desk.booking("b1")
    (record,) = await desk.store.journeys.listing(CLINIC)
    await desk.store.journeys.project(record.id, stage="cancelled", gates={}, ended_at=desk.now, outcome="cancelled")
    desk.journeys.ended.add(record.id)
    await desk.booking("b1", "rescheduled", days=5)
    assert await desk.tasks() == []
    await desk.booking("b1", "completed")
    assert (await desk.tasks(), len(desk.journeys.running)) == ([("booking", "incident")], 1)


async def test_two_visits_of_a_new_person_at_the_same_moment(desk: Desk) -> None:
    """A package whose two deliveries are relayed at once makes one patient and one journey with both, without alarm."""
    for number, service in ((1, "laser_nafl"), (2, "microneedling")):
        await desk.stored(f"b{number}", service=service, days=3 + 40 * (number == 1))
    await desk.relay.once()
    assert len(await desk.store.patients.by_phone(CLINIC, PHONE)) == 1
    assert len({journey for journey, _ in desk.told(BookingChange)}) == 1
    assert (set(standing(desk)), await desk.tasks()) == ({NEEDLING, NAFL}, [])
