"""Forgetting what is old: settled deliveries and spent keys, in batches that lock little."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from channels_app.models import (
    SETTLED,
    DedupeWindow,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    TaskExecutionRecord,
    UsedSignature,
)

BATCH = 1000
RUNS_KEPT_DAYS = 30

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Pruned:
    """How many rows went, by table; in a dry run: how many would."""

    logs: int = 0
    idempotency_keys: int = 0
    signatures: int = 0
    dedupe_windows: int = 0
    runs: int = 0

    @property
    def total(self) -> int:
        return sum(astuple(self))


def old_logs(days: int) -> QuerySet[NotificationLog]:
    """Return the settled deliveries that were accepted so many days ago or earlier."""
    return NotificationLog.objects.filter(
        created_at__lt=Now() - timedelta(days=days), status__in=SETTLED
    )


def what_would_go(*, days: int) -> Pruned:
    """Count what `prune` would delete now."""
    return Pruned(
        logs=old_logs(days).count(),
        idempotency_keys=_spent_keys().count(),
        signatures=_spent_signatures().count(),
        dedupe_windows=_past_windows().count(),
        runs=_old_runs().count(),
    )


def prune(
    *,
    days: int | None = None,
    on_batch: Callable[[int], None] = lambda count: None,
    at_most: int | None = None,
) -> Pruned:
    """Delete what is older than `days` (LOG_RETENTION_DAYS; 0 keeps logs for ever).

    Never an unsettled delivery. Each batch commits by itself: a prune that is killed
    is resumed by the next. `on_batch` gets the number of rows that just went;
    `at_most` ends it early, counted per table.
    """
    days = settings.LOG_RETENTION_DAYS if days is None else days
    logs = _in_batches(old_logs(days), _delete_logs, on_batch, at_most) if days else 0
    return Pruned(
        logs,
        _in_batches(_spent_keys(), _delete_rows, on_batch, at_most),
        _in_batches(_spent_signatures(), _delete_rows, on_batch, at_most),
        _in_batches(_past_windows(), _delete_rows, on_batch, at_most),
        _in_batches(_old_runs(), _delete_rows, on_batch, at_most),
    )


def _spent_keys() -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(expires_at__lt=Now())


def _spent_signatures() -> QuerySet[UsedSignature]:
    return UsedSignature.objects.filter(expires_at__lt=Now())


def _past_windows() -> QuerySet[DedupeWindow]:
    return DedupeWindow.objects.filter(expires_at__lt=Now())


def _old_runs() -> QuerySet[TaskExecutionRecord]:
    old = Now() - timedelta(days=RUNS_KEPT_DAYS)
    return TaskExecutionRecord.objects.filter(finished_at__lt=old)


def _delete_rows(old: QuerySet[Row], keys: list[int | str]) -> None:
    old.filter(pk__in=keys).delete()


def forget_windows_of(log_ids: Collection[int]) -> None:
    """End the dedupe windows of deliveries that are about to be deleted."""
    logs = NotificationLog.objects.filter(pk__in=log_ids)
    DedupeWindow.objects.filter(message_id__in=logs.values("message_id")).delete()


def _delete_logs(old: QuerySet[NotificationLog], keys: list[int | str]) -> None:
    # Without its row's lock a log could be replayed between the look and the deletion.
    locked = old.select_for_update().filter(pk__in=keys)
    ids = list(locked.values_list("pk", flat=True))
    forget_windows_of(ids)
    DeliveryAttempt.objects.filter(log_id__in=ids).delete()
    NotificationLog.objects.filter(pk__in=ids).delete()


def _in_batches(
    old: QuerySet[Row],
    delete: Callable[[QuerySet[Row], list[int | str]], None],
    on_batch: Callable[[int], None],
    at_most: int | None,
) -> int:
    gone = 0
    while at_most is None or gone < at_most:
        size = BATCH if at_most is None else min(BATCH, at_most - gone)
        with transaction.atomic():
            keys = list(old.order_by("pk").values_list("pk", flat=True)[:size])
            if keys:
                delete(old, keys)
        if not keys:
            break
        gone += len(keys)
        on_batch(len(keys))
    return gone
