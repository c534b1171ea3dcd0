"""Deleting deliveries: settled ones only, and in batches that block nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from channels_app.delivery.retention import forget_windows_of
from channels_app.models import (
    SETTLED,
    ApiClient,
    DeliveryAttempt,
    NotificationLog,
    Status,
)
from channels_app.selectors.visibility import visible_logs
from channels_app.services.refusals import RequestRefusedError

BATCH_ROWS = 500
# A request must end: whoever has more to delete is told so, and asks again.
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Deleted:
    """How many deliveries were deleted, and whether older ones are left."""

    count: int
    has_more: bool


def delete_log(*, client: ApiClient, log_id: int) -> NotificationLog:
    """Delete one settled delivery with its attempts; return what it was.

    Raises RequestRefusedError with NOT_FOUND, or CONFLICT while it is not settled.
    """
    with transaction.atomic():
        visible = visible_logs(client).select_for_update()
        log = visible.filter(pk=log_id).first()
        if log is None:
            raise RequestRefusedError("NOT_FOUND", _("There is no such log."))
        if log.status not in SETTLED:
            raise _unsettled(log)
        _delete([log_id])
    return log


def delete_settled_logs(
    *, client: ApiClient, before: datetime, at_most: int = MOST_ROWS
) -> Deleted:
    """Delete what was accepted before then and is settled, each batch by itself."""
    old = visible_logs(client).filter(created_at__lt=before, status__in=SETTLED)
    count = 0
    while count < at_most:
        deleted = _delete_batch(old, min(BATCH_ROWS, at_most - count))
        if not deleted:
            return Deleted(count, has_more=False)
        count += deleted
    return Deleted(count, has_more=old.exists())


def _delete_batch(old: QuerySet[NotificationLog], size: int) -> int:
    with transaction.atomic():
        locked = old.select_for_update().order_by("created_at", "id")
        ids = list(locked.values_list("pk", flat=True)[:size])
        _delete(ids)
    return len(ids)


def _delete(ids: list[int]) -> None:
    forget_windows_of(ids)
    DeliveryAttempt.objects.filter(log_id__in=ids).delete()
    NotificationLog.objects.filter(pk__in=ids).delete()


def _unsettled(log: NotificationLog) -> RequestRefusedError:
    label = Status(log.status).label
    return RequestRefusedError(
        "CONFLICT",
        _("This delivery is “%(status)s”; only settled ones can be deleted.")
        % {"status": label},
        hint=_("Cancel it first, or wait until it is settled."),
        details={"id": log.pk, "status": log.status},
    )
