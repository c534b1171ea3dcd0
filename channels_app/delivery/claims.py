"""Taking deliveries to send: each under a lease, with an attempt row before any byte."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from channels_app.models.sql import (
    Column,
    as_datetime,
    as_parameter,
    is_postgres,
    now,
    now_plus,
    rows_of,
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
    "expires_at",
    "attempt_no",
    "retry_count",
    "parts_sent",
    "guarantee",
    "destination",
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
    expires_at: datetime | None
    claimed_at: datetime
    attempt_no: int
    retry_count: int
    parts_sent: int
    guarantee: str
    destination: str
    is_corrected: bool
    send_plain: bool

    @property
    def age(self) -> float:
        """Return the seconds since it was due for the first time."""
        return (self.claimed_at - (self.send_at or self.created_at)).total_seconds()

    @property
    def time_left(self) -> float:
        """Return the seconds from the claim until it expires, by the database's clock."""
        if self.expires_at is None:
            return float("inf")
        return (self.expires_at - self.claimed_at).total_seconds()


def _claim_sql(count: int) -> str:
    return f"""
        UPDATE notification_logs SET
            status = 'sending', attempt_no = attempt_no + 1, has_slot = FALSE,
            lease_until = {now_plus("%s")}, worker = %s
        WHERE status IN ('pending', 'retrying')
          AND id IN ({", ".join(["%s"] * count)})
        RETURNING {", ".join(CLAIMED_COLUMNS)}, {now()}"""


def _attempts_sql() -> str:
    return f"""
        INSERT INTO delivery_attempts
            (log_id, number, outcome, started_at, error_code, error,
             response_excerpt, worker)
        SELECT r.log_id, r.number, 'sending', {now()}, '', '', '', %s
        FROM {rows_of(ATTEMPT_COLUMNS)}"""


def _claim_at_once_sql(count: int) -> str:
    """Return both statements as one, which PostgreSQL can do: a round trip less."""
    return f"""
        WITH claimed AS ({_claim_sql(count)} AS claimed_at),
        attempted AS (
            INSERT INTO delivery_attempts
                (log_id, number, outcome, started_at, error_code, error,
                 response_excerpt, worker)
            SELECT id, attempt_no, 'sending', {now()}, '', '', '', %s FROM claimed)
        SELECT * FROM claimed"""


def _as_claim(row: tuple[Any, ...]) -> Claim:
    values = dict(zip((*CLAIMED_COLUMNS, "claimed_at"), row, strict=True))
    values["metadata"] = json.loads(values["metadata"])
    for name in ("created_at", "send_at", "expires_at", "claimed_at"):
        values[name] = as_datetime(values[name])
    for name in ("is_corrected", "send_plain"):
        values[name] = bool(values[name])
    return Claim(**values)


def claiming(ids: Sequence[int], worker: str) -> tuple[str, list[int | str]]:
    """Return the statement that takes deliveries, with its parameters."""
    parameters: list[int | str] = [settings.LEASE_SECONDS, worker, *ids]
    if is_postgres():
        return _claim_at_once_sql(len(ids)), [*parameters, worker]
    return _claim_sql(len(ids)), parameters


def claim_these(ids: Sequence[int], worker: str) -> list[Claim]:
    """Take waiting deliveries: each gets its next attempt number, lease and row.

    To be called in a transaction, so that lease and attempt row are one.
    """
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*claiming(ids, worker))
        claims = [_as_claim(row) for row in cursor.fetchall()]
        if is_postgres():
            return claims
        rows = as_parameter({"log_id": c.id, "number": c.attempt_no} for c in claims)
        cursor.execute(_attempts_sql(), [worker, rows])
    return claims
