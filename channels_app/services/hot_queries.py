"""The product's own statements that run all the time, for whoever judges their plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from channels_app.delivery.claims import claiming
from channels_app.delivery.due import LeftOut, due_sql
from channels_app.models import (
    DEFAULT_KEY_ID,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Priority,
    UserConfig,
)

Statement = tuple[str, tuple[Any, ...]]


def hot_queries() -> dict[str, Statement]:
    """Return each statement with parameters that stand for any, by what it is for."""
    logs, attempts = NotificationLog.objects, DeliveryAttempt.objects
    answers = IdempotencyKey.objects.filter(client_id=1, user_id="u", key="k")
    leased = logs.filter(status="sending", lease_until__lt=Now())
    claim, claimed = claiming([1, 2, 3, 4], "worker")
    return {
        "due deliveries": (due_sql(LeftOut()), (Priority.NORMAL.value, 128)),
        "claim": (claim, tuple(claimed)),
        "log of one message": _statement(logs.filter(message_id="m")),
        "logs of a user": _statement(logs.filter(user_id="u").order_by("-id")[:100]),
        "newest logs": _statement(logs.order_by("-id")[:100]),
        "last hour": _statement(
            logs.filter(created_at__gte=Now() - timedelta(hours=1))
        ),
        "attempts of a log": _statement(attempts.filter(log_id=1)),
        "configs of a user": _statement(
            UserConfig.objects.filter(user_id="u", client__key_id=DEFAULT_KEY_ID)
        ),
        "idempotency key": _statement(answers),
        "expired leases": _statement(leased),
    }


def _statement(rows: QuerySet[Any]) -> Statement:
    sql, parameters = rows.query.sql_with_params()
    return str(sql), tuple(parameters)
