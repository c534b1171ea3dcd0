"""How much waits to be sent."""

from __future__ import annotations

from channels_app.models import WAITING, NotificationLog


def waiting_count(*, at_most: int) -> int:
    """Return how many deliveries wait; counting stops at `at_most`."""
    waiting = NotificationLog.objects.filter(status__in=WAITING)
    return waiting.order_by().values("pk")[:at_most].count()
