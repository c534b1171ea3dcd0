"""One task for each send, the usual way: a row before, requests.post, a row after."""

from __future__ import annotations

import requests  # noqa: TID251
from django.utils import timezone
from django_q.tasks import async_task

from channels_app.models import (
    DeliveryAttempt,
    NotificationLog,
    Outcome,
    Status,
    UserConfig,
)


def send(log_id: int) -> None:
    """Send one delivery and write down that it was sent."""
    log = NotificationLog.objects.get(pk=log_id)
    config = UserConfig.objects.get(pk=log.config_id or 0)
    now = timezone.now()
    log.status, log.attempt_no, log.lease_until = Status.SENDING, 1, now
    log.save(update_fields=["status", "attempt_no", "lease_until"])
    attempt = DeliveryAttempt.objects.create(log=log, number=1, started_at=now)
    answer = requests.post(
        config.public_data["webhook_url"],
        json={"subject": log.subject, "content": log.content},
        timeout=15,
    )
    attempt.outcome, attempt.ended_at = Outcome.OK, timezone.now()
    attempt.http_status, attempt.response_excerpt = answer.status_code, answer.text
    attempt.save()
    log.status, log.sent_at = Status.SENT, attempt.ended_at
    log.settled_at, log.lease_until = log.sent_at, None
    log.save(update_fields=["status", "sent_at", "settled_at", "lease_until"])


def enqueue_all() -> int:
    """Put a task for each waiting delivery on the queue."""
    ids = list(NotificationLog.objects.filter(status="pending").values_list("pk"))
    for (log_id,) in ids:
        async_task("bench.rivals.tasks.send", log_id)
    return len(ids)
