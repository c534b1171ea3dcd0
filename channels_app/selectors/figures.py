"""What became of deliveries in a window, and how long sends took, at a bounded cost.

The newest rows are read by an index and counting stops at a limit, so that a log of
millions costs no more than one of a hundred thousand. A figure says when it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from channels_app.models.sql import is_postgres, now_plus

MOST_DELIVERIES = 100_000
MOST_SENDS = 50_000


@dataclass(frozen=True)
class Window:
    """Whose deliveries of how many seconds; None: of every client, of every user."""

    seconds: int
    client_id: int | None = None
    user_id: str | None = None


@dataclass(frozen=True)
class DeliveryCount:
    """How many deliveries of one kind ended so, and how often they were tried again."""

    channel_type: str
    status: str
    count: int
    retries: int


@dataclass(frozen=True)
class DeliveryCounts:
    """All counts of a window; when `is_capped`, of its newest MOST_DELIVERIES."""

    rows: Sequence[DeliveryCount]
    is_capped: bool


@dataclass(frozen=True)
class SendTime:
    """How many sends of one kind took so many milliseconds."""

    channel_type: str
    milliseconds: int
    count: int


@dataclass(frozen=True)
class Pace:
    """What happens in a minute, and what is held back."""

    accepted_last_minute: int
    breakers_open: int


_COUNTS = """
    SELECT channel_type, status, count(*), sum(retry_count), client_id
    FROM (SELECT channel_type, status, retry_count, client_id
          FROM notification_logs WHERE created_at >= SINCE OF_USER
          ORDER BY created_at DESC LIMIT %s) AS newest
    GROUP BY channel_type, status, client_id"""
# Attempts are numbered as they begin, so the highest ids are the newest.
_TIMES = """
    SELECT logs.channel_type, newest.latency_ms, count(*)
    FROM (SELECT log_id, latency_ms FROM delivery_attempts
          WHERE id > (SELECT coalesce(max(id), 0) FROM delivery_attempts) - %s
          AND latency_ms IS NOT NULL AND ended_at >= SINCE) AS newest
    JOIN notification_logs AS logs ON logs.id = newest.log_id
    WHERE 1 = 1 OF_USER OF_CLIENT
    GROUP BY logs.channel_type, newest.latency_ms"""
_PACE = """
    SELECT (SELECT count(*) FROM
               (SELECT id FROM notification_logs WHERE created_at >= SINCE
                ORDER BY created_at DESC LIMIT %s) AS newest),
           (SELECT count(*) FROM breakers WHERE open_until IS NOT NULL)"""


def delivery_counts(window: Window) -> DeliveryCounts:
    """Count what was accepted in the window by kind and by what became of it."""
    of_user, users = _of_user(window)
    sql = _COUNTS.replace("OF_USER", of_user)
    rows = _rows(sql, [-window.seconds, *users, MOST_DELIVERIES])
    counts = [
        DeliveryCount(str(kind), str(status), int(count), int(retries or 0))
        for kind, status, count, retries, client_id in rows
        if window.client_id in {None, client_id}
    ]
    return DeliveryCounts(counts, sum(row[2] for row in rows) >= MOST_DELIVERIES)


def send_times(window: Window) -> list[SendTime]:
    """Return how long sends took, among the newest MOST_SENDS of all."""
    of_user, users = _of_user(window)
    of_client = "" if window.client_id is None else "AND client_id = %s"
    clients = [] if window.client_id is None else [window.client_id]
    sql = _TIMES.replace("OF_USER", of_user).replace("OF_CLIENT", of_client)
    rows = _rows(sql, [MOST_SENDS, -window.seconds, *users, *clients])
    return [SendTime(str(kind), int(ms), int(count)) for kind, ms, count in rows]


def pace() -> Pace:
    """Return what was accepted in 60 s, and how many configs are left alone."""
    ((accepted, breakers),) = _rows(_PACE, [-60, MOST_DELIVERIES])
    return Pace(int(accepted), int(breakers))


def percentiles(times: Sequence[SendTime], *parts: float) -> Mapping[float, int | None]:
    """Return the times that these parts of the sends did not exceed; None of none."""
    ordered = sorted((row.milliseconds, row.count) for row in times)
    total = sum(count for _ms, count in ordered)
    return {part: _reached(ordered, part * total) for part in parts}


def mean(times: Sequence[SendTime]) -> float | None:
    """Return the mean time of a send in milliseconds; None of none."""
    total = sum(row.count for row in times)
    spent = sum(row.milliseconds * row.count for row in times)
    return round(spent / total, 1) if total else None


def _reached(ordered: Sequence[tuple[int, int]], wanted: float) -> int | None:
    seen = 0
    for milliseconds, count in ordered:
        seen += count
        if seen >= wanted:
            return milliseconds
    return None


def _of_user(window: Window) -> tuple[str, list[str]]:
    if window.user_id is None:
        return "", []
    return "AND user_id = %s", [window.user_id]


def _rows(sql: str, parameters: Sequence[int | str]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("SINCE", _since()), parameters)
        return list(cursor.fetchall())


def _since() -> str:
    """Return the SQL of a time ago; PostgreSQL finds only a stable one by an index."""
    if is_postgres():
        return "statement_timestamp() + make_interval(secs => %s)"
    return now_plus("%s")
