"""Brings a clinic's patients in from a CSV file: contacts, consents, treatments already done, visits ahead.

Everything goes the way of a booking event, so a second import of the same file changes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.booking import BookingEvent, BookingKind, Treatment
from domain.clinic import Clinic
from domain.errors import BadInputError
from domain.messages import Channel, Frozen
from domain.patient import Consent, ConsentStatus, Patient
from relay.booking_intake import BookingIntake
from relay.import_rows import ImportRow, Problem, read_rows
from relay.matching import Matching
from store import Store

SOURCE = "import"
"""Booking source of imported visits."""
Progress = Callable[[int, int], None]


def silent(_done: int, _of: int) -> None:
    """Nobody watches."""


class ImportReport(Frozen):
    """What an import did, or would do."""

    dry_run: bool
    rows: int
    new_patients: int = 0
    known_patients: int = 0
    consents: int = 0
    treatments: int = 0
    visits: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Importer:
    """Applies a file row by row; with a mistake anywhere in it nothing is applied at all."""

    store: Store
    matching: Matching
    bookings: BookingIntake

    async def run(
        self, clinic: Clinic, content: bytes, now: datetime, *, dry_run: bool, progress: Progress = silent
    ) -> ImportReport:
        """Check the whole file, then apply it unless `dry_run`. BadInputError where it is no table."""
        rows, problems = read_rows(content, clinic, now)
        who = [await self.matching.who(clinic, _vendor(clinic), row.patient) for row in rows]
        problems += [_ambiguous(row) for row, found in zip(rows, who, strict=True) if found is None]
        known = [isinstance(found, Patient) for found in who]
        report = _report(rows, known, problems, dry_run=dry_run or bool(problems))
        if report.dry_run:
            return report
        for number, row in enumerate(rows, start=1):
            await self._apply(clinic, row, now)
            progress(number, len(rows))
        return report

    async def _apply(self, clinic: Clinic, row: ImportRow, now: datetime) -> None:
        patient = await self.matching.find_or_add(clinic, _vendor(clinic), row.patient, now)
        if patient is None:
            raise BadInputError(str(_ambiguous(row)))
        if row.patient.vendor_id and SOURCE not in patient.vendor_ids:
            vendor_ids = {**patient.vendor_ids, SOURCE: row.patient.vendor_id}
            patient = patient.model_copy(update={"vendor_ids": vendor_ids})
            await self.store.patients.update(patient)
        await self._profile(patient, row)
        for channel in Channel:
            await self._consent(patient, channel, row, now)
        if row.treatment and row.treated_at:
            await self._visit(clinic, row, row.treatment, row.treated_at, BookingKind.COMPLETED, now)
        if row.next_treatment and row.next_visit:
            await self._visit(clinic, row, row.next_treatment, row.next_visit, BookingKind.BOOKED, now)

    async def _profile(self, patient: Patient, row: ImportRow) -> None:
        given = {"skin_type": row.skin_type, "conditions": row.conditions}
        changes = {name: value for name, value in given.items() if value is not None}
        if changes:
            profile = patient.profile.model_copy(update=changes)
            await self.store.patients.update(patient.model_copy(update={"profile": profile}))

    async def _consent(self, patient: Patient, channel: Channel, row: ImportRow, now: datetime) -> None:
        """Only where nothing is on record: an import never takes an opt-out back."""
        wording, address = row.wordings.get(channel.value), patient.address(channel)
        if not wording or not address or await self.store.consents.status(patient.clinic_id, channel, address):
            return
        await self.store.consents.record(
            Consent(
                clinic_id=patient.clinic_id,
                channel=channel,
                address=address,
                status=ConsentStatus.GRANTED,
                wording_version=wording,
                origin=SOURCE,
                at=now,
            )
        )

    async def _visit(
        self, clinic: Clinic, row: ImportRow, treatment: Treatment, at: datetime, kind: BookingKind, now: datetime
    ) -> None:
        """A visit's ref comes from who, what and when, so that the same row again is the same visit."""
        who = row.patient.vendor_id or row.patient.phone or row.patient.email
        named = f"{who}|{row.patient.first_name}|{treatment}|{at.isoformat()}"
        ref = hashlib.sha256(named.encode()).hexdigest()[:24]
        for sequence, step in enumerate((BookingKind.BOOKED, kind) if kind is BookingKind.COMPLETED else (kind,)):
            event = BookingEvent(
                source=SOURCE,
                delivery_id=f"{ref}-{sequence}",
                booking_ref=ref,
                sequence=sequence,
                kind=step,
                starts_at=at,
                services=(treatment.value,),
                patient=row.patient,
            )
            await self.bookings.apply(clinic, SOURCE, event, f"import-{ref}-{sequence}", now)


def _vendor(clinic: Clinic) -> str:
    """Whose id `vendor_id` is: the clinic's one booking system's; with several nobody can tell."""
    return next(iter(clinic.sources)) if len(clinic.sources) == 1 else SOURCE


def _ambiguous(row: ImportRow) -> Problem:
    mend = "two patients on record have this contact and first name; add the vendor_id, or mend one of them"
    return Problem(row=row.row, column="first_name", value=row.patient.first_name or "", mend=mend)


def _report(
    rows: Sequence[ImportRow], known: Sequence[bool], problems: Sequence[Problem], *, dry_run: bool
) -> ImportReport:
    return ImportReport(
        dry_run=dry_run,
        rows=len(rows) + len({problem.row for problem in problems}),
        new_patients=known.count(False),
        known_patients=known.count(True),
        consents=sum(len(row.wordings) for row in rows),
        treatments=sum(row.treatment is not None for row in rows),
        visits=sum(row.next_visit is not None for row in rows),
        problems=tuple(problems),
    )


def refuse_problems(report: ImportReport) -> None:
    """BadInputError with one line per mistake."""
    if report.problems:
        lines = "\n".join(map(str, report.problems))
        raise BadInputError(f"{lines}\n{len(report.problems)} to mend; nothing was imported.")
