"""Making accepted notifications durable: all of a request's deliveries in one commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
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
from channels_app.delivery.new_deliveries import NewDelivery, Statement, inserting
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
from channels_app.models.sql import is_postgres, one_writer


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
        stored = Stored(_store_at_once(_deliveries_of(entries), signature, seen))
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
    cursor.execute(*inserting(_deliveries_of(kept, first_of)))
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


def _deliveries_of(
    entries: Sequence[Entry], left_out: Collection[str] = ()
) -> list[NewDelivery]:
    return [
        delivery
        for entry in entries
        for delivery in entry.deliveries
        if delivery.message_id not in left_out
    ]


def _store_at_once(
    deliveries: Sequence[NewDelivery], signature: SignatureUse, seen: Seen | None
) -> dict[str, int]:
    """Spend and store in one statement: one round trip, its commit included."""
    with connection.cursor() as cursor:
        cursor.execute(*_storing_at_once(deliveries, signature, seen))
        ids = dict(cursor.fetchall())
        if not ids:
            raise _why_nothing(cursor, signature, seen)
    return ids


def _storing_at_once(
    deliveries: Sequence[NewDelivery], signature: SignatureUse, seen: Seen | None
) -> Statement:
    spend = spend_sql(condition_of(seen))
    spent = [signature.digest, signature.seconds, *parameters_of(seen)]
    insert, parameters = inserting(deliveries, "EXISTS (SELECT 1 FROM spent)", *spent)
    return f"WITH spent AS ({spend} RETURNING 1) {insert}", parameters


def storing(signature: SignatureUse, seen: Seen) -> tuple[Statement, ...]:
    """Return what stores a plain notification, of no rows, for whoever asks for plans."""
    if is_postgres():
        return (_storing_at_once([], signature, seen),)
    digest, seconds = signature.digest, signature.seconds
    spend = spend_sql(condition_of(seen)), [digest, seconds, *parameters_of(seen)]
    return spend, inserting([])
