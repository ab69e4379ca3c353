"""bookings that got another ref, and news of bookings that are not known yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sequence_base", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "booking_refs",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("followed_by", sa.Text(), nullable=False),
        sa.Column("guessed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "source", "ref", name=op.f("pk_booking_refs")),
    )
    op.create_table(
        "booking_news",
        sa.Column("clinic_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("event", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "source", "ref", name=op.f("pk_booking_news")),
    )


def downgrade() -> None:
    op.drop_table("booking_news")
    op.drop_table("booking_refs")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_column("made_at")
        batch_op.drop_column("sequence_base")
