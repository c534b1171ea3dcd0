"""Django's SQLite, rewriting the places for values of each statement once.

The regular expression that turns `%s` into `?` took a tenth of the processor time of
an accepted request.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

_STATEMENTS = 256


@lru_cache(maxsize=_STATEMENTS)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Knows statements that it has seen."""

    def convert_query(
        self, query: str, *, param_names: Sequence[str] | None = None
    ) -> str:
        """Return a statement as SQLite wants it."""
        if param_names is None:
            return _with_question_marks(query)
        return super().convert_query(query, param_names=param_names)


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out such cursors."""

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor."""
        return self.connection.cursor(factory=Cursor)
