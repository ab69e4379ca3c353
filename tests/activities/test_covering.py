"""Work in a closure of over two days: the covering contact hears once of what is due in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.post_office import PostOffice
from domain.records import Urgency
from protocols.render import Templates
from store import Store
from tests.builders import at
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, a_clinic, a_task
from worker.closures import Closures

COVERING = "+15005550009"
FRIDAY, TUESDAY, WEDNESDAY = "2027-03-05", "2027-03-09", "2027-03-10"
"""Monday 8 and Tuesday 9 March 2027 are holidays: four closed days from Saturday on."""


@dataclass
class Office:
    """A clinic before and in a long closure, and who was paged."""

    store: Store
    sms: RecordingSms

    async def has(self, opened: datetime, due: datetime, **more: Any) -> None:
        await self.store.tasks.open(a_task(id=f"t{opened:%d%H}", opened_at=opened, due=due, **more))

    async def paged(self, day: str, clock: str, *, times: int = 2) -> int:
        """How many pages have gone out by then; what runs twice pages once."""
        office = PostOffice(self.store.ledger, self.store.consents, Templates(), self.sms, RecordingEmail())
        for _ in range(times):
            await Closures(self.store, office, lambda: at(day, clock)).hand_over()
        assert all(text.to == COVERING for text in self.sms.sent)
        return len(self.sms.sent)


@pytest.fixture
async def office(store: Store) -> Office:
    place = a_clinic().main.model_dump() | {
        "calendar": {"timezone": "America/New_York", "holidays": ("2027-03-08", TUESDAY)},
        "covering": {"name": "Dr. Lee", "channel": "sms", "address": COVERING},
    }
    await store.clinics.apply(a_clinic(locations=(place,)))
    return Office(store, RecordingSms())


async def test_what_was_left_open_when_the_doors_closed(office: Office) -> None:
    """Due on Friday at five and nobody took it: told once the long closure has begun, not before."""
    await office.has(at(FRIDAY, "15:00"), at(FRIDAY, "17:00"))
    assert await office.paged(FRIDAY, "16:59") == 0
    assert await office.paged(FRIDAY, "17:05") == 1
    assert await office.paged(TUESDAY, "12:00") == 1


async def test_what_falls_due_behind_closed_doors(office: Office) -> None:
    """A red flag's call of Friday afternoon is due in the evening."""
    await office.has(at(FRIDAY, "16:30"), at(FRIDAY, "18:30"))
    assert await office.paged(FRIDAY, "17:05") == 1


async def test_what_is_opened_behind_closed_doors(office: Office) -> None:
    """Whatever opened it, and although it is due only when the clinic is back."""
    await office.has(at("2027-03-06", "12:00"), at(WEDNESDAY, "17:00"))
    assert await office.paged("2027-03-06", "12:05") == 1


@pytest.mark.parametrize(
    ("why", "opened", "due", "more"),
    [
        ("due when the clinic is back", (FRIDAY, "15:00"), (WEDNESDAY, "17:00"), {}),
        ("long overdue before", ("2027-03-01", "10:00"), ("2027-03-02", "17:00"), {}),
        ("somebody is on it", (FRIDAY, "15:00"), (FRIDAY, "17:00"), {"owner": "Kim"}),
        ("information", (FRIDAY, "15:00"), (FRIDAY, "17:00"), {"urgency": Urgency.INFORMATION}),
    ],
)
async def test_what_the_covering_contact_is_left_in_peace_with(
    office: Office, why: str, opened: tuple[str, str], due: tuple[str, str], more: dict[str, Any]
) -> None:
    """Not due in the closure, known for long, in good hands, or nothing to do."""
    await office.has(at(*opened), at(*due), **more)
    assert await office.paged("2027-03-06", "12:00") == 0, why


async def test_a_usual_weekend_is_no_long_closure(office: Office) -> None:
    """Two closed days are what everybody knows of."""
    await office.has(at("2027-03-12", "15:00"), at("2027-03-12", "17:00"))
    assert await office.paged("2027-03-13", "12:00") == 0


async def test_a_page_carries_nothing_of_the_patient(office: Office) -> None:
    """It says that something waits, and its row names the journey, so that `explain` shows it."""
    await office.has(at(FRIDAY, "15:00"), at(FRIDAY, "17:00"))
    await office.paged(FRIDAY, "17:05")
    [row] = await office.store.ledger.of_journey("j1")
    assert (row.touchpoint, row.patient_id, row.clinic_id) == ("page_covering", None, CLINIC)
    assert row.sent_at == at(FRIDAY, "17:05")
    assert timedelta() == row.sent_at - row.due_at
