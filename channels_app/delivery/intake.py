"""Making accepted notifications durable: all of a request's deliveries in one commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from channels_app.models.sql import (
    Column,
    as_parameter,
    is_postgres,
    now,
    now_plus,
    one_writer,
    rows_of,
)

IDEMPOTENCY_SECONDS = 24 * 3600

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


@dataclass(frozen=True)
class IdempotencyClaim:
    """The key under which a request's answer is kept for 24 hours."""

    client_id: int
    user_id: str
    key: str
    request_hash: str


@dataclass(frozen=True)
class SignatureUse:
    """A signature that is good once, and how long it must be remembered."""

    digest: str
    seconds: int


class KeyTakenError(Exception):
    """Another request with this idempotency key was stored first."""


class SignatureSpentError(Exception):
    """A request with this signature was stored before."""


def _row(delivery: NewDelivery) -> dict[str, Any]:
    row = dict(vars(delivery))
    for name in ("send_at", "expires_at"):
        if row[name] is not None:
            row[name] = row[name].isoformat()
    return row


def _insert_sql(condition: str = "TRUE") -> str:
    names = [column.name for column in COLUMNS]
    given = ", ".join(f"r.{name}" for name in names)
    first = ", ".join(FIRST_VALUES.values())
    return f"""
        INSERT INTO notification_logs
            ({", ".join(names)}, {", ".join(FIRST_VALUES)},
             created_at, next_attempt_at, settled_at)
        SELECT {given}, {first}, t.present, COALESCE(r.send_at, t.present),
            CASE WHEN r.status = 'failed' THEN t.present END
        FROM {rows_of(COLUMNS)} CROSS JOIN (SELECT {now()} AS present) AS t
        WHERE {condition}
        RETURNING message_id, id"""


def spend_sql() -> str:
    """Return the statement that inserts a signature, if it is not there already."""
    return f"""
        INSERT INTO used_signatures (digest, expires_at) VALUES (%s, {now_plus("%s")})
        ON CONFLICT (digest) DO NOTHING"""


def _key_sql() -> str:
    return f"""
        INSERT INTO idempotency_keys
            (client_id, user_id, key, request_hash, response, created_at, expires_at)
        VALUES (%s, %s, %s, %s, %s, {now()}, {now_plus("%s")})
        ON CONFLICT (client_id, user_id, key) DO NOTHING"""


def store(
    deliveries: Sequence[NewDelivery],
    *,
    answer: Callable[[dict[str, int]], str],
    claim: IdempotencyClaim | None,
    after_commit: Callable[[], None],
    signature: SignatureUse | None = None,
) -> dict[str, int]:
    """Commit deliveries and, with them, the idempotency key; return ids by message id.

    `answer` makes the JSON answer from those ids. `signature` is spent by the same
    commit. Raises KeyTakenError or SignatureSpentError, having stored nothing, when
    the key or the signature was used meanwhile.
    """
    rows = as_parameter(map(_row, deliveries))
    if claim is None and signature is not None and is_postgres():
        ids = _store_at_once(rows, signature)
        transaction.on_commit(after_commit)
        return ids
    with one_writer(), transaction.atomic(), connection.cursor() as cursor:
        if signature is not None:
            _spend(cursor, signature)
        cursor.execute(_insert_sql(), [rows])
        ids = dict(cursor.fetchall())
        if claim is not None:
            _store_key(cursor, claim, answer(ids))
    transaction.on_commit(after_commit)
    return ids


def _store_at_once(rows: str, signature: SignatureUse) -> dict[str, int]:
    """Spend and store in one statement: one round trip, its commit included."""
    insert = _insert_sql("EXISTS (SELECT 1 FROM spent)")
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH spent AS ({spend_sql()} RETURNING 1) {insert}",
            [signature.digest, signature.seconds, rows],
        )
        ids = dict(cursor.fetchall())
    if not ids:
        raise SignatureSpentError
    return ids


def _spend(cursor: Any, signature: SignatureUse) -> None:
    cursor.execute(spend_sql(), [signature.digest, signature.seconds])
    if cursor.rowcount == 0:
        raise SignatureSpentError


def _store_key(cursor: Any, claim: IdempotencyClaim, answer: str) -> None:
    # A key that has outlived its 24 hours is free again.
    cursor.execute(
        "DELETE FROM idempotency_keys WHERE client_id = %s AND user_id = %s"
        f" AND key = %s AND expires_at <= {now()}",
        [claim.client_id, claim.user_id, claim.key],
    )
    cursor.execute(
        _key_sql(),
        [
            claim.client_id,
            claim.user_id,
            claim.key,
            claim.request_hash,
            answer,
            IDEMPOTENCY_SECONDS,
        ],
    )
    if cursor.rowcount == 0:
        raise KeyTakenError
