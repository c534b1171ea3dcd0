"""What a person may do with deliveries: cancel them, and send them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from channels_app.delivery.fresh_starts import fresh_start
from channels_app.delivery.recording import move
from channels_app.models import (
    WAITING,
    ApiClient,
    NotificationLog,
    Status,
    UserConfig,
)
from channels_app.models.ids import new_message_id
from channels_app.selectors.visibility import visible_logs
from channels_app.services.refusals import RequestRefusedError
from channels_app.tasks.wake import wake_quietly

BATCH_ROWS = 500
_RACES = 5
_RESENDABLE = (Status.FAILED, Status.UNKNOWN)

_COPIED_FIELDS = (
    "client_id",
    "user_id",
    "channel_type",
    "template_key",
    "template_version",
    "subject",
    "content",
    "content_type",
    "variables",
    "is_test",
    "priority",
    "destination",
    "shard",
    "guarantee",
    "ordering_key",
)


@dataclass(frozen=True)
class RetryFilter:
    """Which failed deliveries to send again; None is no condition.

    `ids` holds log ids and message ids, mixed; the times are of acceptance.
    """

    ids: Sequence[int | str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    channel_type: str | None = None
    error_code: str | None = None

    def narrow(self, logs: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
        conditions = {
            "created_at__gte": self.since,
            "created_at__lte": self.until,
            "channel_type": self.channel_type,
            "error_code": self.error_code,
        }
        wanted = {name: v for name, v in conditions.items() if v is not None}
        logs = logs.filter(**wanted)
        if self.ids is None:
            return logs
        numbers = [key for key in self.ids if isinstance(key, int)]
        names = [key for key in self.ids if isinstance(key, str)]
        return logs.filter(Q(pk__in=numbers) | Q(message_id__in=names))


def cancel_delivery(*, log: NotificationLog) -> NotificationLog:
    """Cancel a waiting delivery, or ask for it while one is being sent.

    Returns the new state. Raises RequestRefusedError with CONFLICT when it is settled.
    """
    for _race in range(_RACES):
        if move([log.pk], Status.CANCELLED, sources=WAITING, **_cancelled()):
            break
        if _request_cancellation(log.pk):
            break
        log.refresh_from_db()
        if log.status not in {*WAITING, Status.SENDING}:
            raise _conflict(
                log, _("Only one that waits or is being sent can be cancelled.")
            )
    log.refresh_from_db()
    return log


def resend_delivery(*, log: NotificationLog, request_id: str) -> NotificationLog:
    """Send a failed or held delivery again, or a sent one as a new delivery.

    Returns the delivery that will be sent. Raises RequestRefusedError with CONFLICT
    in every other state, and for one whose text was never written.
    """
    if not log.content:
        raise _conflict(log, _("It has no text; send the notification anew."))
    if log.status == Status.SENT:
        return _send_copy(log, request_id)
    if not move([log.pk], Status.PENDING, sources=_RESENDABLE, **fresh_start()):
        log.refresh_from_db()
        raise _conflict(
            log, _("Only one that failed, was sent or is held can be sent again.")
        )
    transaction.on_commit(wake_quietly)
    log.refresh_from_db()
    return log


def settle_held(*, log: NotificationLog, has_arrived: bool) -> NotificationLog:
    """Say what a person found out about a delivery whose outcome is unknown.

    It becomes sent or failed; a failed one can be resent. Raises RequestRefusedError
    with CONFLICT in every other state.
    """
    target = Status.SENT if has_arrived else Status.FAILED
    changes = {"sent_at": Now(), "error_code": "", "error": ""} if has_arrived else {}
    settled = {"settled_at": Now(), **changes}
    if not move([log.pk], target, sources=[Status.UNKNOWN], **settled):
        log.refresh_from_db()
        raise _conflict(log, _("Only one that may have arrived is held for a person."))
    log.refresh_from_db()
    return log


def clear_retries(
    *, client: ApiClient, ids: Sequence[int | str] | None, are_failed: bool
) -> int:
    """Settle what waits to retry (all of it, or those ids); return how many.

    They become `failed` with their last error, which leaves them for a retry by hand,
    or `cancelled`.
    """
    waiting = visible_logs(client).filter(status=Status.RETRYING)
    target = Status.FAILED if are_failed else Status.CANCELLED
    changes = {"settled_at": Now()} if are_failed else _cancelled()
    return sum(
        move(batch, target, sources=[Status.RETRYING], **changes)
        for batch in _batches(RetryFilter(ids=ids).narrow(waiting))
    )


def _batches(logs: QuerySet[NotificationLog]) -> Iterator[list[int]]:
    last = 0
    while batch := list(
        logs.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH_ROWS]
    ):
        yield batch
        last = batch[-1]


def _cancelled() -> dict[str, Any]:
    return {"settled_at": Now(), "error_code": "cancelled", "cancel_requested": True}


def _request_cancellation(log_id: int) -> int:
    sending = NotificationLog.objects.filter(pk=log_id, status=Status.SENDING)
    return sending.update(cancel_requested=True)


def _send_copy(log: NotificationLog, request_id: str) -> NotificationLog:
    config = UserConfig.objects.filter(
        client_id=log.client_id, user_id=log.user_id, channel_type=log.channel_type
    ).first()
    if config is None:
        raise _conflict(log, _("Its channel config was deleted."))
    copy = NotificationLog.objects.create(
        **{name: getattr(log, name) for name in _COPIED_FIELDS},
        config=config,
        message_id=new_message_id(),
        request_id=request_id,
        metadata={**log.metadata, "resent_from": log.message_id},
        created_at=Now(),
        next_attempt_at=Now(),
    )
    transaction.on_commit(wake_quietly)
    copy.refresh_from_db()
    return copy


def _conflict(log: NotificationLog, why: str) -> RequestRefusedError:
    label = Status(log.status).label
    return RequestRefusedError(
        "CONFLICT",
        _("This delivery is “%(status)s”. %(why)s") % {"status": label, "why": why},
        details={"message_id": log.message_id, "status": log.status},
    )
