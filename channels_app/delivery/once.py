"""What is good once: signatures, and the idempotency keys of notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from channels_app.models.sql import (
    Column,
    as_parameter,
    is_postgres,
    now,
    now_plus,
    rows_of,
)

IDEMPOTENCY_SECONDS = 24 * 3600

_CLAIM_COLUMNS = (
    Column("client_id", "integer"),
    Column("user_id", "text"),
    Column("key", "text"),
    Column("request_hash", "text"),
)
_ANSWER_COLUMNS = (*_CLAIM_COLUMNS[:3], Column("response", "text"))


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


@cache
def spend_sql(condition: str = "TRUE") -> str:
    """Return the statement that inserts a signature, if it is not there already.

    And if the condition, whose parameters follow those of the signature, is true.
    """
    return f"""
        INSERT INTO used_signatures (digest, expires_at)
        SELECT %s, {now_plus("%s")} WHERE {condition}
        ON CONFLICT (digest) DO NOTHING"""


def is_spent(cursor: Any, signature: SignatureUse) -> bool:
    """Tell whether a signature is spent, by this transaction or one that is committed."""
    cursor.execute(
        "SELECT 1 FROM used_signatures WHERE digest = %s", [signature.digest]
    )
    return cursor.fetchone() is not None


def claim_keys(
    cursor: Any, claims: Sequence[IdempotencyClaim]
) -> frozenset[IdempotencyClaim]:
    """Claim keys, each once in `claims`; return the claims that came first.

    A key that has outlived its 24 hours is free again.
    """
    rows = as_parameter(vars(claim) for claim in claims)
    cursor.execute(_claim_sql(), [IDEMPOTENCY_SECONDS, rows])
    won = set(cursor.fetchall())
    return frozenset(
        claim for claim in claims if (claim.client_id, claim.user_id, claim.key) in won
    )


def keep_answers(cursor: Any, answers: Sequence[tuple[IdempotencyClaim, str]]) -> None:
    """Keep the JSON answers to claims that this transaction won."""
    if answers:
        rows = ({**vars(claim), "response": answer} for claim, answer in answers)
        cursor.execute(_answer_sql(), [as_parameter(rows)])


def _claim_sql() -> str:
    # In one order: two batches with the same keys would wait for each other else.
    return f"""
        INSERT INTO idempotency_keys
            (client_id, user_id, key, request_hash, response, created_at, expires_at)
        SELECT r.client_id, r.user_id, r.key, r.request_hash, {_json("'{}'")},
            {now()}, {now_plus("%s")}
        FROM {rows_of(_CLAIM_COLUMNS)} WHERE TRUE ORDER BY r.user_id, r.key
        ON CONFLICT (client_id, user_id, key) DO UPDATE SET
            request_hash = excluded.request_hash, response = excluded.response,
            created_at = excluded.created_at, expires_at = excluded.expires_at
        WHERE idempotency_keys.expires_at <= {now()}
        RETURNING client_id, user_id, key"""


def _answer_sql() -> str:
    return f"""
        UPDATE idempotency_keys SET response = {_json("r.response")}
        FROM {rows_of(_ANSWER_COLUMNS)}
        WHERE idempotency_keys.client_id = r.client_id
            AND idempotency_keys.user_id = r.user_id AND idempotency_keys.key = r.key"""


def _json(text: str) -> str:
    return f"CAST({text} AS jsonb)" if is_postgres() else text
