"""Searching: pages, parameters, and what is refused."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from domain.records import BookingStatus
from tests.api.fhir.standard import FHIR, checked, entries, get, read
from tests.api.world import BASE_URL, STAFF, World
from tests.store.rows import NOW, a_booking, a_patient, a_task

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


async def test_pages_are_linked_until_the_last(world: World) -> None:
    """Following `next` gives everything once; the links keep what was asked, and are the public addresses."""
    for number in range(5):
        await world.store.bookings.apply(a_booking(id=f"b-{number}", ref=f"r{number}", patient_id="p1"))
    await world.store.bookings.apply(a_booking(id="b-9", ref="r9"))
    url, seen = f"{BASE_URL}{FHIR}/Appointment?patient=Patient/p1&_count=2", []
    while url:
        bundle = checked(await world.http.get(url, headers=STAFF))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        assert (bundle["type"], links["self"]) == ("searchset", url)
        seen += [entry["fullUrl"].removeprefix(f"{BASE_URL}{FHIR}/") for entry in bundle["entry"]]
        url = links.get("next", "")
    assert seen == [f"Appointment/b-{number}" for number in range(5)]


async def test_an_entry_is_at_its_address(world: World) -> None:
    """What a page names can be read there, and is the same."""
    await world.store.bookings.apply(a_booking(patient_id="p1"))
    for kind in ("CarePlan", "Appointment", "Patient"):
        (entry,) = (await read(world, kind))["entry"]
        path = urlsplit(entry["fullUrl"]).path.removeprefix(f"{FHIR}/")
        assert await read(world, path) == entry["resource"]


async def test_nothing_found_is_an_empty_bundle(world: World) -> None:
    """Also for a patient who is not there."""
    bundle = await read(world, "Communication?patient=nobody")
    assert (bundle["type"], bundle.get("entry")) == ("searchset", None)


async def test_a_page_has_at_most_two_hundred_entries(world: World) -> None:
    """Whoever asks for more gets that many, and a link."""
    for number in range(201):
        await world.store.tasks.open(a_task(id=f"t-{number:03}", scope=f"sender:{number}"))
    bundle = await read(world, "Task?_count=1000000")
    assert len(bundle["entry"]) == 200
    assert bundle["link"][1]["url"].endswith("_count=1000000&_after=t-199")
    assert len((await read(world, "Task?_after=t-199"))["entry"]) == 1


async def test_a_patient_is_named_in_any_usual_way(world: World) -> None:
    """By id, relative reference, or full address; several resources by their ids."""
    await world.store.patients.add(a_patient(id="p2", vendor_ids={}))
    await world.store.bookings.apply(a_booking(patient_id="p1"))
    await world.store.bookings.apply(a_booking(id="b-2", ref="b2", patient_id="p2"))
    for way in ("p1", "Patient/p1", f"{BASE_URL}{FHIR}/Patient/p1"):
        assert [one["id"] for one in await entries(world, f"Appointment?patient={way}")] == ["b-1"]
    assert [one["id"] for one in await entries(world, "Patient?_id=p2,p1,p9")] == ["p1", "p2"]


async def test_several_statuses_may_match(world: World) -> None:
    """With commas between them; `_format=json` changes nothing."""
    for number, status in enumerate((BookingStatus.BOOKED, BookingStatus.NO_SHOW, BookingStatus.CANCELLED)):
        await world.store.bookings.apply(a_booking(id=f"b-{number}", ref=f"r{number}", status=status))
    found = await entries(world, "Appointment?status=booked,noshow&_format=json")
    assert [one["status"] for one in found] == ["booked", "noshow"]


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("date=2027-03-02", [1]),
        ("date=eq2027-03-02", [1]),
        ("date=gt2027-03-02", [2, 3]),
        ("date=ge2027-03-02&date=lt2027-03-04", [1, 2]),
        ("date=le2027-03-02T14:00:00Z", [0, 1]),
        ("date=lt2027-03-02T14:00:00Z", [0]),
        ("date=gt2027-03-02T14:00:00.000Z", [2, 3]),
        ("date=2027-03-02T09:00:00-05:00", [1]),
        ("date=ge2027-03-02T15:00:00%2B01:00&date=le2027-03-03", [1, 2]),
    ],
)
async def test_a_date_is_a_day_of_the_clinic_or_a_second(world: World, asked: str, days: list[int]) -> None:
    """A prefix names the side of it; two of them make a span."""
    for number in range(4):
        await world.store.bookings.apply(a_booking(id=f"b-{number}", ref=f"r{number}", starts_at=NOW + number * DAY))
    assert [one["id"] for one in await entries(world, f"Appointment?{asked}")] == [f"b-{number}" for number in days]


async def test_a_day_begins_at_the_clinics_midnight(world: World) -> None:
    """In New York the second of March begins at five in the morning UTC."""
    midnight = NOW.replace(day=2, hour=5)
    await world.store.bookings.apply(a_booking(id="b-1", ref="r1", starts_at=midnight - timedelta(seconds=1)))
    await world.store.bookings.apply(a_booking(id="b-2", ref="r2", starts_at=midnight))
    assert [one["id"] for one in await entries(world, "Appointment?date=2027-03-02")] == ["b-2"]


async def test_what_changed_since_is_found_by_its_last_update(world: World) -> None:
    """The time in `meta` can be asked with, and the record is in the answer."""
    await world.store.tasks.open(a_task())
    await world.store.tasks.open(a_task(id="t2", cause="hold"))
    await world.store.tasks.take("t2", "Ada", NOW + DAY)
    (taken,) = await entries(world, "Task?_lastUpdated=gt2027-03-01")
    assert taken["id"] == "t2"
    assert await entries(world, f"Task?_lastUpdated=ge{taken['meta']['lastUpdated']}") == [taken]
    assert await entries(world, f"Task?_lastUpdated=gt{taken['meta']['lastUpdated']}") == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("Appointment?_lastUpdated=2027-03-01", "cannot be searched by _lastUpdated; use patient"),
        ("Task?patient:not=p1", "cannot be searched by patient:not"),
        ("Task?status=open", "requested, in-progress, completed, cancelled"),
        ("Task?status=", "status"),
        ("Task?status=completed&status=requested", "twice"),
        ("Task?patient=", "patient"),
        ("Task?patient=Person/p1", "patient"),
        ("Task?_count=0", "_count"),
        ("Task?_count=many", "_count"),
        ("Task?_count=²", "_count"),
        ("Task?_id=t1,", "_id"),
        ("Task?_lastUpdated=yesterday", "ge2027-03-01"),
        ("Task?_lastUpdated=2027-03-01T09:00:00", "zone"),
        ("Task?_lastUpdated=ge2027-03-01T09:00:00+01:00", "%2B"),
        ("Task?_lastUpdated=2027-02-30", "calendar"),
        ("Task?_lastUpdated=9999-12-31", "calendar"),
        ("Task?_lastUpdated=lt0001-01-01T00:00:00%2B14:00", "calendar"),
        ("Task?_format=xml", "json"),
    ],
)
async def test_a_wrong_parameter_is_refused_with_its_mend(world: World, path: str, says: str) -> None:
    """A filter that is not understood would give more than was asked for."""
    answer = await get(world, path)
    (issue,) = checked(answer)["issue"]
    assert (answer.status_code, issue["severity"], issue["code"]) == (400, "error", "invalid")
    assert says in issue["diagnostics"]
