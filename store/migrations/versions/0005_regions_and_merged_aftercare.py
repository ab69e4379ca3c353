"""Regions of patients, recorded treatments of bookings, and messages that speak of several treatments."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = {
    "patients": (("region", sa.Text()),),
    "bookings": (("treated_at", sa.DateTime(timezone=True)),),
    "messages": (("merge_key", sa.Text()), ("treatments", sa.Text()), ("replaced_by", sa.Text())),
}
SENT_FOR_ALL = sa.text(
    "merge_key IS NOT NULL AND treatments IS NOT NULL AND state IN ('sending', 'accepted', 'unknown', 'needs_review')"
)


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, kind in columns:
                batch_op.add_column(sa.Column(name, kind, nullable=True))
    op.create_index(
        "uq_messages_merged",
        "messages",
        ["merge_key", "treatments"],
        unique=True,
        sqlite_where=SENT_FOR_ALL,
        postgresql_where=SENT_FOR_ALL,
    )


def downgrade() -> None:
    op.drop_index("uq_messages_merged", table_name="messages")
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, _ in columns:
                batch_op.drop_column(name)
