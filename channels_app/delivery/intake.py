"""Making accepted notifications durable: all of a request's deliveries in one commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, transaction

from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.held_back import (
    Candidate,
    First,
    Window,
    firsts_of,
    take_places,
)
from channels_app.delivery.once import (
    IdempotencyClaim,
    KeyTakenError,
    SignatureSpentError,
    SignatureUse,
    claim_keys,
    is_spent,
    keep_answers,
    spend_sql,
)
from channels_app.delivery.routes import (
    RoutesChangedError,
    Seen,
    condition_of,
    parameters_of,
)
from channels_app.models import Status
from channels_app.models.sql import (
    Column,
    as_parameter,
    is_postgres,
    now,
    one_writer,
    rows_of,
)

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
Statement = tuple[str, list[Any]]

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


@dataclass(frozen=True)
class Stored:
    """The ids of what is stored by message id, and what another stands for.

    `held` names the first delivery by the message id of one that was held back;
    `taken` are the entries whose keys were used by somebody else.
    """

    ids: dict[str, int]
    held: Mapping[str, First] = field(default_factory=dict)
    taken: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Entry:
    """One notification to be stored: its deliveries, and what it must not repeat.

    `answer` makes its JSON answer from what is stored.
    """

    deliveries: Sequence[NewDelivery]
    answer: Callable[[Stored], str]
    claim: IdempotencyClaim | None = None
    window: Window | None = None


def _row(delivery: NewDelivery) -> dict[str, Any]:
    row = dict(vars(delivery))
    for name in ("send_at", "expires_at"):
        if row[name] is not None:
            row[name] = row[name].isoformat()
    return row


@cache
def _insert_sql(condition: str = "TRUE") -> str:
    """Built once for each use: a process has one kind of database."""
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


def store_entries(
    entries: Sequence[Entry],
    *,
    after_commit: Callable[[], None],
    signature: SignatureUse | None = None,
    seen: Seen | None = None,
) -> Stored:
    """Commit the deliveries of entries and, with them, their idempotency keys.

    The number of statements does not grow with that of the entries. An entry whose key
    was used meanwhile is left out. `signature` is spent by the same commit. Raises
    KeyTakenError, having stored nothing, when no entry is left, and SignatureSpentError
    when the signature was used meanwhile. With `seen`, nothing is stored either, and
    RoutesChangedError raised, when the configs of that user are no longer those.
    """
    is_plain = not any(entry.claim or entry.window for entry in entries)
    if is_plain and signature and is_postgres():
        crash_at("before_accept_commit")
        stored = Stored(_store_at_once(_rows_of_all(entries), signature, seen))
        transaction.on_commit(after_commit)
        return stored
    with one_writer(), transaction.atomic(), connection.cursor() as cursor:
        _spend(cursor, signature, seen)
        stored = _store_in_steps(cursor, entries)
        crash_at("before_accept_commit")
    transaction.on_commit(after_commit)
    return stored


def _spend(cursor: Any, signature: SignatureUse | None, seen: Seen | None) -> None:
    """Spend a signature, if there is one, while a user's configs are those seen."""
    if signature is not None:
        parameters = [signature.digest, signature.seconds, *parameters_of(seen)]
        cursor.execute(spend_sql(condition_of(seen)), parameters)
        if cursor.rowcount == 0:
            raise _why_nothing(cursor, signature, seen)
    elif seen is not None:
        cursor.execute(f"SELECT {condition_of(seen)}", parameters_of(seen))
        if not cursor.fetchone()[0]:
            raise RoutesChangedError


def _why_nothing(cursor: Any, signature: SignatureUse, seen: Seen | None) -> Exception:
    if seen is None or is_spent(cursor, signature):
        return SignatureSpentError()
    return RoutesChangedError()


def _store_in_steps(cursor: Any, entries: Sequence[Entry]) -> Stored:
    taken = _claim_keys(cursor, entries)
    kept = [entry for at, entry in enumerate(entries) if at not in taken]
    if entries and not kept:
        raise KeyTakenError
    first_of = _take_places(cursor, kept)
    cursor.execute(_insert_sql(), [_rows_of_all(kept, first_of)])
    ids = dict(cursor.fetchall())
    firsts = firsts_of(cursor, first_of.values()) if first_of else {}
    held = {message_id: firsts[first] for message_id, first in first_of.items()}
    stored = Stored(ids, held, taken)
    keep_answers(
        cursor, [(entry.claim, entry.answer(stored)) for entry in kept if entry.claim]
    )
    return stored


def _take_places(cursor: Any, entries: Sequence[Entry]) -> Mapping[str, str]:
    candidates = [
        Candidate(
            delivery.message_id,
            (
                delivery.client_id,
                delivery.user_id,
                delivery.channel_type,
                entry.window.key,
            ),
            entry.window.seconds,
        )
        for entry in entries
        if entry.window
        for delivery in entry.deliveries
        if delivery.status == Status.PENDING
    ]
    return take_places(cursor, candidates) if candidates else {}


def _claim_keys(cursor: Any, entries: Sequence[Entry]) -> frozenset[int]:
    """Claim the keys of all entries; return which entries came too late."""
    claims = {at: entry.claim for at, entry in enumerate(entries) if entry.claim}
    won = claim_keys(cursor, list(claims.values())) if claims else frozenset()
    return frozenset(at for at, claim in claims.items() if claim not in won)


def _rows_of_all(entries: Sequence[Entry], left_out: Collection[str] = ()) -> str:
    return as_parameter(
        _row(delivery)
        for entry in entries
        for delivery in entry.deliveries
        if delivery.message_id not in left_out
    )


def _store_at_once(
    rows: str, signature: SignatureUse, seen: Seen | None
) -> dict[str, int]:
    """Spend and store in one statement: one round trip, its commit included."""
    with connection.cursor() as cursor:
        cursor.execute(*_storing_at_once(rows, signature, seen))
        ids = dict(cursor.fetchall())
        if not ids:
            raise _why_nothing(cursor, signature, seen)
    return ids


def _storing_at_once(
    rows: str, signature: SignatureUse, seen: Seen | None
) -> Statement:
    spend = spend_sql(condition_of(seen))
    insert = _insert_sql("EXISTS (SELECT 1 FROM spent)")
    parameters = [signature.digest, signature.seconds, *parameters_of(seen), rows]
    return f"WITH spent AS ({spend} RETURNING 1) {insert}", parameters


def storing(signature: SignatureUse, seen: Seen) -> tuple[Statement, ...]:
    """Return what stores a plain notification, of no rows, for whoever asks for plans."""
    if is_postgres():
        return (_storing_at_once("[]", signature, seen),)
    digest, seconds = signature.digest, signature.seconds
    spend = spend_sql(condition_of(seen)), [digest, seconds, *parameters_of(seen)]
    return spend, (_insert_sql(), ["[]"])
