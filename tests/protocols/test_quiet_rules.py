"""Quiet hours by rules of states and countries: the shipped file, a clinic's own, and how they narrow its hours."""

from datetime import time
from pathlib import Path

import pytest

from domain.calendar import QuietHours
from domain.clinic import Clinic
from domain.messages import Channel
from domain.quiet_rules import QuietRules
from protocols.findings import FindingsError
from protocols.lint import check
from protocols.quiet_rules import load_quiet_rules
from tests.builders import NEW_YORK, at
from tests.store.rows import a_clinic, a_patient

RULES = load_quiet_rules()
WIDE = QuietHours(starts=time(23), ends=time(6), sunday_ends=time(6))
"""A clinic whose own hours are wider than any rule's."""


def allowed(day: str, clock: str, region: str | None, quiet: QuietHours = WIDE, channel: Channel = Channel.SMS) -> str:
    hours = RULES.hours_for(a_clinic(quiet_hours=quiet), a_patient(region=region))
    return hours.next_allowed(at(day, clock), NEW_YORK, channel).astimezone(at(day, clock).tzinfo).isoformat()


@pytest.mark.parametrize(
    ("region", "day", "clock", "then_day", "then"),
    [
        ("US-NY", "2027-03-04", "07:00", "2027-03-04", "08:00"),
        (None, "2027-03-04", "21:00", "2027-03-05", "08:00"),
        ("US-FL", "2027-03-04", "20:00", "2027-03-05", "08:00"),
        ("US-MD", "2027-03-04", "20:30", "2027-03-05", "08:00"),
        ("US-MS", "2027-03-04", "19:59", "2027-03-04", "19:59"),
        ("US-NJ", "2027-03-04", "07:59", "2027-03-04", "08:00"),
        ("US-OK", "2027-03-04", "20:00", "2027-03-05", "08:00"),
        ("US-CT", "2027-03-04", "08:30", "2027-03-04", "09:00"),
        ("US-TX", "2027-03-06", "21:00", "2027-03-07", "12:00"),
        ("US-TX", "2027-03-08", "08:00", "2027-03-08", "09:00"),
        ("US-RI", "2027-03-05", "18:00", "2027-03-06", "10:00"),
        ("US-RI", "2027-03-07", "17:00", "2027-03-08", "09:00"),
        ("US-RI", "2027-03-13", "18:00", "2027-03-14", "10:00"),
        ("US-RI", "2027-11-06", "18:00", "2027-11-07", "10:00"),
        ("GB", "2027-03-04", "22:30", "2027-03-04", "22:30"),
    ],
)
def test_a_state_narrows_the_hours(region: str | None, day: str, clock: str, then_day: str, then: str) -> None:
    """Texts wait for the hours of the patient's state, over weekends and changes of the clocks too; GB has no rule."""
    assert allowed(day, clock, region) == at(then_day, then).isoformat()


def test_the_narrower_of_clinic_and_state_wins() -> None:
    """The clinic's own Sunday begins at noon, Rhode Island's ends at 17:00: both hold."""
    shipped = QuietHours()
    assert allowed("2027-03-07", "10:30", "US-RI", shipped) == at("2027-03-07", "12:00").isoformat()
    assert allowed("2027-03-07", "17:30", "US-RI", shipped) == at("2027-03-08", "09:00").isoformat()


def test_a_rule_speaks_of_its_channels_alone() -> None:
    """State rules hold back texts; e-mails keep the clinic's own hours, or none where the clinic says so."""
    assert allowed("2027-03-04", "21:30", "US-RI", channel=Channel.EMAIL) == at("2027-03-04", "21:30").isoformat()
    night = "2027-03-05", "09:00"
    assert allowed("2027-03-04", "22:00", None, QuietHours(), Channel.EMAIL) == at(*night).isoformat()
    sms_only = QuietHours(channels=(Channel.SMS,))
    assert allowed("2027-03-04", "22:00", None, sms_only, Channel.EMAIL) == at("2027-03-04", "22:00").isoformat()


def test_hours_that_never_agree_let_nothing_out() -> None:
    """A clinic that texts at 19:00 and a state that ends at 18:00: the search ends days ahead, not never."""
    evenings = QuietHours(starts=time(20), ends=time(19), sunday_ends=time(19))
    assert allowed("2027-03-04", "12:00", "US-RI", evenings) > at("2027-03-10", "12:00").isoformat()


def test_every_shipped_rule_has_a_source() -> None:
    """Federal hours name the law; the states' are marked as a vendor's table that nobody has checked."""
    assert all("47 CFR" in rule.source for rule in RULES.rules if rule.region == "US")
    assert all("not checked" in rule.source for rule in RULES.rules if "-" in rule.region)


def test_a_clinics_own_file_takes_the_place(tmp_path: Path) -> None:
    """A clinic whose counsel knows better replaces the file."""
    own = 'rules:\n  - {region: US-TX, hours: {mon-sun: "10:00-11:00"}, source: "our counsel, 2027"}\n'
    (tmp_path / "quiet_hours.yaml").write_text(own)
    rules = load_quiet_rules(tmp_path)
    clinic: Clinic = a_clinic(quiet_hours=WIDE)
    texan = rules.hours_for(clinic, a_patient(region="US-TX"))
    assert texan.next_allowed(at("2027-03-04", "08:00"), NEW_YORK) == at("2027-03-04", "10:00")
    assert rules.hours_for(clinic, a_patient(region=None)) == WIDE
    assert QuietRules().hours_for(clinic, a_patient(region="US-TX")) == WIDE


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('rules:\n  - region: Texas\n    hours: {mon-sun: "08:00-20:00"}\n    source: "law"\n', 2, "region"),
        ('rules:\n  - region: US\n    hours: {mon-sun: "eight to five"}\n    source: "law"\n', 3, "hours"),
        ('rules:\n  - region: US\n    hours: {mun: "08:00-20:00"}\n    source: "law"\n', 3, "weekday"),
        ('rules:\n  - region: US\n    hours: {mon: "08:00-20:00"}\n', 2, "source"),
    ],
)
def test_a_bad_file_names_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    """A mistake in the rules is told with its line, when they are loaded and by check-protocol."""
    (tmp_path / "quiet_hours.yaml").write_text(text)
    with pytest.raises(FindingsError) as caught:
        load_quiet_rules(tmp_path)
    (tmp_path / "templates").mkdir()
    found = check(tmp_path)
    assert tuple(found) == caught.value.findings
    assert (found[0].line, says in str(found[0])) == (line, True), found
