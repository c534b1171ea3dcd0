"""How long the room lasts: what the stored reports' figures come to a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from channels_app.selectors.disk import DiskState, disk_state
from diagnostics.checks.contract import (
    Area,
    Check,
    Figure,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)
from diagnostics.models import HealthReport

SOON_DAYS, GRAVE_DAYS = 14, 2
# What an hour or two show may be a backup, or a file that is gone again.
FEWEST_POINTS, SHORTEST_DAYS = 6, 1.0
_DAY = 24 * 3600

Point = tuple[datetime, float]

FILLING = FindingKind(
    id="machine.disk_filling",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The disk will be full in about %(days)s days."),
    cause=_(
        "%(free_mb)s MB are free. Over the last %(over_days)s days that became less by "
        "%(fall_mb)s MB a day, and the database grew by %(growth_mb)s MB a day."
    ),
    remedy=_(
        "Keep less: shorten LOG_RETENTION_DAYS and prune, move old backups away; or "
        "give the disk more space. Below MIN_FREE_DISK_MB nothing is accepted."
    ),
    verify=_("A day later the diagnosis names it no more."),
    fix_command="manage.py prune --days 30 --dry-run",
)


def per_day(points: Sequence[Point]) -> float | None:
    """Return how much a figure grows a day; None where that cannot be told yet.

    It is the slope of the straight line that lies nearest to all points.
    """
    if len(points) < FEWEST_POINTS:
        return None
    first = points[0][0]
    days = [(at - first).total_seconds() / _DAY for at, _value in points]
    if days[-1] < SHORTEST_DAYS:
        return None
    middle = sum(days) / len(days)
    spread = sum((day - middle) ** 2 for day in days)
    pairs = zip(days, points, strict=True)
    return sum((day - middle) * value for day, (_at, value) in pairs) / spread


def days_left(state: DiskState, fall: float, growth: float) -> float | None:
    """Return after how many days nothing is accepted any more; None for never.

    `growth` is that of a database on this disk, which may be made up for today by
    what others clear away.
    """
    rate = max(fall, growth)
    if state.free_mb is None or rate <= 0:
        return None
    return max(0, state.free_mb - state.least_mb) / rate


def look_at_growth() -> Iterator[Said]:
    """Compare what is free with what the last week's reports show to be used a day."""
    free, size = _lines()
    change, growth = per_day(free), per_day(size)
    if growth is not None:
        yield Figure("growth", round(growth, 1), "MB/d")
    if change is None:
        return
    yield Figure("less_free", round(-change, 1), "MB/d")
    state = disk_state()
    is_ours = connection.vendor == "sqlite"
    days = days_left(state, -change, (growth or 0.0) if is_ours else 0.0)
    if days is not None and days < SOON_DAYS:
        yield FILLING.found(
            severity=Severity.CRITICAL if days < GRAVE_DAYS else Severity.WARNING,
            days=round(days, 1),
            free_mb=state.free_mb,
            fall_mb=round(-change, 1),
            growth_mb=round(growth or 0.0, 1),
            over_days=round((free[-1][0] - free[0][0]).total_seconds() / _DAY, 1),
        )


def _lines() -> tuple[list[Point], list[Point]]:
    """Return what was free and how large the database was, the oldest first."""
    finished = HealthReport.objects.filter(finished_at__isnull=False).order_by("pk")
    free: list[Point] = []
    size: list[Point] = []
    for at, body in finished.values_list("started_at", "body").iterator(50):
        figures = {
            (row["check"], figure["name"]): float(figure["value"])
            for row in body
            for figure in row["figures"]
        }
        for line, name in (
            (free, ("machine.disk", "free")),
            (size, ("database.load", "size")),
        ):
            if name in figures:
                line.append((at, figures[name]))
    return free, size


AREA = Area(
    checks=(Check("machine.growth", Step.RESOURCES, _("Growth"), look_at_growth),),
    kinds=(FILLING,),
)
