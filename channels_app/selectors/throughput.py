"""What got through in the last minute, and what lies dead, at a bounded cost."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now

from channels_app.models import DeliveryAttempt, Outcome

COUNTED_ATTEMPTS = 50_000
COUNTED_DEAD = 10_000

# As words, not parameters: only so does SQLite use the partial index of failures.
_DEAD = """
    SELECT count(*) FROM (
        SELECT id FROM notification_logs WHERE status IN ('failed', 'unknown') LIMIT %s
    ) AS dead"""


def sent_last_minute() -> int:
    """Count what providers accepted in 60 s, among the newest COUNTED_ATTEMPTS.

    Attempts are numbered as they begin, so the newest ids hold all of the last minute.
    """
    newest = DeliveryAttempt.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return DeliveryAttempt.objects.filter(
        pk__gt=newest - COUNTED_ATTEMPTS,
        outcome=Outcome.OK,
        ended_at__gte=Now() - timedelta(minutes=1),
    ).count()


def dead_letters() -> int:
    """Count what failed or is held for a person; counting stops at COUNTED_DEAD."""
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, [COUNTED_DEAD])
        (count,) = cursor.fetchone()
    return int(count)
