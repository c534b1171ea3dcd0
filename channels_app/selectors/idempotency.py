"""What was answered to a request that named its idempotency key."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from channels_app.models import IdempotencyKey
from channels_app.models.sql import Column, as_parameter, now, rows_of

Key = tuple[str, str]  # of a user, the key

_KEY_COLUMNS = (Column("user_id", "text"), Column("key", "text"))
_ANSWERS = """
    SELECT k.user_id, k.key, k.request_hash, CAST(k.response AS text)
    FROM (SELECT DISTINCT r.user_id, r.key FROM ASKED) AS asked
    JOIN idempotency_keys AS k
        ON k.client_id = %s AND k.user_id = asked.user_id AND k.key = asked.key
    WHERE k.expires_at > PRESENT"""


@dataclass(frozen=True)
class FirstAnswer:
    """The stored answer, and the fingerprint of the request it was given to."""

    request_hash: str
    body: Mapping[str, Any]


def first_answer(*, client_id: int, user_id: str, key: str) -> FirstAnswer | None:
    """Return the answer kept under a key, if it is younger than 24 hours."""
    row = (
        IdempotencyKey.objects.filter(
            client_id=client_id, user_id=user_id, key=key, expires_at__gt=Now()
        )
        .values_list("request_hash", "response")
        .first()
    )
    return FirstAnswer(*row) if row else None


def first_answers(*, client_id: int, keys: Collection[Key]) -> dict[Key, FirstAnswer]:
    """Return the answers kept under keys of several users, in one statement."""
    rows = as_parameter({"user_id": user_id, "key": key} for user_id, key in keys)
    with connection.cursor() as cursor:
        statement = _ANSWERS.replace("ASKED", rows_of(_KEY_COLUMNS))
        cursor.execute(statement.replace("PRESENT", now()), [rows, client_id])
        return {
            (user_id, key): FirstAnswer(request_hash, json.loads(response))
            for user_id, key, request_hash, response in cursor.fetchall()
        }
