"""What Alembic runs: always on the connection that `store.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from store.tables import metadata
from store.types import CleanJson, CleanText, UtcDateTime

_PLAIN = {
    CleanText: "sa.Text()",
    UtcDateTime: "sa.DateTime(timezone=True)",
    CleanJson: "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')",
}
"""Revisions name plain types: they must not change when store/types.py does."""


def plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How a column's type is written in a new revision."""
    if kind != "type" or type(item) not in _PLAIN:
        return False
    autogen.imports.add("from sqlalchemy.dialects import postgresql")
    return _PLAIN[type(item)]


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # SQLite cannot alter most of a table: Alembic then copies it.
    render_as_batch=True,
    render_item=plain_type,
)
context.run_migrations()
