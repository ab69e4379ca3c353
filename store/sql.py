"""The few statements that every table needs."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, Select, Table, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Model = TypeVar("Model", bound=BaseModel)


def new_id() -> str:
    """A random id: says nothing about what it names."""
    return uuid.uuid4().hex


def values_of(model: BaseModel) -> dict[str, Any]:
    """The model's fields as column values."""
    return {name: getattr(model, name) for name in type(model).model_fields}


def select_as(model: type[BaseModel], table: Table, *, leave_out: Collection[str] = ()) -> Select[Any]:
    """Select exactly the columns that the model has."""
    return select(*(table.c[name] for name in model.model_fields if name not in leave_out))


def as_model(model: type[Model], row: Row[Any]) -> Model:
    """The row as a checked model."""
    return model.model_validate(dict(row._mapping))


async def one(connection: AsyncConnection, model: type[Model], query: Select[Any]) -> Model | None:
    """The first row as a model, or None."""
    row = (await connection.execute(query)).first()
    return None if row is None else as_model(model, row)


async def many(connection: AsyncConnection, model: type[Model], query: Select[Any]) -> list[Model]:
    """All rows as models."""
    return [as_model(model, row) for row in await connection.execute(query)]


async def insert_ignoring(connection: AsyncConnection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert, unless a unique key is taken; True when a row was inserted."""
    return await inserted_key(connection, table, values) is not None


async def inserted_key(connection: AsyncConnection, table: Table, values: Mapping[str, Any]) -> Row[Any] | None:
    """Insert, unless a unique key is taken; the new row's primary key, None when nothing was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return (await connection.execute(statement)).first()


async def upsert(connection: AsyncConnection, table: Table, values: Mapping[str, Any], key: ColumnElement[Any]) -> None:
    """Insert, or replace all values of the row with that key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=dict(values)))


async def one_at_a_time(connection: AsyncConnection, name: str) -> None:
    """Wait until no other transaction works under this name; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
