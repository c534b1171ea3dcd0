"""What was answered to a request that named its idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from channels_app.models import IdempotencyKey


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
