"""Where each kind of record of the read model comes from: its columns, its state in one word, and its newest change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import ColumnElement, Select, and_, case, cast, exists, func, literal, null, or_, select, tuple_

from domain.journey.facts import GateState, JourneyStage
from domain.messages import Channel
from domain.patient import Consent, ConsentStatus, Patient
from domain.records import Booking, JourneyRecord, MessageRow, MessageState, Task
from store.deliveries import FAILED
from store.sql import Model, select_as
from store.tables import audit, bookings, consents, journeys, messages, patients, tasks
from store.types import CleanText


class PatientConsent(Consent):
    """A consent entry of a contact that the patient has now: it is found once for each of those who share it."""

    number: int
    patient_id: str

    @property
    def id(self) -> str:
        return f"{self.number}-{self.patient_id}"


@dataclass(frozen=True)
class Source(Generic[Model]):
    """Where one kind of record is read from."""

    model: type[Model]
    query: Select[Any]
    clinic: ColumnElement[Any]
    patient: ColumnElement[Any]
    key: tuple[ColumnElement[Any], ...]
    state: ColumnElement[Any]
    changed: ColumnElement[Any]
    starts: ColumnElement[Any]
    key_of: Callable[[str], tuple[Any, ...]] = lambda text: (text,)


def _consent_key(text: str) -> tuple[int, str]:
    """The parts of a `PatientConsent.id`; no entry has the number 0."""
    number, _, patient_id = text.partition("-")
    return (int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0), patient_id


def _told_at() -> ColumnElement[Any]:
    """When a message was skipped, or a person said what became of it: only the audit has these times."""
    kinds = ("message.skipped:", "message.reviewed:")
    of_row = audit.c.dedupe.in_([literal(kind) + messages.c.id for kind in kinds])
    query = select(func.max(audit.c.at)).where(audit.c.clinic_id == messages.c.clinic_id, of_row)
    return query.correlate(messages).scalar_subquery()


def _newest_of_timeline() -> ColumnElement[Any]:
    query = select(func.max(audit.c.at)).where(audit.c.journey_id == journeys.c.id)
    return query.correlate(journeys).scalar_subquery()


def _counts_now() -> ColumnElement[bool]:
    """A granted entry, and no newer one of its contact and purpose."""
    newer = consents.alias("newer")
    same = [newer.c[name] == consents.c[name] for name in ("clinic_id", "channel", "address", "purpose")]
    later = tuple_(newer.c.at, newer.c.id) > tuple_(consents.c.at, consents.c.id)
    return and_(consents.c.status == ConsentStatus.GRANTED, ~exists().where(*same, later))


_HELD_BEFORE_THE_FIRST = and_(
    journeys.c.stage == JourneyStage.PREPARING, cast(journeys.c.gates, CleanText).like(f'%"{GateState.HELD}"%')
)
"""Later the stage says it (`in_review`). A gate's state stands in the JSON as a quoted word, on both databases."""
_HAS_CONTACT = and_(
    patients.c.clinic_id == consents.c.clinic_id,
    or_(
        and_(consents.c.channel == Channel.SMS, patients.c.phone == consents.c.address),
        and_(consents.c.channel == Channel.EMAIL, patients.c.email_key == consents.c.address),
    ),
)

BOOKINGS = Source(
    model=Booking,
    query=select_as(Booking, bookings),
    clinic=bookings.c.clinic_id,
    patient=bookings.c.patient_id,
    key=(bookings.c.id,),
    state=bookings.c.status,
    changed=null(),
    starts=bookings.c.starts_at,
)
JOURNEYS = Source(
    model=JourneyRecord,
    query=select_as(JourneyRecord, journeys),
    clinic=journeys.c.clinic_id,
    patient=journeys.c.patient_id,
    key=(journeys.c.id,),
    state=case((_HELD_BEFORE_THE_FIRST, "held"), else_=journeys.c.stage),
    changed=func.coalesce(_newest_of_timeline(), journeys.c.created_at),
    starts=journeys.c.created_at,
)
MESSAGES = Source(
    model=MessageRow,
    query=select_as(MessageRow, messages),
    clinic=messages.c.clinic_id,
    patient=messages.c.patient_id,
    key=(messages.c.id,),
    state=case(
        (and_(messages.c.state == MessageState.ACCEPTED, messages.c.delivery.in_(FAILED)), "not_delivered"),
        else_=messages.c.state,
    ),
    changed=func.coalesce(
        messages.c.delivery_at, _told_at(), messages.c.sent_at, messages.c.claimed_at, messages.c.due_at
    ),
    starts=messages.c.due_at,
)
TASKS = Source(
    model=Task,
    query=select_as(Task, tasks),
    clinic=tasks.c.clinic_id,
    patient=tasks.c.patient_id,
    key=(tasks.c.id,),
    state=case(
        (tasks.c.outcome == "cause_gone", "gone"),
        (tasks.c.closed_at.is_not(None), "closed"),
        (tasks.c.owner.is_not(None), "taken"),
        else_="open",
    ),
    changed=func.coalesce(tasks.c.closed_at, tasks.c.taken_at, tasks.c.opened_at),
    starts=tasks.c.opened_at,
)
CONSENTS = Source(
    model=PatientConsent,
    query=select(
        *(consents.c[name] for name in Consent.model_fields),
        consents.c.id.label("number"),
        patients.c.id.label("patient_id"),
    ).join_from(consents, patients, _HAS_CONTACT),
    clinic=consents.c.clinic_id,
    patient=patients.c.id,
    key=(consents.c.id, patients.c.id),
    state=case((_counts_now(), "granted"), else_="past"),
    changed=consents.c.at,
    starts=consents.c.at,
    key_of=_consent_key,
)
PATIENTS = Source(
    model=Patient,
    query=select_as(Patient, patients, leave_out={"vendor_ids"}),
    clinic=patients.c.clinic_id,
    patient=patients.c.id,
    key=(patients.c.id,),
    state=literal("known"),
    changed=null(),
    starts=null(),
)
