"""How the providers did of late: what they took, how fast, and which are left alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now

from channels_app.models import Breaker, DeliveryAttempt, UserConfig
from channels_app.models.sql import unix_now

HOUR = timedelta(hours=1)
# The newest attempts stand for the hour where it had more.
MOST_ATTEMPTS = 20_000
GOOD = ("ok",)
BAD = ("failed", "rejected", "unknown", "not_sent")


@dataclass(frozen=True)
class KindHealth:
    """One kind of channel in the last hour; times in ms, None without an answer."""

    channel_type: str
    good: int
    bad: int
    p50_ms: float | None
    p95_ms: float | None
    commonest_error: str

    @property
    def total(self) -> int:
        return self.good + self.bad

    @property
    def success_rate(self) -> float:
        return self.good / self.total if self.total else 1.0


@dataclass(frozen=True)
class OffConfig:
    """A channel config that the product switched off, and why."""

    config_id: int
    user_id: str
    channel_type: str
    reason: str


def kinds_last_hour() -> list[KindHealth]:
    """Return each kind that had attempts in the last hour, by name: two queries."""
    newest = DeliveryAttempt.objects.aggregate(newest=Max("pk"))["newest"] or 0
    recent = DeliveryAttempt.objects.filter(
        pk__gt=newest - MOST_ATTEMPTS, ended_at__gte=Now() - HOUR
    )
    rows = recent.values_list(
        "log__channel_type", "outcome", "latency_ms", "error_code"
    )
    by_kind: defaultdict[str, list[tuple[str, int | None, str]]] = defaultdict(list)
    for kind, outcome, latency, code in rows:
        by_kind[kind].append((outcome, latency, code))
    return [_health(kind, by_kind[kind]) for kind in sorted(by_kind)]


def _health(kind: str, rows: list[tuple[str, int | None, str]]) -> KindHealth:
    times = sorted(latency for _outcome, latency, _code in rows if latency is not None)
    codes = [code for outcome, _latency, code in rows if outcome in BAD and code]
    return KindHealth(
        channel_type=kind,
        good=sum(outcome in GOOD for outcome, _latency, _code in rows),
        bad=sum(outcome in BAD for outcome, _latency, _code in rows),
        p50_ms=_at(times, 0.50),
        p95_ms=_at(times, 0.95),
        commonest_error=max(set(codes), key=codes.count, default=""),
    )


def _at(times: list[int], share: float) -> float | None:
    return float(times[min(len(times) - 1, int(share * len(times)))]) if times else None


def open_breakers() -> list[tuple[int, str]]:
    """Return the configs that are left alone after failures: id and name, 100 at most."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {unix_now()}", [])
        [present] = cursor.fetchone()
    rows = Breaker.objects.filter(open_until__gt=present).select_related("config")
    return [(row.pk, str(row.config)) for row in rows[:100]]


def configs_switched_off(limit: int = 100) -> list[OffConfig]:
    """Return the configs that the product switched off itself, the newest first."""
    off = UserConfig.objects.filter(is_active=False, disabled_at__isnull=False)
    rows = off.exclude(disabled_reason="").order_by("-disabled_at")[:limit]
    return [
        OffConfig(row.pk, row.user_id, row.channel_type, row.disabled_reason)
        for row in rows
    ]
