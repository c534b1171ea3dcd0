"""How the providers did of late: what they took, how fast, and which are left alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max
from django.db.models.functions import Now

from channels_app.models import Breaker, DeliveryAttempt, UserConfig
from channels_app.selectors.clock import database_seconds
from channels_app.selectors.figures import SendTime, Window, percentiles, send_times

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
    p95_ms: int | None
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
    """Return each kind that had attempts in the last hour, by name: three queries."""
    newest = DeliveryAttempt.objects.aggregate(newest=Max("pk"))["newest"] or 0
    recent = DeliveryAttempt.objects.filter(
        pk__gt=newest - MOST_ATTEMPTS, ended_at__gte=Now() - HOUR
    )
    groups = recent.values_list("log__channel_type", "outcome", "error_code")
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for kind, outcome, code, count in groups.annotate(n=Count("pk")).order_by():
        counts[kind][outcome, code] = count
    times = send_times(Window(seconds=round(HOUR.total_seconds())))
    return [_health(kind, counts[kind], times) for kind in sorted(counts)]


def _health(
    kind: str, counts: Counter[tuple[str, str]], times: Sequence[SendTime]
) -> KindHealth:
    bad = {
        (outcome, code): n for (outcome, code), n in counts.items() if outcome in BAD
    }
    codes = Counter({code: n for (_outcome, code), n in bad.items() if code})
    of_kind = [row for row in times if row.channel_type == kind]
    return KindHealth(
        channel_type=kind,
        good=sum(n for (outcome, _code), n in counts.items() if outcome in GOOD),
        bad=sum(bad.values()),
        p95_ms=percentiles(of_kind, 0.95)[0.95],
        commonest_error=next((code for code, _n in codes.most_common(1)), ""),
    )


def open_breakers() -> list[tuple[int, str]]:
    """Return the configs that are left alone after failures: id and name, 100 at most."""
    rows = Breaker.objects.filter(open_until__gt=database_seconds()).select_related(
        "config"
    )
    return [(row.pk, str(row.config)) for row in rows[:100]]


def configs_switched_off(limit: int = 100) -> list[OffConfig]:
    """Return the configs that the product switched off itself, the newest first."""
    off = UserConfig.objects.filter(is_active=False, disabled_at__isnull=False)
    rows = off.exclude(disabled_reason="").order_by("-disabled_at")[:limit]
    return [
        OffConfig(row.pk, row.user_id, row.channel_type, row.disabled_reason)
        for row in rows
    ]
