"""A clinic's patients come in from a CSV file: checked as a whole, applied as booking events, once in effect."""

import pytest

from bookings.registry import ADAPTERS
from domain.booking import Treatment
from domain.errors import BadInputError
from domain.journey.events import BookingChange
from domain.messages import Channel
from domain.patient import Condition
from domain.records import BookingStatus
from protocols.load import load_protocol
from relay.booking_intake import BookingIntake
from relay.importing import Importer, ImportReport, refuse_problems
from relay.matching import Matching
from relay.starting import Starter
from tests.relay.conftest import Desk
from tests.store.rows import CLINIC

HEADER = "first_name,phone,email,skin_type,conditions,sms_consent,treatment,treated_at,next_treatment,next_visit"
ANA = "Ana,(202) 555-0123,ana@example.com,II,rosacea;tan,care-1,microneedling,2027-02-10,laser_nafl,2027-03-20 14:00"
BEN = "Ben,+12025550124,,,none,,,,,"


async def run(desk: Desk, *lines: str, header: str = HEADER, dry_run: bool = False) -> ImportReport:
    starter = Starter(desk.store, desk.journeys, load_protocol, allow_unapproved=True)
    matching = Matching(desk.store)
    importer = Importer(desk.store, matching, BookingIntake(desk.store, desk.journeys, starter, matching, ADAPTERS))
    clinic = await desk.store.clinics.get(CLINIC)
    return await importer.run(clinic, "\r\n".join((header, *lines)).encode(), desk.now, dry_run=dry_run)


async def test_patients_consents_treatments_and_visits(desk: Desk) -> None:
    """All of a row is there afterwards; the treatment that was done begins a journey with the visit ahead."""
    report = await run(desk, ANA, BEN)
    (ana,) = await desk.store.patients.by_phone(CLINIC, "+12025550123")
    consent = await desk.store.consents.status(CLINIC, Channel.SMS, "+12025550123")
    told = [(change.treatment, change.status) for _, change in desk.told(BookingChange)]
    assert (report.rows, report.new_patients, report.consents, report.treatments, report.visits) == (2, 2, 1, 1, 1)
    assert (ana.profile.skin_type, ana.profile.conditions) == (2, frozenset({Condition.ROSACEA, Condition.TAN}))
    assert consent is not None
    assert (consent.origin, consent.wording_version) == ("import", "care-1")
    assert told == [
        (Treatment.MICRONEEDLING, BookingStatus.BOOKED),
        (Treatment.MICRONEEDLING, BookingStatus.COMPLETED),
        (Treatment.LASER_NAFL, BookingStatus.BOOKED),
    ]
    assert len(desk.journeys.running) == 1


async def test_a_row_alone_is_no_consent(desk: Desk) -> None:
    """Who has a phone in the file and nothing under consent gets nothing."""
    await run(desk, BEN)
    assert await desk.store.consents.status(CLINIC, Channel.SMS, "+12025550124") is None


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    """A second import finds the same patients and tells no journey anything new."""
    await run(desk, ANA, BEN)
    told = len(desk.journeys.calls)
    report = await run(desk, ANA, BEN)
    assert (report.new_patients, report.known_patients) == (0, 2)
    assert len(desk.journeys.calls) == told
    assert len(await desk.store.patients.by_phone(CLINIC, "+12025550123")) == 1


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    """It says what would happen."""
    report = await run(desk, ANA, dry_run=True)
    assert (report.dry_run, report.new_patients) == (True, 1)
    assert await desk.store.patients.by_phone(CLINIC, "+12025550123") == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",+12025550125,,,,,,,,", "first_name"),
        ("Cy,12,,,,,,,,", "phone"),
        ("Cy,,nobody,,,,,,,", "email"),
        ("Cy,,,,,,,,,", "phone"),
        ("Cy,+12025550125,,7,,,,,,", "skin_type"),
        ("Cy,+12025550125,,,freckles,,,,,", "conditions"),
        ("Cy,,cy@example.com,,,care-1,,,,", "sms_consent"),
        ("Cy,+12025550125,,,,,peel,2027-02-10,,", "treatment"),
        ("Cy,+12025550125,,,,,microneedling,,,", "treated_at"),
        ("Cy,+12025550125,,,,,microneedling,2027-04-10,,", "treated_at"),
        ("Cy,+12025550125,,,,,microneedling,10/02/2027,,", "treated_at"),
        ("Cy,+12025550125,,,,,,,laser_nafl,2027-01-20", "next_visit"),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_imported(desk: Desk, line: str, column: str) -> None:
    """Row, column and mend are said; the right rows wait for the whole file to be right."""
    report = await run(desk, BEN, line)
    assert next((problem.row, problem.column) for problem in report.problems) == (3, column)
    assert await desk.store.patients.by_phone(CLINIC, "+12025550124") == []
    with pytest.raises(BadInputError, match="row 3"):
        refuse_problems(report)


async def test_the_same_patient_twice_in_a_file_is_a_mistake(desk: Desk) -> None:
    """Nobody guesses which of both rows is right."""
    report = await run(desk, BEN, BEN)
    assert [(problem.row, problem.column) for problem in report.problems] == [(3, "first_name")]


@pytest.mark.parametrize("header", ["First Name;Mobile;E-Mail", "\ufefffirst_name\tphone\temail"])
async def test_spreadsheets_write_it_in_their_own_way(desk: Desk, header: str) -> None:
    """Semicolons, tabs, a byte order mark and everyday column names are fine."""
    separator = ";" if ";" in header else "\t"
    report = await run(desk, separator.join(("Ana", "+12025550123", "")), header=header)
    assert (report.new_patients, report.problems) == (1, ())


@pytest.mark.parametrize("header", ["", "first_name,shoe_size"])
async def test_a_file_that_is_no_such_table_is_refused(desk: Desk, header: str) -> None:
    """An empty file and an unknown column are said at once."""
    with pytest.raises(BadInputError, match="columns"):
        await run(desk, header=header)
