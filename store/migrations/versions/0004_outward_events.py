"""outward events, and webhook endpoints that are off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "outward_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["audit.id"], name=op.f("fk_outward_events_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outward_events")),
        sa.UniqueConstraint("entry_id", "endpoint", name=op.f("uq_outward_events_entry_id_endpoint")),
    )
    with op.batch_alter_table("outward_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outward_events_started_at_entry_id"), ["started_at", "entry_id"], unique=False
        )
    op.create_table(
        "webhooks_off",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "endpoint", name=op.f("pk_webhooks_off")),
    )


def downgrade() -> None:
    op.drop_table("webhooks_off")
    op.drop_table("outward_events")
