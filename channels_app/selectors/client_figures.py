"""How much API clients ask, by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from channels_app.models import ApiClient, ClientDay

SHOWN_DAYS = 14
WEEK = 7


class DayFigures(NamedTuple):
    """What a client asked on one day (UTC); days without a request are left out."""

    day: date
    requests: int
    refusals: int


def days_of(client: ApiClient, *, days: int = SHOWN_DAYS) -> list[DayFigures]:
    """Return the last days on which the client asked something, the newest first."""
    rows = ClientDay.objects.filter(client=client, day__gt=_days_ago(days))
    found = rows.order_by("-day").values_list("day", "requests", "refusals")
    return [DayFigures(*row) for row in found]


def with_week(clients: QuerySet[ApiClient]) -> QuerySet[ApiClient]:
    """Add to clients what they asked in seven days: `week_requests`, `week_refusals`."""
    return clients.annotate(
        week_requests=_sum_of("requests"), week_refusals=_sum_of("refusals")
    )


def _sum_of(column: str) -> Coalesce:
    rows = ClientDay.objects.filter(client=OuterRef("pk"), day__gt=_days_ago(WEEK))
    summed = rows.order_by().values("client").annotate(total=Sum(column))
    return Coalesce(Subquery(summed.values("total")), 0)


def _days_ago(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)
