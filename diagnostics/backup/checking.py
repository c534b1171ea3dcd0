"""Whether a row of a backup is one that its table can hold, column by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, models
from django.utils import timezone

from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.tables import Column, Row, Table, plain, target_of

Check = Callable[[object], bool]
_NUL = b"\\u0000"


class RowReader:
    """Turns the lines of a part into rows; refuses what is none."""

    def __init__(self, table: Table, *, using: str) -> None:
        self._table = table
        self._checks = {c.name: _check_of(c, using) for c in table.columns}
        self._takes_nul = connections[using].vendor != "postgresql"

    def read(self, line: bytes, number: int) -> Row:
        """Return the row; columns that it lacks get their default.

        Raises BackupRefusedError: not_a_row, wrong_row or cannot_hold.
        """
        row = self._parsed(line, number)
        for name in row.keys() - self._checks.keys():
            self._refuse(number, str(name))
        for name, check in self._checks.items():
            if name not in row:
                row[name] = _default(self._table.by_name[name])
            if not check(row[name]):
                self._refuse(number, name)
        return row

    def _parsed(self, line: bytes, number: int) -> Row:
        place = {"line": number, "name": self._table.name}
        try:
            row = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BackupRefusedError("not_a_row", **place) from error
        if not isinstance(row, dict):
            raise BackupRefusedError("not_a_row", **place)
        if not self._takes_nul and (_NUL in line or b"\0" in line):
            raise BackupRefusedError("cannot_hold", **place)
        return row

    def _refuse(self, number: int, column: str) -> None:
        shown = "".join(c if c.isalnum() or c == "_" else "?" for c in column)[:60]
        raise BackupRefusedError(
            "wrong_row", line=number, name=self._table.name, column=shown
        )


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _default(column: Column) -> object:
    """Return what a column holds that an older backup does not have."""
    if getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False):
        return plain(timezone.now())
    # Written and read, so that a constant of an enumeration is a plain word.
    return (
        json.loads(json.dumps(plain(column.get_default())))
        if column.has_default()
        else None
    )


def _check_of(column: Column, using: str) -> Check:
    target = target_of(column)
    check = (
        _type_check(column, using)
        if target is None
        else _reference_check(target, using)
    )
    if column.null:
        return lambda value: value is None or check(value)
    # A row that lacks its own number gets one.
    if column.primary_key and isinstance(column, models.AutoField):
        return lambda value: value is None or check(value)
    return check


def _reference_check(target: Table, using: str) -> Check:
    parts = [_check_of(part, using) for part in target.identity]

    def check(value: object) -> bool:
        return (
            isinstance(value, list)
            and len(value) == len(parts)
            and all(one(part) for one, part in zip(parts, value, strict=True))
        )

    return check


def _type_check(column: Column, using: str) -> Check:
    is_of_django = type(column).__module__.startswith("django.")
    if not is_of_django:
        return lambda value: _comes_back(column, value)
    if isinstance(column, models.JSONField):
        return lambda value: value is not None
    if isinstance(column, models.DateTimeField):
        return _is_moment
    if isinstance(column, models.CharField | models.TextField):
        return _text_check(column, using)
    if isinstance(column, models.IntegerField):
        return _number_check(column, using)
    if isinstance(column, models.BooleanField):
        return lambda value: type(value) is bool
    return lambda value: _comes_back(column, value)


def _text_check(column: Column, using: str) -> Check:
    choices = _choices(column)
    # SQLite holds texts of any length, and so do backups of it.
    has_end = connections[using].vendor == "postgresql"
    most = column.max_length if has_end else None

    def check(value: object) -> bool:
        if type(value) is not str or (most is not None and len(value) > most):
            return False
        return not choices or value in choices

    return check


def _number_check(column: Column, using: str) -> Check:
    choices = _choices(column)
    kind = column.get_internal_type()
    least, most = connections[using].ops.integer_field_range(kind)

    def check(value: object) -> bool:
        if type(value) is not int or not least <= value <= most:
            return False
        return not choices or value in choices

    return check


def _choices(column: Column) -> Mapping[Any, Any]:
    return dict(column.flatchoices)


def _is_moment(value: object) -> bool:
    if type(value) is not str:
        return False
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.tzinfo is not None and plain(moment) == value


def _comes_back(column: Column, value: object) -> bool:
    """Return whether the column takes the value and gives the very same back."""
    if value is None:
        return False
    try:
        written = plain(column.get_prep_value(column.to_python(value)))
    except (ValidationError, ValueError, TypeError):
        return False
    return type(written) is type(value) and written == value
