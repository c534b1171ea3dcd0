"""Gives the rivals their work."""

from __future__ import annotations

from bench.rivals.tasks import enqueue_all
from channels_app.models import NotificationLog


def enqueue() -> int:
    """Put one django-q2 task for each waiting delivery on the queue."""
    return enqueue_all()


def enqueue_celery() -> int:
    """Put one Celery task for each waiting delivery on the queue."""
    from bench.rivals.celery_app import send  # noqa: PLC0415 - Celery may be missing

    ids = NotificationLog.objects.filter(status="pending").values_list("pk", flat=True)
    for log_id in ids:
        send.delay(log_id)
    return len(ids)
