"""Reads a clinic's CSV file of patients: every row checked, every mistake named with its column and its mend."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.booking import BookedPatient, Treatment
from domain.calendar import check_zone
from domain.clinic import Clinic
from domain.errors import BadInputError
from domain.messages import Frozen
from domain.patient import Condition
from relay.matching import REGION, e164

SYNONYMS: Final = {
    "firstname": "first_name", "name": "first_name", "lastname": "last_name", "surname": "last_name",
    "mobile": "phone", "cell": "phone", "telephone": "phone", "e-mail": "email", "mail": "email",
    "dob": "birth_date", "date_of_birth": "birth_date", "language": "locale", "fitzpatrick": "skin_type",
    "patient_id": "vendor_id", "id": "vendor_id", "last_treatment": "treatment", "treated_on": "treated_at",
    "next_visit_at": "next_visit", "state": "region",
}  # fmt: skip
COLUMNS: Final = (
    "first_name", "last_name", "phone", "email", "timezone", "region", "locale", "birth_date", "skin_type",
    "conditions", "vendor_id", "sms_consent", "email_consent", "treatment", "treated_at", "next_treatment",
    "next_visit",
)  # fmt: skip
MIDDAY: Final = time(12)
"""A treatment of which only the day is known counts from the middle of that day; intervals count days."""


class Problem(Frozen):
    """What is wrong with one cell."""

    row: int
    """As a spreadsheet counts: the header is row 1."""
    column: str
    value: str
    mend: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} {self.value!r}: {self.mend}"


@dataclass(frozen=True)
class ImportRow:
    """One patient, checked."""

    row: int
    patient: BookedPatient
    skin_type: int | None = None
    conditions: frozenset[Condition] | None = None
    wordings: Mapping[str, str] = field(default_factory=dict)
    """Channel -> version of the wording that was consented to."""
    treatment: Treatment | None = None
    treated_at: datetime | None = None
    next_treatment: Treatment | None = None
    next_visit: datetime | None = None


def read_rows(content: bytes, clinic: Clinic, now: datetime) -> tuple[list[ImportRow], list[Problem]]:
    """The rows that are right and all problems. BadInputError where the file cannot be read as a table at all."""
    lines = _table(_text(content))
    rows: list[ImportRow] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, cells in lines:
        reader = _Row(number, cells, clinic, now)
        row = reader.read()
        identity = row.patient.vendor_id or row.patient.phone or row.patient.email or ""
        identity = f"{identity}|{(row.patient.first_name or '').casefold()}"
        if identity in seen:
            reader.wrong("first_name", f"the same patient stands in row {seen[identity]}; keep one of both rows")
        seen.setdefault(identity, number)
        problems += reader.problems
        if not reader.problems:
            rows.append(row)
    return rows, problems


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise BadInputError("the file is not UTF-8; save it from the spreadsheet as 'CSV UTF-8'") from None


def _table(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    header = text.splitlines()[0] if text.strip() else ""
    separator = max(",;\t", key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = [_column(name) for name in next(lines)]
    except StopIteration:
        raise BadInputError(f"the file is empty; its first row names the columns: {', '.join(COLUMNS)}") from None
    strange = [name for name in names if name and name not in COLUMNS]
    if strange:
        raise BadInputError(f"unknown columns {', '.join(strange)}; the columns are {', '.join(COLUMNS)}")
    return _cells(lines, names)


def _cells(lines: Iterator[list[str]], names: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for number, line in enumerate(lines, start=2):
            if any(cell.strip() for cell in line):
                yield number, {name: cell.strip() for name, cell in zip(names, line, strict=False) if name}
    except csv.Error as error:
        raise BadInputError(f"the file is no CSV: {error}") from None


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    return SYNONYMS.get(plain.replace("_", ""), SYNONYMS.get(plain, plain))


class _Row:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, number: int, cells: Mapping[str, str], clinic: Clinic, now: datetime) -> None:
        self._number = number
        self._cells = cells
        self._clinic = clinic
        self._now = now
        self.problems: list[Problem] = []

    def wrong(self, column: str, mend: str) -> None:
        self.problems.append(Problem(row=self._number, column=column, value=self._cells.get(column, ""), mend=mend))

    def read(self) -> ImportRow:
        treated_at = self._at("treated_at")
        next_visit = self._at("next_visit")
        row = ImportRow(
            row=self._number,
            patient=self._patient(),
            skin_type=self._checked("skin_type", _skin_type, "give 1 to 6 (Fitzpatrick), or leave it empty"),
            conditions=self._checked(
                "conditions", _conditions, f"give 'none', or some of {', '.join(Condition)}, with ;"
            ),
            wordings={name: text for name in ("sms", "email") if (text := self._cells.get(f"{name}_consent"))},
            treatment=self._treatment("treatment"),
            treated_at=treated_at,
            next_treatment=self._treatment("next_treatment"),
            next_visit=next_visit,
        )
        self._check_together(row)
        return row

    def _check_together(self, row: ImportRow) -> None:
        if (row.treatment is None) != (row.treated_at is None):
            self.wrong("treated_at", "a treatment needs its day, and a day its treatment")
        if row.treated_at and row.treated_at > self._now:
            self.wrong("treated_at", "is in the future; put a visit that is booked under next_visit")
        if (row.next_treatment is None) != (row.next_visit is None):
            self.wrong("next_visit", "a booked visit needs its time, and a time its next_treatment")
        if row.next_visit and row.next_visit <= self._now:
            self.wrong("next_visit", "is in the past; put what was done under treated_at")
        for channel, address in (("sms", row.patient.phone), ("email", row.patient.email)):
            if channel in row.wordings and not address:
                self.wrong(f"{channel}_consent", "there is no address for this channel in the row")

    def _patient(self) -> BookedPatient:
        first_name = self._cells.get("first_name", "")
        if not first_name:
            self.wrong("first_name", "is missing")
        phone, email = self._cells.get("phone"), self._cells.get("email")
        number = e164(phone, self._clinic.country) if phone else None
        if phone and number is None:
            self.wrong("phone", f"is no phone number in {self._clinic.country}; write it with country code, +1 ...")
        if email and ("@" not in email or " " in email):
            self.wrong("email", "is no e-mail address")
        if not (phone or email or self._cells.get("vendor_id")):
            self.wrong("phone", "give a phone, an email or a vendor_id, so that the patient can be found")
        return BookedPatient(
            vendor_id=self._cells.get("vendor_id") or None,
            name=" ".join(part for part in (first_name, self._cells.get("last_name", "")) if part),
            first_name=first_name,
            phone=number,
            email=email or None,
            timezone=self._checked("timezone", _zone, "is no time zone; write it like America/New_York"),
            region=self._checked("region", _region, "is no region; write it like US-TX, or the country alone: US"),
            locale=self._cells.get("locale") or None,
            birth_date=self._checked("birth_date", _day, "is no date; write it like 1990-01-31"),
        )

    def _treatment(self, column: str) -> Treatment | None:
        use = self._clinic.use_of(self._cells[column]) if self._cells.get(column) else None
        if self._cells.get(column) and not isinstance(use, Treatment):
            self.wrong(column, f"is no treatment; give one of {', '.join(Treatment)}, or map it under services")
        return use if isinstance(use, Treatment) else None

    def _at(self, column: str) -> datetime | None:
        zone = ZoneInfo(self._clinic.timezone)
        mend = "is no date; write it like 2027-03-04, or 2027-03-04 14:00 in the clinic's time"
        found: datetime | None = self._checked(column, lambda text: _moment(text, zone), mend)
        return found

    def _checked(self, column: str, read: Callable[[str], Any], mend: str) -> Any:
        text = self._cells.get(column)
        if not text:
            return None
        try:
            return read(text)
        except ValueError:
            self.wrong(column, mend)
            return None


def _skin_type(text: str) -> int:
    roman = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
    value = roman.get(text.upper()) or int(text)
    if not 1 <= value <= len(roman):
        raise ValueError(text)
    return value


def _conditions(text: str) -> frozenset[Condition]:
    names = [name.strip().lower() for name in text.replace("|", ";").split(";") if name.strip()]
    return frozenset() if names == ["none"] else frozenset(Condition(name) for name in names)


def _zone(text: str) -> str:
    return check_zone(text)


def _region(text: str) -> str:
    return REGION.validate_python(text.upper())


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    found = datetime.fromisoformat(text)
    if len(text) <= len("2027-03-04"):
        found = datetime.combine(found.date(), MIDDAY)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
