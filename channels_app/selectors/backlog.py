"""How much waits to be sent."""

from __future__ import annotations

from django.db import connection

# As words, not parameters: only so does SQLite use the partial index of what waits.
_WAITING = """
    SELECT count(*) FROM (
        SELECT id FROM notification_logs WHERE status IN ('pending', 'retrying')
        LIMIT %s
    ) AS waiting"""
_NO_LIMIT = 2**62


def waiting_count(*, at_most: int = _NO_LIMIT) -> int:
    """Return how many deliveries wait; counting stops at `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [at_most])
        return int(cursor.fetchone()[0])
