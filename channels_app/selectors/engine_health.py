"""What tells whether the engine is well: its workers, leases, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Now

from channels_app.models import NotificationLog, Schedule, Status, WorkerHeartbeat
from channels_app.selectors.clock import database_time
from channels_app.selectors.schedules import scheduled_tasks

# Counting stops here: more are no worse to read about.
MOST_COUNTED = 10_000
# A lease is taken back within seconds of its end; after so long nobody does it.
LEASE_PATIENCE = timedelta(seconds=30)
SCHEDULE_PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class WorkerLine:
    """One worker by what it last said; ages are in seconds by the database's clock.

    `cluster_age` is how long ago its cluster last ran a task; None if it never has.
    """

    name: str
    host: str
    age: float
    started_age: float
    cluster_age: float | None
    restarts: int
    restart_reason: str
    restart_age: float | None


def workers() -> list[WorkerLine]:
    """Return the workers of the last day, the one that spoke last first."""
    present = database_time()
    rows = WorkerHeartbeat.objects.order_by("-seen_at")
    return [_line(row, present) for row in rows]


def _line(row: WorkerHeartbeat, present: datetime) -> WorkerLine:
    def age(at: datetime | None) -> float | None:
        return None if at is None else max(0.0, (present - at).total_seconds())

    return WorkerLine(
        name=row.name,
        host=row.host,
        age=age(row.seen_at) or 0.0,
        started_age=age(row.started_at) or 0.0,
        cluster_age=age(row.cluster_seen_at),
        restarts=row.wedged_restarts,
        restart_reason=row.last_restart_reason,
        restart_age=age(row.last_restart_at),
    )


def expired_leases() -> int:
    """Count the deliveries that nobody took back though their lease is long over."""
    leased = NotificationLog.objects.filter(status=Status.SENDING)
    expired = leased.filter(lease_until__lt=Now() - LEASE_PATIENCE)
    return expired[:MOST_COUNTED].count()


def held_for_a_person() -> int:
    """Count the deliveries of unknown outcome; counting stops at MOST_COUNTED."""
    held = NotificationLog.objects.filter(status__in=["failed", "unknown"])
    return held.filter(status=Status.UNKNOWN)[:MOST_COUNTED].count()


def late_schedules() -> list[str]:
    """Return the scheduled tasks whose slot began a while ago and was not booked."""
    ours = Schedule.objects.filter(name__in=scheduled_tasks(), is_enabled=True)
    late = ours.filter(next_run_at__lt=Now() - SCHEDULE_PATIENCE)
    return list(late.values_list("name", flat=True))
