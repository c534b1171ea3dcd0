"""What a new row of the log is made of, and the statement that inserts many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from channels_app.models.sql import Column, now, rows_from

Statement = tuple[str, list[Any]]

COLUMNS = (
    Column("message_id", "text"),
    Column("request_id", "text"),
    Column("client_id", "integer"),
    Column("config_id", "integer"),
    Column("user_id", "text"),
    Column("channel_type", "text"),
    Column("template_key", "text"),
    Column("template_version", "integer"),
    Column("subject", "text"),
    Column("content", "text"),
    Column("content_type", "text"),
    Column("variables", "json"),
    Column("metadata", "json"),
    Column("is_test", "flag"),
    Column("status", "text"),
    Column("priority", "integer"),
    Column("destination", "text"),
    Column("shard", "integer"),
    Column("guarantee", "text"),
    Column("error_code", "text"),
    Column("error", "text"),
    Column("send_at", "time"),
    Column("expires_at", "time"),
    Column("ordering_key", "text"),
)
# Columns that every new delivery starts with.
FIRST_VALUES = {
    "attempt_no": "0",
    "retry_count": "0",
    "crash_count": "0",
    "parts_sent": "0",
    "may_duplicate": "FALSE",
    "cancel_requested": "FALSE",
    "is_corrected": "FALSE",
    "send_plain": "FALSE",
    "has_slot": "FALSE",
    "worker": "''",
}


@dataclass(frozen=True)
class NewDelivery:
    """A delivery to be stored: waiting, or failed already with its error code."""

    message_id: str
    request_id: str
    client_id: int
    config_id: int | None
    user_id: str
    channel_type: str
    template_key: str
    template_version: int | None
    subject: str
    content: str
    content_type: str
    variables: Any
    metadata: Any
    is_test: bool
    status: str
    priority: int
    destination: str
    shard: int
    guarantee: str
    error_code: str
    error: str
    send_at: datetime | None
    expires_at: datetime | None
    ordering_key: str = ""


def inserting(
    deliveries: Sequence[NewDelivery], condition: str = "TRUE", *before: Any
) -> Statement:
    """Return the statement that inserts deliveries and returns their ids.

    `before` are the parameters of what stands in front of it.
    """
    source, parameters = rows_from(COLUMNS, [_row(new) for new in deliveries])
    return _insert_sql(source, condition), [*before, *parameters]


def _row(delivery: NewDelivery) -> dict[str, Any]:
    row = dict(vars(delivery))
    for name in ("send_at", "expires_at"):
        if row[name] is not None:
            row[name] = row[name].isoformat()
    return row


@lru_cache(maxsize=64)
def _insert_sql(source: str, condition: str) -> str:
    names = [column.name for column in COLUMNS]
    given = ", ".join(f"r.{name}" for name in names)
    first = ", ".join(FIRST_VALUES.values())
    return f"""
        INSERT INTO notification_logs
            ({", ".join(names)}, {", ".join(FIRST_VALUES)},
             created_at, next_attempt_at, settled_at)
        SELECT {given}, {first}, t.present, COALESCE(r.send_at, t.present),
            CASE WHEN r.status = 'failed' THEN t.present END
        FROM {source} CROSS JOIN (SELECT {now()} AS present) AS t
        WHERE {condition}
        RETURNING message_id, id"""
