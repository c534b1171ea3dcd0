"""Writing down what became of deliveries: the one place where a status changes.

Every write is conditional on where the delivery is (TRANSITIONS) and, for outcomes,
on the attempt it is of; a write that comes too late changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from channels_app.delivery.crash_points import crash_at
from channels_app.models import TRANSITIONS, NotificationLog, Outcome, Status
from channels_app.models.sql import Column, as_parameter, now, now_plus, rows_of


@dataclass(frozen=True)
class Result:
    """What one attempt came to, and what follows from it.

    `delay` is in seconds from now, for a status that waits. `is_corrected` and
    `send_plain` are set when something was mended for the next try.
    """

    log_id: int
    attempt_no: int
    outcome: Outcome
    status: Status
    delay: float = 0.0
    costs_retry: bool = False
    error_code: str = ""
    error: str = ""
    http_status: int | None = None
    latency_ms: int | None = None
    response_excerpt: str = ""
    retry_after: float | None = None
    parts_sent: int = 0
    may_duplicate: bool = False
    is_corrected: bool = False
    send_plain: bool = False


Statement = tuple[str, list[str]]

COLUMNS = (
    Column("log_id", "integer"),
    Column("attempt_no", "integer"),
    Column("outcome", "text"),
    Column("status", "text"),
    Column("delay", "real"),
    Column("costs_retry", "integer"),
    Column("error_code", "text"),
    Column("error", "text"),
    Column("http_status", "integer"),
    Column("latency_ms", "integer"),
    Column("response_excerpt", "text"),
    Column("retry_after", "real"),
    Column("parts_sent", "integer"),
    Column("may_duplicate", "flag"),
    Column("is_corrected", "flag"),
    Column("send_plain", "flag"),
)


def _row(result: Result) -> dict[str, Any]:
    return {**vars(result), "costs_retry": int(result.costs_retry)}


def _attempts_sql() -> str:
    return f"""
        UPDATE delivery_attempts SET
            outcome = r.outcome, ended_at = {now()}, latency_ms = r.latency_ms,
            http_status = r.http_status, error_code = r.error_code, error = r.error,
            response_excerpt = r.response_excerpt,
            retry_after_seconds = r.retry_after
        FROM {rows_of(COLUMNS)}
        WHERE delivery_attempts.log_id = r.log_id
          AND delivery_attempts.number = r.attempt_no
          AND delivery_attempts.outcome IN ('sending', 'unknown')"""


def _logs_sql() -> str:
    """Return the fenced update.

    A success that is known late still counts when no other attempt has begun. What
    did not arrive and was to be cancelled is cancelled, as it is by the reaper; what may
    have arrived and may do so only once is held for a person all the same; a refusal
    that is known late settles what was held as failed.
    """
    was_held = "notification_logs.status = 'unknown'"
    waits = f"(r.status IN ('pending', 'retrying') AND NOT {was_held})"
    cancels = (
        "(notification_logs.cancel_requested AND r.status NOT IN ('sent', 'unknown')"
        f" AND NOT {was_held})"
    )
    return f"""
        UPDATE notification_logs SET
            status = CASE WHEN {cancels} THEN 'cancelled'
                WHEN {was_held} AND r.status <> 'sent' THEN 'failed'
                ELSE r.status END,
            next_attempt_at = CASE WHEN {waits} THEN {now_plus("r.delay")}
                ELSE next_attempt_at END,
            settled_at = CASE WHEN {cancels} OR {was_held}
                OR r.status IN ('sent', 'failed') THEN {now()} ELSE NULL END,
            sent_at = CASE WHEN r.status = 'sent' THEN {now()} ELSE NULL END,
            retry_count = retry_count
                + CASE WHEN {was_held} THEN 0 ELSE r.costs_retry END,
            error_code = CASE WHEN {cancels} AND r.outcome = 'not_sent'
                THEN 'cancelled' ELSE r.error_code END, error = r.error,
            parts_sent = r.parts_sent,
            may_duplicate = (notification_logs.may_duplicate OR r.may_duplicate),
            is_corrected = (notification_logs.is_corrected OR r.is_corrected),
            send_plain = (notification_logs.send_plain OR r.send_plain),
            lease_until = NULL, worker = ''
        FROM {rows_of(COLUMNS)}
        WHERE notification_logs.id = r.log_id
          AND notification_logs.attempt_no = r.attempt_no
          AND (notification_logs.status = 'sending'
               OR (r.status = 'sent'
                   AND notification_logs.status IN ('pending', 'retrying'))
               OR ({was_held} AND r.outcome <> 'unknown'))"""


def record(results: Sequence[Result]) -> int:
    """Write a set of outcomes in one transaction; return how many were in time."""
    if not results:
        return 0
    attempts, logs = recording(results)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(*attempts)
        crash_at("mid_recording")
        cursor.execute(*logs)
        return int(cursor.rowcount)


def recording(results: Sequence[Result]) -> tuple[Statement, Statement]:
    """Return the two statements that write down outcomes, with their parameters."""
    parameter = as_parameter(_row(result) for result in results)
    return (_attempts_sql(), [parameter]), (_logs_sql(), [parameter])


def sources_of(target: Status) -> list[Status]:
    """Return the states from which a delivery may move to `target`."""
    return [source for source, targets in TRANSITIONS.items() if target in targets]


def move(
    ids: Iterable[int],
    target: Status,
    *,
    sources: Iterable[Status] | None = None,
    **changes: Any,
) -> int:
    """Move deliveries to a state, where the table of transitions allows it.

    `sources` narrows the states they may come from. `changes` are further columns.
    Returns how many moved; the others were elsewhere by then.
    """
    allowed = set(sources_of(target))
    wanted = allowed if sources is None else allowed & set(sources)
    return NotificationLog.objects.filter(id__in=list(ids), status__in=wanted).update(
        status=target, **changes
    )
