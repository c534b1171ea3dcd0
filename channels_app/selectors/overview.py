"""How deliveries are doing right now, at a bounded cost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from channels_app.models import WAITING, NotificationLog, Status
from channels_app.selectors.backlog import waiting_count

HOUR = timedelta(hours=1)

# Counting stops here, so that a busy hour costs no more than a quiet one.
MOST_COUNTED = 20_000
# One walk of the index of times: the ORM would join the table to itself by its ids.
_COUNT = """
    SELECT channel_type, status, count(*) FROM (NEWEST) AS newest
    GROUP BY channel_type, status"""


@dataclass(frozen=True)
class ChannelFigures:
    """What became of the notifications that one kind of channel got."""

    channel_type: str
    accepted: int
    sent: int
    failed: int
    open: int


@dataclass(frozen=True)
class HourFigures:
    """The last hour; when `is_capped`, of its newest MOST_COUNTED deliveries.

    `waiting` counts all that wait now, however old.
    """

    accepted: int
    sent: int
    failed: int
    waiting: int
    channels: tuple[ChannelFigures, ...]
    is_capped: bool


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery as a list shows it."""

    id: int
    message_id: str
    user_id: str
    channel_type: str
    template_key: str
    status: str
    created_at: datetime

    @property
    def status_label(self) -> str:
        return str(Status(self.status).label)


def last_hour(*, now: datetime | None = None) -> HourFigures:
    """Count what was accepted in the hour before `now` by what became of it."""
    counts = _counts((now or timezone.now()) - HOUR)
    channels = tuple(
        _channel(kind, counts) for kind in sorted({kind for kind, _ in counts})
    )
    accepted = sum(counts.values())
    return HourFigures(
        accepted=accepted,
        sent=sum(channel.sent for channel in channels),
        failed=sum(channel.failed for channel in channels),
        waiting=waiting_count(),
        channels=channels,
        is_capped=accepted >= MOST_COUNTED,
    )


def last_deliveries(limit: int) -> tuple[DeliveryLine, ...]:
    """Return the newest deliveries, newest first."""
    fields = DeliveryLine.__dataclass_fields__
    rows = NotificationLog.objects.order_by("-id").values(*fields)[:limit]
    return tuple(DeliveryLine(**row) for row in rows)


def _counts(since: datetime) -> Counter[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(*counting_since(since))
        rows = cursor.fetchall()
    return Counter({(kind, status): count for kind, status, count in rows})


def counting_since(since: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that counts what was accepted, with its parameters."""
    newest = NotificationLog.objects.filter(created_at__gte=since)
    counted = newest.order_by("-created_at").values("channel_type", "status")
    sql, parameters = counted[:MOST_COUNTED].query.sql_with_params()
    return _COUNT.replace("NEWEST", sql), tuple(parameters)


def _channel(kind: str, counts: Counter[tuple[str, str]]) -> ChannelFigures:
    def of(statuses: Iterable[str]) -> int:
        return sum(counts[kind, status] for status in statuses)

    return ChannelFigures(
        channel_type=kind,
        accepted=of(Status.values),
        sent=of([Status.SENT]),
        failed=of([Status.FAILED, Status.UNKNOWN]),
        open=of([*WAITING, Status.SENDING]),
    )
