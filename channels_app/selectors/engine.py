"""How the delivery engine stands: who works, what waits, since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from channels_app.models.sql import is_postgres, now

ALIVE_SECONDS = 15


@dataclass(frozen=True)
class QueueState:
    """The queue at one moment, by the database's clock.

    `depth` counts the unsettled deliveries by status; `oldest_due_seconds` is how long
    the delivery that should have gone first has been due, None when none is.
    """

    workers_alive: int
    depth: Mapping[str, int]
    oldest_due_seconds: float | None

    @property
    def is_worked(self) -> bool:
        """Whether anybody takes deliveries from the queue."""
        return self.workers_alive > 0


_COUNTED = ("pending", "retrying", "sending")

# The statuses stand in the statements as words: only so do the partial indexes serve.
_DEPTH = """
    SELECT status, count(*) FROM notification_logs
        WHERE status IN ('pending', 'retrying') GROUP BY status
    UNION ALL SELECT 'sending', count(*) FROM notification_logs
        WHERE status = 'sending'"""
_OLDEST_DUE = """
    SELECT SECONDS_SINCE(min(next_attempt_at)) FROM notification_logs
        WHERE status IN ('pending', 'retrying') AND next_attempt_at <= PRESENT"""
_ALIVE = """
    SELECT count(*) FROM worker_heartbeats WHERE SECONDS_SINCE(seen_at) <= %s"""

_PUMPS = """
    SELECT coalesce(sum(pumps), 0) FROM worker_heartbeats
        WHERE SECONDS_SINCE(seen_at) <= %s"""


def queue_state() -> QueueState:
    """Return how many work, how much waits, and for how long."""
    with connection.cursor() as cursor:
        cursor.execute(_DEPTH)
        waiting = {status: int(count) for status, count in cursor.fetchall()}
        cursor.execute(_sql(_OLDEST_DUE), [])
        (oldest,) = cursor.fetchone()
    return QueueState(
        workers_alive=workers_alive(),
        depth={**dict.fromkeys(_COUNTED, 0), **waiting},
        oldest_due_seconds=None if oldest is None else max(float(oldest), 0.0),
    )


def workers_alive() -> int:
    """Count the workers that said so within the last ALIVE_SECONDS."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_ALIVE), [ALIVE_SECONDS])
        (alive,) = cursor.fetchone()
    return int(alive)


def pumps_possible() -> int:
    """Count the pumps for which the living workers of all machines have room."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_PUMPS), [ALIVE_SECONDS])
        (possible,) = cursor.fetchone()
    return int(possible)


def _sql(statement: str) -> str:
    since = "extract(epoch FROM clock_timestamp()) - extract(epoch FROM "
    if not is_postgres():
        since = "(julianday('now') - 2440587.5) * 86400 - strftime('%%s', "
    return statement.replace("SECONDS_SINCE(", since).replace("PRESENT", now())
