"""Storing rows of a backup as they are: no default, no time of change comes in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import sql

from diagnostics.backup.numbers import number
from diagnostics.backup.stored import references
from diagnostics.backup.tables import Column, Key, Row, Table, frozen, target_of

# SQLite takes so many values in one statement, whatever it was compiled with.
_MOST_VALUES = 30_000
Targets = Mapping[str, Mapping[Key, Any]]


def insert(table: Table, rows: Sequence[Row], *, using: str) -> None:
    """Add rows; their foreign keys must be there, or may be empty."""
    if not rows:
        return
    fresh = [dict(row) for row in rows]
    number(table, fresh, using=using)
    targets = _targets(table, fresh, using)
    size = max(_MOST_VALUES // len(table.columns), 1)
    for start in range(0, len(fresh), size):
        batch = fresh[start : start + size]
        made = [table.model(**_values(table, row, targets)) for row in batch]
        query = sql.InsertQuery(table.model)
        query.insert_values(list(table.columns), made, raw=True)
        query.get_compiler(using=using).execute_sql()


def update(table: Table, changes: Mapping[Any, Row], *, using: str) -> None:
    """Let rows, by their primary keys, say what these say; they keep their numbers."""
    targets = _targets(table, list(changes.values()), using)
    for pk, row in changes.items():
        values = _values(table, row, targets)
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


def _values(table: Table, row: Row, targets: Targets) -> dict[str, Any]:
    return {c.attname: _value(c, row[c.name], targets) for c in table.columns}


def _value(column: Column, value: object, targets: Targets) -> Any:
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
