"""Canary tasks: sent into the queue, noted when they run, and seen to leave it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django_q.models import OrmQ
from django_q.tasks import async_task

from channels_app.models.sql import is_postgres, now, now_plus
from channels_app.tasks.watchdog import ACKNOWLEDGED_WITHIN

KEPT_SECONDS = 600
HEARTBEATS_KEPT_SECONDS = 24 * 3600
MOST_ROWS_READ = 200


@dataclass(frozen=True)
class CanaryRuns:
    """What the database says of the canaries; silences in seconds, None for never.

    `settled` ran long enough ago to have left the queue; `repeated` ran twice.
    """

    own_silence: float | None
    others_silence: float | None
    settled: frozenset[str]
    repeated: frozenset[str]


def send_canary(sender: str) -> tuple[str, str]:
    """Queue a canary; return its nonce and its task's id. Raises what the broker does."""
    nonce = secrets.token_hex(8)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO canaries (nonce, sender, sent_at, ran_by, runs)"
            f" VALUES (%s, %s, {now()}, '', 0)",
            [nonce, sender],
        )
    return nonce, str(async_task("channels_app.tasks.jobs.canary", nonce))


def note_run(nonce: str, cluster: str) -> None:
    """Note that a canary ran, and where."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE canaries SET runs = runs + 1, ran_by = %s, ran_at = {now()}"
            " WHERE nonce = %s",
            [cluster, nonce],
        )


def _since(column: str) -> str:
    if is_postgres():
        return f"extract(epoch FROM {now()} - {column})::double precision"
    return f"(julianday({now()}) - julianday({column})) * 86400"


def canary_runs(cluster: str) -> CanaryRuns:
    """Return what ran of late, seen from one worker's cluster."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT nonce, sender, ran_by, runs, {_since('ran_at')}"
            " FROM canaries WHERE runs > 0",
            [],
        )
        rows = cursor.fetchall()
    sent = [row for row in rows if row[1] == cluster]
    return CanaryRuns(
        own_silence=_shortest(row for row in rows if row[2] == cluster),
        others_silence=_shortest(row for row in rows if row[2] != cluster),
        settled=frozenset(row[0] for row in sent if row[4] >= ACKNOWLEDGED_WITHIN),
        repeated=frozenset(row[0] for row in sent if row[3] > 1),
    )


def _shortest(rows: Any) -> float | None:
    return min((max(0.0, float(row[4])) for row in rows), default=None)


def is_any_queued(task_ids: set[str]) -> bool:
    """Return whether one of these tasks is in the queue; Redis keeps none that ran."""
    if settings.REDIS_URL or not task_ids:
        return False
    newest = OrmQ.objects.order_by("-id")[:MOST_ROWS_READ]
    return any(row.task_id() in task_ids for row in newest)


def note_restart(worker: str, reason: str) -> None:
    """Keep with the worker's heartbeat why its cluster was restarted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worker_heartbeats SET wedged_restarts = wedged_restarts + 1,"
            f" last_restart_reason = %s, last_restart_at = {now()} WHERE name = %s",
            [reason, worker],
        )


def note_life(worker: str, cluster: str) -> None:
    """Keep with the worker's heartbeat when its cluster last ran a canary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE worker_heartbeats SET cluster_seen_at ="
            " (SELECT max(ran_at) FROM canaries WHERE ran_by = %s) WHERE name = %s",
            [cluster, worker],
        )


def prune() -> None:
    """Forget old canaries, and workers that have been silent for a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM canaries WHERE sent_at < {now_plus('%s')}", [-KEPT_SECONDS]
        )
        cursor.execute(
            f"DELETE FROM worker_heartbeats WHERE seen_at < {now_plus('%s')}",
            [-HEARTBEATS_KEPT_SECONDS],
        )
