"""What fails of late, by channel and error code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now

from channels_app.models import NotificationLog, Status

MOST_PATTERNS = 10
HOUR = timedelta(hours=1)
# Only the newest failures are grouped, so a storm costs no more than a quiet hour.
MOST_FAILURES = 10_000


@dataclass(frozen=True)
class ErrorPattern:
    """Failures that are alike."""

    channel_type: str
    error_code: str
    count: int


def error_patterns() -> list[ErrorPattern]:
    """Return the commonest failures of the last hour, the commonest first."""
    failed = NotificationLog.objects.filter(status__in=["failed", "unknown"])
    newest = failed.order_by("-id").values("id")[:MOST_FAILURES]
    recent = NotificationLog.objects.filter(
        id__in=newest, created_at__gte=Now() - HOUR, status=Status.FAILED
    )
    groups = recent.values_list("channel_type", "error_code").annotate(n=Count("id"))
    return [
        ErrorPattern(kind, code or "?", count)
        for kind, code, count in groups.order_by("-n")[:MOST_PATTERNS]
    ]
