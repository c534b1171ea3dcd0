"""Rehearsed sends: each leaves nothing behind."""

from typing import Any

from channels_app.models import DedupeWindow, IdempotencyKey, NotificationLog
from tests.channels_app.api.signed import SEND, one, post

TABLES = (NotificationLog, IdempotencyKey, DedupeWindow)


def rehearse(user_id: str = "u1", **fields: Any) -> dict[str, Any]:
    answer = post(SEND, one(user_id, dry_run=True, **fields))
    assert answer.status_code == 200, answer.content
    assert not any(table.objects.exists() for table in TABLES)
    body: dict[str, Any] = answer.json()
    return body


def row(**fields: Any) -> dict[str, Any]:
    [result] = rehearse(**fields)["results"]
    return dict(result)
