"""Places for pumps: at most one runs in each, at most one wake-up is outstanding.

A time further ahead than anybody writes is left from before the clock was set back,
and has ended.
"""

from __future__ import annotations

from django.db import connection

from channels_app.models.sql import now, now_plus

WAKE_SECONDS = 10
RUN_SECONDS = 5
# A clock is also put right by a little, all the time.
ADJUSTED_SECONDS = 2


def _lasts(column: str, seconds: int) -> str:
    latest = now_plus(str(seconds + ADJUSTED_SECONDS))
    return f"({column} > {now()} AND {column} <= {latest})"


def _is_woken() -> str:
    return _lasts("woken_until", WAKE_SECONDS)


def _is_running() -> str:
    return _lasts("running_until", RUN_SECONDS)


def _is_not(condition: str) -> str:
    return f"({condition}) IS NOT TRUE"


def ensure_slots(count: int) -> None:
    """Make the slots 0 to count - 1, where they are missing."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pump_slots (number, worker) VALUES (%s, '')"
            " ON CONFLICT DO NOTHING",
            [[number] for number in range(count)],
        )


def fit_slots(count: int) -> None:
    """Let there be so many slots; one that is in use goes when it is free."""
    ensure_slots(count)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM pump_slots WHERE number >= %s"
            f" AND {_is_not(_is_woken())} AND {_is_not(_is_running())}",
            [count],
        )


def busy_count() -> int:
    """Return how many slots are running or about to be."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM pump_slots WHERE {_is_woken()} OR {_is_running()}",
            [],
        )
        return int(cursor.fetchone()[0])


def running_count(worker_prefix: str = "") -> int:
    """Return how many pumps run, of all workers or of one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM pump_slots WHERE {_is_running()} AND worker LIKE %s",
            [f"{worker_prefix}%"],
        )
        return int(cursor.fetchone()[0])


def book_wake() -> int | None:
    """Book the wake-up of a free slot; return its number, or None when none is free."""
    free = f"{_is_not(_is_woken())} AND {_is_not(_is_running())}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE pump_slots SET woken_until = {now_plus("%s")}
            WHERE number = (SELECT number FROM pump_slots WHERE {free}
                ORDER BY number LIMIT 1) AND {free}
            RETURNING number""",
            [WAKE_SECONDS],
        )
        row = cursor.fetchone()
        return int(row[0]) if row else None


def take(number: int, worker: str) -> bool:
    """Begin to run in a slot; False when another pump runs there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE pump_slots SET running_until = {now_plus("%s")}, worker = %s,
                woken_until = NULL
            WHERE number = %s
              AND {_is_not(_is_running())}""",
            [RUN_SECONDS, worker, number],
        )
        return bool(cursor.rowcount == 1)


def keep(number: int, worker: str) -> None:
    """Say that the pump in a slot still runs; to be called about once a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE pump_slots SET running_until = {now_plus('%s')}"
            " WHERE number = %s AND worker = %s",
            [RUN_SECONDS, number, worker],
        )


def leave(number: int, worker: str) -> None:
    """End running in a slot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pump_slots SET running_until = NULL, worker = ''"
            " WHERE number = %s AND worker = %s",
            [number, worker],
        )
