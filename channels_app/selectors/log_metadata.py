"""Deliveries by what their callers noted on them: a key of `metadata`, and its value."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact, IsNull
from django.db.models.sql.compiler import SQLCompiler


class _MetadataText(Func):
    """The value at a key as JSON writes it, texts without quotes; NULL without the key.

    Each pair is compared: a path would read digits as a place, and quotes as its own.
    """

    arg_joiner = ") WHERE key = "
    template = (
        "(SELECT CASE WHEN type IN ('true', 'false', 'null') THEN type "
        "ELSE CAST(value AS text) END FROM json_each(%(expressions)s)"
    )
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Any:
        pairs = "(SELECT coalesce(value, 'null') FROM jsonb_each_text(%(expressions)s)"
        return self.as_sql(compiler, connection, template=pairs, **extra)


def has_metadata(key: str, value: str | None = None) -> Q:
    """Return the condition that `metadata` has a key; with `value`, that it is this."""
    found = _MetadataText(F("metadata"), Value(key))
    return Q(IsNull(found, False) if value is None else Exact(found, Value(value)))
