"""Storing rows of a backup as they are: no default, no time of change comes in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from diagnostics.backup.numbers import number
from diagnostics.backup.stored import references
from diagnostics.backup.tables import (
    Column,
    Key,
    Row,
    Table,
    frozen,
    is_plain,
    target_of,
)

Targets = Mapping[str, Mapping[Key, Any]]
# What turns a written value into a parameter of a statement.
Writer = Callable[[object], Any]


def insert(table: Table, rows: Sequence[Row], *, using: str) -> None:
    """Add rows; their foreign keys must be there, or may be empty."""
    if not rows:
        return
    fresh = [dict(row) for row in rows]
    number(table, fresh, using=using)
    connection = connections[using]
    targets = _targets(table, fresh, using)
    writers = [(c.name, _writer(c, targets, connection)) for c in table.columns]
    values = [tuple(write(row[name]) for name, write in writers) for row in fresh]
    with connection.cursor() as cursor:
        cursor.executemany(_insert_sql(table, connection), values)


def _insert_sql(table: Table, connection: BaseDatabaseWrapper) -> str:
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(str(column.column)) for column in table.columns)
    places = ", ".join(["%s"] * len(table.columns))
    return " ".join(["INSERT INTO", quoted(table.name), f"({names}) VALUES ({places})"])


def update(table: Table, changes: Mapping[Any, Row], *, using: str) -> None:
    """Let rows, by their primary keys, say what these say; they keep their numbers."""
    targets = _targets(table, list(changes.values()), using)
    for pk, row in changes.items():
        values = {c.attname: _value(c, row[c.name], targets) for c in table.columns}
        values.pop(table.pk.attname)
        table.query(using).filter(pk=pk).update(**values)


def delete(table: Table, pks: Sequence[Any], *, using: str) -> None:
    """Remove rows, and what the models say goes with them."""
    if pks:
        table.query(using).filter(pk__in=pks).delete()


def _targets(table: Table, rows: Sequence[Row], using: str) -> Targets:
    found = {}
    for column in table.columns:
        target = target_of(column)
        if target is not None:
            found[column.name] = target.find(references(column.name, rows), using)
    return found


def _writer(
    column: Column, targets: Targets, connection: BaseDatabaseWrapper
) -> Writer:
    if is_plain(column) and not isinstance(column, models.JSONField):
        return _as_it_is
    return partial(_prepared, column, targets, connection)


def _as_it_is(value: object) -> object:
    return value


def _prepared(
    column: Column, targets: Targets, connection: BaseDatabaseWrapper, value: object
) -> Any:
    meant = _value(column, value, targets)
    if meant is None or column.is_relation:
        return meant
    return column.get_db_prep_save(meant, connection)


def _value(column: Column, value: object, targets: Targets) -> Any:
    """Return a written value as the model holds it."""
    if value is None:
        return None
    if column.is_relation:
        key = frozen(value)
        known = targets[column.name]
        return known.get(key) if isinstance(key, tuple) else None
    if isinstance(column, models.JSONField):
        return value
    if isinstance(column, models.DateTimeField):
        return datetime.fromisoformat(str(value))
    return column.to_python(value)
