"""The tables, for SQLite and PostgreSQL alike. Every one carries the clinic.

A change here needs a revision: `python -m store.migrations TEXT` writes it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from store.types import AutoId, CleanJson, CleanText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _required(name: str) -> Column[str]:
    return Column(name, CleanText, nullable=False)


def _key() -> Column[str]:
    return Column("id", CleanText, primary_key=True)


def _counted() -> Column[int]:
    return Column("id", AutoId, primary_key=True, autoincrement=True)


clinics = Table(
    "clinics",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("document", CleanJson, nullable=False),
)

patients = Table(
    "patients",
    metadata,
    _key(),
    Column("clinic_id", CleanText, ForeignKey("clinics.clinic_id"), nullable=False),
    _required("first_name"),
    _required("last_name"),
    Column("phone", CleanText),
    Column("email", CleanText),
    Column("email_key", CleanText),
    _required("timezone"),
    Column("region", CleanText),
    _required("locale"),
    Column("birth_date", Date),
    Column("profile", CleanJson, nullable=False),
    Index(None, "clinic_id", "phone"),
    Index(None, "clinic_id", "email_key"),
)

patient_vendor_ids = Table(
    "patient_vendor_ids",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("source", CleanText, primary_key=True),
    Column("vendor_id", CleanText, primary_key=True),
    Column("patient_id", CleanText, ForeignKey("patients.id"), nullable=False, index=True),
)

consents = Table(
    "consents",
    metadata,
    _counted(),
    _required("clinic_id"),
    _required("channel"),
    _required("address"),
    _required("purpose"),
    _required("status"),
    _required("wording_version"),
    _required("origin"),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("clinic_id", "channel", "address", "purpose", "at", "status", "origin", name="uq_consents_entry"),
)

journeys = Table(
    "journeys",
    metadata,
    _key(),
    Column("clinic_id", CleanText, ForeignKey("clinics.clinic_id"), nullable=False),
    Column("patient_id", CleanText, ForeignKey("patients.id"), nullable=False),
    Column("workflow_id", CleanText, nullable=False, unique=True),
    _required("protocol_id"),
    _required("protocol_version"),
    _required("starting_ref"),
    _required("stage"),
    Column("gates", CleanJson, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", CleanText),
    UniqueConstraint("clinic_id", "starting_ref"),
    Index(None, "clinic_id", "patient_id"),
    Index(None, "clinic_id", "created_at"),
)

bookings = Table(
    "bookings",
    metadata,
    _key(),
    _required("clinic_id"),
    _required("source"),
    _required("ref"),
    Column("sequence", BigInteger, nullable=False),
    Column("sequence_base", BigInteger, nullable=False, server_default="0"),
    _required("status"),
    Column("treatment", CleanText),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("location", CleanText),
    Column("patient_id", CleanText, ForeignKey("patients.id")),
    Column("journey_id", CleanText, ForeignKey("journeys.id")),
    Column("group_ref", CleanText),
    Column("cancelled_at", UtcDateTime),
    Column("treated_at", UtcDateTime),
    Column("made_at", UtcDateTime),
    UniqueConstraint("clinic_id", "source", "ref"),
    Index(None, "clinic_id", "patient_id"),
    Index(None, "journey_id"),
)

booking_refs = Table(
    "booking_refs",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("source", CleanText, primary_key=True),
    Column("ref", CleanText, primary_key=True),
    _required("followed_by"),
    Column("guessed_at", BigInteger),
)

booking_news = Table(
    "booking_news",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("source", CleanText, primary_key=True),
    Column("ref", CleanText, primary_key=True),
    Column("event", CleanJson, nullable=False),
)

_SENT_FOR_ALL = text(
    "merge_key IS NOT NULL AND treatments IS NOT NULL AND state IN ('sending', 'accepted', 'unknown', 'needs_review')"
)
"""Of messages about the same treatments at the same moment, one is sent: the database refuses the second claim."""
messages = Table(
    "messages",
    metadata,
    _key(),
    Column("key", CleanText, nullable=False, unique=True),
    _required("clinic_id"),
    Column("journey_id", CleanText, index=True),
    Column("patient_id", CleanText),
    _required("touchpoint"),
    _required("step"),
    Column("occurrence", Integer, nullable=False),
    _required("channel"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("resends", Integer, nullable=False),
    Column("resent", Integer, nullable=False, server_default="0"),
    _required("state"),
    Column("reason", CleanText),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("to", CleanText),
    Column("subject", CleanText),
    Column("body", CleanText),
    Column("body_html", CleanText),
    Column("content_hash", CleanText),
    Column("template_version", CleanText),
    Column("consent_wording", CleanText),
    Column("segments", Integer),
    Column("claimed_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("provider_id", CleanText, unique=True),
    Column("evidence", CleanText),
    Column("delivery", CleanText),
    Column("failure", CleanText, nullable=False, server_default="none"),
    Column("delivery_at", UtcDateTime),
    Column("conflicting", Boolean, nullable=False, server_default=text("false")),
    Column("merge_key", CleanText),
    Column("treatments", CleanText),
    Column("replaced_by", CleanText),
    Index(None, "state", "claimed_at"),
    Index(None, "clinic_id", "patient_id", "claimed_at"),
    Index(
        "uq_messages_merged",
        "merge_key",
        "treatments",
        unique=True,
        sqlite_where=_SENT_FOR_ALL,
        postgresql_where=_SENT_FOR_ALL,
    ),
)

channel_pauses = Table(
    "channel_pauses",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("channel", CleanText, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    _required("why"),
    Column("trips", Integer, nullable=False),
)

delivery_events = Table(
    "delivery_events",
    metadata,
    Column("message_id", CleanText, ForeignKey("messages.id"), primary_key=True),
    Column("event_id", CleanText, primary_key=True),
    _required("clinic_id"),
    _required("provider_id"),
    _required("state"),
    _required("failure"),
    _required("code"),
    Column("at", UtcDateTime, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    _key(),
    _required("clinic_id"),
    _required("phone"),
    _required("patient_id"),
    _required("journey_id"),
    _required("question"),
    _required("touchpoint"),
    _required("step"),
    _required("ask_id"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("message_id", CleanText, ForeignKey("messages.id"), index=True),
    Column("closed_at", UtcDateTime),
    Index(None, "clinic_id", "phone"),
    Index(None, "journey_id", "ask_id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", AutoId, primary_key=True, autoincrement=True),
    Column("id", CleanText, nullable=False, unique=True),
    _required("clinic_id"),
    _required("source"),
    _required("delivery_id"),
    _required("key"),
    Column("body", LargeBinary, nullable=False),
    Column("headers", CleanJson, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    _required("state"),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("error", CleanText),
    Column("in_flight_until", UtcDateTime),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("clinic_id", "source", "delivery_id"),
    Index(None, "clinic_id", "key", "state", "received_at"),
    Index(None, "state", "received_at"),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("source", CleanText, primary_key=True),
    Column("first_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("lost_at", UtcDateTime),
    Column("silent_since", UtcDateTime),
    Column("polled_until", UtcDateTime),
)

_OPEN = text("closed_at IS NULL")

tasks = Table(
    "tasks",
    metadata,
    _key(),
    _required("clinic_id"),
    _required("scope"),
    Column("journey_id", CleanText, index=True),
    Column("patient_id", CleanText),
    _required("cause"),
    _required("urgency"),
    Column("due", UtcDateTime, nullable=False),
    Column("detail", CleanJson, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("owner", CleanText),
    Column("taken_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("outcome", CleanText),
    Column("closed_by", CleanText),
    Index("uq_tasks_open", "clinic_id", "scope", "cause", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index(None, "clinic_id", "due"),
)

audit = Table(
    "audit",
    metadata,
    _counted(),
    _required("clinic_id"),
    Column("journey_id", CleanText, index=True),
    Column("at", UtcDateTime, nullable=False),
    _required("kind"),
    _required("actor"),
    Column("data", CleanJson, nullable=False),
    Column("dedupe", CleanText),
    UniqueConstraint("clinic_id", "dedupe"),
)

outward_events = Table(
    "outward_events",
    metadata,
    _key(),
    _required("clinic_id"),
    _required("endpoint"),
    Column("entry_id", AutoId, ForeignKey("audit.id"), nullable=False),
    _required("kind"),
    Column("at", UtcDateTime, nullable=False),
    Column("data", CleanJson, nullable=False),
    Column("started_at", UtcDateTime),
    Column("code", CleanText),
    Column("outcome", CleanText),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("entry_id", "endpoint"),
    Index(None, "started_at", "entry_id"),
)

webhooks_off = Table(
    "webhooks_off",
    metadata,
    Column("clinic_id", CleanText, primary_key=True),
    Column("endpoint", CleanText, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("token", CleanText, primary_key=True),
    _required("kind"),
    _required("clinic_id"),
    _required("patient_id"),
    Column("journey_id", CleanText),
    Column("data", CleanJson, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "clinic_id", "patient_id"),
)
