"""Keeping PostgreSQL's planner aware of tables that grow while a backup is restored.

It plans by what it last knew. Of a table that was empty then it reads every row to find
one, for each foreign key as well, until autovacuum comes by.
"""

from __future__ import annotations

from django.db import connections

from diagnostics.backup.parts import Part

FIRST = 1_000
GROWTH = 4


class PlannersView:
    """Counts what was restored of a part, and tells the planner now and then."""

    def __init__(self, part: Part, *, using: str) -> None:
        self._part = part
        self._connection = connections[using]
        self._next = FIRST
        self._rows = 0

    def add(self, rows: int) -> None:
        """Count rows that were just committed."""
        self._rows += rows
        if self._rows < self._next or self._connection.vendor != "postgresql":
            return
        self._next = self._rows * GROWTH
        quoted = self._connection.ops.quote_name
        with self._connection.cursor() as cursor:
            for table in self._part.tables:
                cursor.execute(f"ANALYZE {quoted(table.name)}")
