"""Taking deliveries to send: each under a lease, with an attempt row before any byte."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from channels_app.models import Priority
from channels_app.models.sql import (
    Column,
    as_datetime,
    as_parameter,
    is_postgres,
    now,
    now_plus,
    rows_of,
    skip_locked,
)

CLAIMED_COLUMNS = (
    "id",
    "message_id",
    "config_id",
    "user_id",
    "channel_type",
    "subject",
    "content",
    "content_type",
    "metadata",
    "created_at",
    "send_at",
    "attempt_no",
    "retry_count",
    "parts_sent",
    "guarantee",
    "is_corrected",
    "send_plain",
)
ATTEMPT_COLUMNS = (Column("log_id", "integer"), Column("number", "integer"))


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours until its lease ends."""

    id: int
    message_id: str
    config_id: int | None
    user_id: str
    channel_type: str
    subject: str
    content: str
    content_type: str
    metadata: dict[str, Any]
    created_at: datetime
    send_at: datetime | None
    claimed_at: datetime
    attempt_no: int
    retry_count: int
    parts_sent: int
    guarantee: str
    is_corrected: bool
    send_plain: bool

    @property
    def age(self) -> float:
        """Return the seconds since it was due for the first time."""
        return (self.claimed_at - (self.send_at or self.created_at)).total_seconds()


def _due_sql(held_kinds: int) -> str:
    """Return the selection of what is due at one priority (one parameter: a limit)."""
    held = ", ".join(["%s"] * held_kinds)
    return f"""
        SELECT id FROM notification_logs
        WHERE status IN ('pending', 'retrying') AND priority = %s
          AND next_attempt_at <= {now()}
          AND (expires_at IS NULL OR expires_at > {now()})
          {f"AND channel_type NOT IN ({held})" if held_kinds else ""}
        ORDER BY next_attempt_at, id LIMIT %s"""


def _claim_sql(held_kinds: int) -> str:
    """Return the claim: by priority, and nothing that another claimer has taken."""
    due = _due_sql(held_kinds)
    levels = [f"level_{p.value} AS ({due} {skip_locked()})" for p in Priority]
    union = " UNION ALL ".join(f"SELECT id FROM level_{p.value}" for p in Priority)
    return f"""
        WITH {", ".join(levels)}
        UPDATE notification_logs SET
            status = 'sending', attempt_no = attempt_no + 1,
            lease_until = {now_plus("%s")}, worker = %s
        WHERE id IN (SELECT id FROM ({union}) AS due LIMIT %s)
        RETURNING {", ".join(CLAIMED_COLUMNS)}, {now()}"""


def _level_parameters(held: list[str], limit: int) -> list[str | int]:
    per_level: list[list[str | int]] = [[p.value, *held, limit] for p in Priority]
    return [part for level in per_level for part in level]


def _attempts_sql() -> str:
    return f"""
        INSERT INTO delivery_attempts
            (log_id, number, outcome, started_at, error_code, error,
             response_excerpt, worker)
        SELECT r.log_id, r.number, 'sending', {now()}, '', '', '', %s
        FROM {rows_of(ATTEMPT_COLUMNS)}"""


def _as_claim(row: tuple[Any, ...]) -> Claim:
    values = dict(zip((*CLAIMED_COLUMNS, "claimed_at"), row, strict=True))
    values["metadata"] = json.loads(values["metadata"])
    for name in ("created_at", "send_at", "claimed_at"):
        values[name] = as_datetime(values[name])
    for name in ("is_corrected", "send_plain"):
        values[name] = bool(values[name])
    return Claim(**values)


def is_anything_due(held_kinds: Collection[str] = ()) -> bool:
    """Return whether a claim would find something; takes no lock."""
    held = list(held_kinds)
    due = _due_sql(len(held))
    levels = " UNION ALL ".join(
        f"SELECT id FROM ({due}) AS l{p.value}" for p in Priority
    )
    parameters = _level_parameters(held, 1)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({levels}) AS due LIMIT 1", parameters)
        return cursor.fetchone() is not None


def claim(*, limit: int, worker: str, held_kinds: Collection[str] = ()) -> list[Claim]:
    """Take up to `limit` due deliveries, high priority first.

    In one transaction each gets the next attempt number, a lease of LEASE_SECONDS
    and its attempt row. Channel kinds that are held stay where they are.
    """
    # SQLite's only writer slot is not worth taking to find out that nothing is due.
    if not is_postgres() and not is_anything_due(held_kinds):
        return []
    held = list(held_kinds)
    parameters = _level_parameters(held, limit)
    parameters += [settings.LEASE_SECONDS, worker, limit]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_claim_sql(len(held)), parameters)
        claims = [_as_claim(row) for row in cursor.fetchall()]
        if claims:
            _write_attempts(cursor, claims, worker)
    return claims


def _write_attempts(cursor: Any, claims: list[Claim], worker: str) -> None:
    rows = as_parameter({"log_id": c.id, "number": c.attempt_no} for c in claims)
    cursor.execute(_attempts_sql(), [worker, rows])
