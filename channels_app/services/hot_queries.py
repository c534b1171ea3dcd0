"""The product's own statements that run all the time, for whoever judges their plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from channels_app.delivery.claims import claiming
from channels_app.delivery.due import LeftOut, due_sql
from channels_app.delivery.intake import storing
from channels_app.delivery.once import SignatureUse
from channels_app.delivery.reaper import expired_leases_sql
from channels_app.delivery.recording import recording
from channels_app.delivery.routes import Seen
from channels_app.models import (
    DEFAULT_KEY_ID,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Priority,
    UserConfig,
)
from channels_app.selectors.overview import HOUR, counting_since

Statement = tuple[str, tuple[Any, ...]]


def hot_queries() -> dict[str, Statement]:
    """Return each statement with parameters that stand for any, by what it is for."""
    logs, attempts = NotificationLog.objects, DeliveryAttempt.objects
    answers = IdempotencyKey.objects.filter(client_id=1, user_id="u", key="k")
    claim, claimed = claiming([1, 2, 3, 4], "worker")
    accept = storing(SignatureUse("digest", 600), Seen(1, "u", "[]"))
    return {
        **_numbered("accept", accept),
        **_numbered("record", recording([])),
        "due deliveries": (due_sql(LeftOut()), (Priority.NORMAL.value, 128)),
        "claim": (claim, tuple(claimed)),
        "log of one message": _statement(logs.filter(message_id="m")),
        "logs of a user": _statement(logs.filter(user_id="u").order_by("-id")[:100]),
        "newest logs": _statement(logs.order_by("-id")[:100]),
        "last hour": counting_since(timezone.now() - HOUR),
        "attempts of a log": _statement(attempts.filter(log_id=1)),
        "configs of a user": _statement(
            UserConfig.objects.filter(user_id="u", client__key_id=DEFAULT_KEY_ID)
        ),
        "idempotency key": _statement(answers),
        "expired leases": (expired_leases_sql(), ()),
    }


def _numbered(
    name: str, statements: Sequence[tuple[str, Sequence[Any]]]
) -> dict[str, Statement]:
    return {
        f"{name} {number}": (sql, tuple(parameters))
        for number, (sql, parameters) in enumerate(statements, start=1)
    }


def _statement(rows: QuerySet[Any]) -> Statement:
    sql, parameters = rows.query.sql_with_params()
    return str(sql), tuple(parameters)
