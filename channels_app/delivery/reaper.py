"""Taking back what nobody works on any more: expired leases, and what is past its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.due import CRASHES_ALLOWED
from channels_app.models import Guarantee
from channels_app.models.sql import now, now_plus, skip_locked

BATCH = 500


@dataclass(frozen=True)
class Reaped:
    """How many deliveries were taken back, and how many were past their time."""

    leases: int
    expired: int


def expired_leases_sql() -> str:
    """Return the query of deliveries whose lease has run out, the first first."""
    return f"""
        SELECT id, attempt_no FROM notification_logs
        WHERE status = 'sending' AND lease_until < {now()}
        ORDER BY lease_until LIMIT {BATCH} {skip_locked()}"""


def _take_back_sql(count: int) -> str:
    """Return the update by which a crash is counted and the guarantee followed.

    It may have arrived, be it to be cancelled or not: at most once is held then too.
    """
    poisoned = f"crash_count >= {CRASHES_ALLOWED}"
    held = f"guarantee = '{Guarantee.AT_MOST_ONCE.value}'"
    cancelled = f"(cancel_requested AND NOT {held})"
    return f"""
        UPDATE notification_logs SET
            status = CASE WHEN {cancelled} THEN 'cancelled'
                WHEN {poisoned} THEN 'failed' WHEN {held} THEN 'unknown'
                ELSE 'retrying' END,
            settled_at = CASE WHEN {cancelled} OR {poisoned} THEN {now()} END,
            crash_count = crash_count + 1,
            may_duplicate = (may_duplicate OR NOT {held}),
            next_attempt_at = {now_plus("%s")},
            error_code = CASE WHEN {poisoned} THEN 'crashed'
                ELSE 'outcome_unknown' END,
            error = %s, lease_until = NULL, worker = ''
        WHERE status = 'sending' AND lease_until < {now()}
          AND id IN ({", ".join(["%s"] * count)})"""


def _attempts_sql(count: int) -> str:
    pairs = " OR ".join(["(log_id = %s AND number = %s)"] * count)
    return f"""
        UPDATE delivery_attempts SET outcome = 'unknown', ended_at = {now()},
            error_code = 'outcome_unknown', error = %s
        WHERE outcome = 'sending' AND ({pairs})"""


NO_WORD = "The worker that was sending it ended without a word."


def _wait() -> int:
    return settings.RETRY_SCHEDULE[0] if settings.RETRY_SCHEDULE else 10


def take_back_expired_leases() -> int:
    """Follow the guarantee of each delivery whose worker is silent past its lease.

    The attempt becomes `unknown`; after three such crashes the delivery has failed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(expired_leases_sql(), [])
        rows = cursor.fetchall()
        if rows:
            _take_back(cursor, rows)
        return len(rows)


def _take_back(cursor: Any, rows: list[tuple[int, int]]) -> None:
    pairs = [part for row in rows for part in row]
    cursor.execute(_attempts_sql(len(rows)), [NO_WORD, *pairs])
    crash_at("in_reaper")
    ids = [row[0] for row in rows]
    cursor.execute(_take_back_sql(len(rows)), [_wait(), NO_WORD, *ids])


def settle_expired() -> int:
    """Move waiting deliveries past their `expires_at` to `expired`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE notification_logs SET status = 'expired', settled_at = {now()},
                error_code = 'expired'
            WHERE id IN (SELECT id FROM notification_logs
                WHERE status IN ('pending', 'retrying') AND expires_at <= {now()}
                LIMIT {BATCH} {skip_locked()})""",
            [],
        )
        return int(cursor.rowcount)


def is_anything_to_reap() -> bool:
    """Return whether a lease or a waiting delivery has run out; takes no lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (SELECT 1 FROM notification_logs
                WHERE status = 'sending' AND lease_until < {now()})
            OR EXISTS (SELECT 1 FROM notification_logs
                WHERE status IN ('pending', 'retrying') AND expires_at <= {now()})""",
            [],
        )
        row = cursor.fetchone()
        return bool(row and row[0])


def reap() -> Reaped:
    """Take back expired leases and settle what is past its time."""
    if not is_anything_to_reap():
        return Reaped(0, 0)
    return Reaped(take_back_expired_leases(), settle_expired())
