"""A table as a backup sees it: its columns and what names a row, from Django's models.

A row is a dict by field name, of plain values. A foreign key is written as what names
the row it points to, so that rows find each other again under other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models

Row = dict[str, object]
Key = tuple[object, ...]
Column = models.Field[Any, Any]

ROWS_AT_ONCE = 500
_PLAIN = (
    models.CharField,
    models.IntegerField,
    models.BooleanField,
    models.FloatField,
    models.JSONField,
    models.TextField,
)


class Table:
    """One model's table: `identity` holds the columns that name a row."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.name = model._meta.db_table
        self.columns: tuple[Column, ...] = tuple(model._meta.concrete_fields)
        self.by_name = {column.name: column for column in self.columns}
        self.pk: Column = model._meta.pk
        self.has_own_numbers = isinstance(self.pk, models.AutoField)
        self.identity = _identity(model, self.has_own_numbers)
        self._readers = [(column.name, _reader(column)) for column in self.columns]
        self._lookups = [name for c in self.columns for name in lookups_of(c)]
        self._names = [name for c in self.identity for name in lookups_of(c)]

    def query(self, using: str) -> models.QuerySet[Any]:
        """Return all its rows, whatever the model's own manager hides."""
        return model_rows(self.model, using)

    def rows(self, query: models.QuerySet[Any]) -> Iterator[Row]:
        """Yield the rows of a query, never all at once in memory."""
        found = query.values_list(*self._lookups)
        for values in found.iterator(chunk_size=ROWS_AT_ONCE):
            taken = iter(values)
            yield {name: read(taken) for name, read in self._readers}

    def key_of(self, row: Row) -> Key:
        """Return what names a row."""
        return tuple(frozen(row[column.name]) for column in self.identity)

    def among(self, keys: Collection[Key], using: str) -> models.QuerySet[Any]:
        """Return the rows that have these names, and maybe a few others."""
        flat = [list(_leaves(key)) for key in keys]
        sets = [{one[n] for one in flat} for n in range(len(self._names))]
        best = max(range(len(sets)), key=lambda n: len(sets[n]))
        return self.query(using).filter(**{f"{self._names[best]}__in": sets[best]})

    def find(self, keys: Collection[Key], using: str) -> dict[Key, Any]:
        """Return the primary keys of the rows with these names, where there are."""
        if not keys:
            return {}
        wanted, readers = set(keys), [_reader(column) for column in self.identity]
        found = {}
        for pk, *values in self.among(keys, using).values_list("pk", *self._names):
            taken = iter(values)
            key = tuple(frozen(read(taken)) for read in readers)
            if key in wanted:
                found[key] = pk
        return found

    def same(self, one: Row, other: Row) -> bool:
        """Return whether two rows say the same, whatever their numbers."""
        if not self.has_own_numbers:
            return one == other
        number = self.pk.name
        return {**one, number: None} == {**other, number: None}


@cache
def table_of(label: str) -> Table:
    """Return the table of a model, such as `channels_app.UserConfig`."""
    return Table(apps.get_model(label))


@cache
def table_of_model(model: type[models.Model]) -> Table:
    """Return the table of a model class."""
    return table_of(model._meta.label)


def model_rows(model: type[models.Model], using: str) -> models.QuerySet[Any]:
    """Return all rows of a model in one database."""
    return model._meta.base_manager.using(using).all()


def target_of(column: Column) -> Table | None:
    """Return the table that a foreign key points to; None for other columns."""
    related = column.related_model if column.is_relation else None
    return table_of_model(related) if isinstance(related, type) else None


def lookups_of(column: Column) -> list[str]:
    """Return the paths of the plain values that a column is written as."""
    target = target_of(column)
    if target is None:
        return [column.name]
    paths = [path for part in target.identity for path in lookups_of(part)]
    return [f"{column.name}__{path}" for path in paths]


def is_plain(column: Column) -> bool:
    """Return whether a column's value is written as it is."""
    is_of_django = type(column).__module__.startswith("django.")
    return is_of_django and isinstance(column, _PLAIN) and not column.is_relation


def plain(value: object) -> object:
    """Return a column's value as JSON holds it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return str(value)


def frozen(value: object) -> object:
    """Return a written value in a form that can be looked up."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _reader(column: Column) -> Callable[[Iterator[object]], object]:
    """Return what takes a column's plain values from a row and writes them as one."""
    target = target_of(column)
    if target is not None:
        return _reference_reader([_reader(part) for part in target.identity])
    if is_plain(column):
        return next
    if type(column) is models.DateTimeField:
        return lambda values: plain(next(values))
    return lambda values: plain(column.get_prep_value(next(values)))


def _reference_reader(
    parts: Sequence[Callable[[Iterator[object]], object]],
) -> Callable[[Iterator[object]], object]:
    def read(values: Iterator[object]) -> object:
        found = [part(values) for part in parts]
        return None if _is_nothing(found) else found

    return read


def _is_nothing(values: Iterable[object]) -> bool:
    return all(value is None for value in values)


def _identity(model: type[models.Model], has_own_numbers: bool) -> tuple[Column, ...]:
    """Return the primary key if it means something, else what else is unique."""
    if not has_own_numbers:
        return (model._meta.pk,)
    for column in model._meta.concrete_fields:
        if column.unique and not column.primary_key and not column.null:
            return (column,)
    for constraint in model._meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint):
            continue
        if constraint.fields and constraint.condition is None:
            by_name = {c.name: c for c in model._meta.concrete_fields}
            return tuple(by_name[name] for name in constraint.fields)
    raise ImproperlyConfigured(f"Nothing but its number names a {model.__name__}.")
