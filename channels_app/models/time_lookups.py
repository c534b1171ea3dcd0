"""Comparisons of times that hold on SQLite, where a time is a text of any precision.

A whole second stands there as `09` when Django writes it and as `09.000` when the
database does. A longer text comes after a shorter one that it begins with: so the
bound is written longest where an equal time is on its left, else shortest.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Lookup
from django.db.models.lookups import (
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)
from django.db.models.sql.compiler import SQLCompiler


class _TimeLookup(Lookup[Any]):
    is_longest = False

    def process_rhs(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        sql, params = super().process_rhs(compiler, connection)
        if connection.vendor == "sqlite" and self.rhs_is_direct_value():
            params = tuple(_as_bound(str(one), self.is_longest) for one in params)
        return sql, params


def _as_bound(text: str, is_longest: bool) -> str:
    seconds, _, fraction = text.partition(".")
    if is_longest:
        return f"{seconds}.{fraction:0<6}"
    return f"{seconds}.{fraction}".rstrip("0").rstrip(".") if fraction else text


class _Before(_TimeLookup, LessThan[Any]):
    pass


class _NotAfter(_TimeLookup, LessThanOrEqual[Any]):
    is_longest = True


class _After(_TimeLookup, GreaterThan[Any]):
    is_longest = True


class _NotBefore(_TimeLookup, GreaterThanOrEqual[Any]):
    pass


def compare_times_alike() -> None:
    """Let all fields that hold times compare so, in this app and in others."""
    for lookup in (_Before, _NotAfter, _After, _NotBefore):
        DateTimeField.register_lookup(lookup)
