"""What a bulk replay would do: how many, which not and why, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Now

from channels_app.delivery.fresh_starts import current_configs, interval_of
from channels_app.delivery.restored import RESTORED
from channels_app.models import ApiClient, NotificationLog, Status, UserConfig
from channels_app.selectors.clock import database_time
from channels_app.selectors.visibility import visible_logs
from channels_app.services.deliveries import RetryFilter


class Fate(StrEnum):
    """What a bulk replay does with one failed delivery."""

    READY = "ready"
    TOO_OLD = "too_old"
    DUPLICATE = "duplicate"
    NO_CONTENT = "no_content"
    CONFIG_MISSING = "config_missing"
    CHANNEL_DISABLED = "channel_disabled"


STAYING = (Fate.NO_CONTENT, Fate.CONFIG_MISSING, Fate.CHANNEL_DISABLED)


@dataclass(frozen=True)
class ReplayFilter:
    """Which failed deliveries to send again; `client` None means everybody's.

    Too old is what has expired, or was accepted over REPLAY_MAX_AGE_HOURS ago. A
    duplicate is one whose user got the same content on that channel since. With
    `is_of_held`, not the failed ones are meant but those that a restore holds.
    """

    retry: RetryFilter = field(default_factory=RetryFilter)
    client: ApiClient | None = None
    include_old: bool = False
    include_duplicates: bool = False
    is_of_held: bool = False

    @property
    def source(self) -> Status:
        """The status of what is sent again."""
        return Status.UNKNOWN if self.is_of_held else Status.FAILED

    def failed(self) -> QuerySet[NotificationLog]:
        """Return all deliveries that are meant, whatever their fate."""
        client = self.client
        logs = NotificationLog.objects.all() if client is None else visible_logs(client)
        if self.is_of_held:
            logs = logs.filter(error_code=RESTORED)
        return self.retry.narrow(logs.filter(status=self.source))

    def as_dict(self) -> dict[str, Any]:
        """Return the filter as JSON holds it; nothing in it is secret."""
        named = {
            **asdict(self.retry),
            "client": self.client.key_id if self.client else None,
            "include_old": self.include_old or None,
            "include_duplicates": self.include_duplicates or None,
            "is_of_held": self.is_of_held or None,
        }
        return {name: _plain(v) for name, v in named.items() if v is not None}


@dataclass(frozen=True)
class ReplayPlan:
    """What a replay with this filter does, as of a moment of the database's clock.

    What fails after that moment is none of its business: a replay that is run again
    repeats nothing. `cannot_go` is by reason, `by_…` count what is `ready`;
    `seconds` is how long that takes at half of what its destinations allow.
    """

    wanted: ReplayFilter
    as_of: datetime
    matched: int
    ready: int
    too_old: int
    duplicates: int
    cannot_go: Mapping[str, int]
    by_channel: Mapping[str, int]
    by_config: Mapping[int, int]
    by_error: Mapping[str, int]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON tells it; configs by their id, the most first."""
        return {
            "as_of": self.as_of.isoformat(),
            "matched": self.matched,
            "ready": self.ready,
            "too_old": self.too_old,
            "duplicates": self.duplicates,
            "cannot_go": dict(self.cannot_go),
            "by_channel": dict(self.by_channel),
            "by_config": {str(key): n for key, n in self.by_config.items()},
            "by_error": dict(self.by_error),
            "seconds": round(self.seconds, 1),
        }


class _Group(NamedTuple):
    """So many deliveries that are alike in this."""

    fate: str
    channel_type: str
    route: int | None
    route_rate: int | None
    error_code: str
    destination: str
    number: int


MOST_CONFIGS = 100


def plan_replay(wanted: ReplayFilter) -> ReplayPlan:
    """Count what a replay would do now; it changes nothing."""
    as_of = database_time()
    groups = _groups(wanted, as_of)
    fates = _count(groups, "fate")
    ready = [group for group in groups if group.fate == Fate.READY]
    return ReplayPlan(
        wanted=wanted,
        as_of=as_of,
        matched=sum(fates.values()),
        ready=fates[Fate.READY],
        too_old=fates[Fate.TOO_OLD],
        duplicates=fates[Fate.DUPLICATE],
        cannot_go={str(fate): fates[fate] for fate in STAYING if fates[fate]},
        by_channel=dict(_count(ready, "channel_type").most_common()),
        by_config=dict(_count(ready, "route").most_common(MOST_CONFIGS)),
        by_error=dict(_count(ready, "error_code").most_common()),
        seconds=_seconds(ready),
    )


def next_failed(
    wanted: ReplayFilter, as_of: datetime, after: int, rows: int
) -> list[int]:
    """Return the ids of the next failed deliveries meant, whatever their fate."""
    failed = _by_then(wanted, as_of).filter(pk__gt=after).order_by("pk")
    return list(failed.values_list("pk", flat=True)[:rows])


def ready_logs(
    wanted: ReplayFilter, as_of: datetime, among: Sequence[int]
) -> QuerySet[NotificationLog]:
    """Return what a replay sends again, each with its `route` and its `route_rate`."""
    failed = _by_then(wanted, as_of).filter(pk__in=among)
    fated = _with_routes(failed).annotate(fate=_fate(wanted, failed))
    return fated.filter(fate=Fate.READY)


def _fate(wanted: ReplayFilter, failed: QuerySet[NotificationLog]) -> Case:
    cases = [
        When(content="", then=Value(Fate.NO_CONTENT)),
        When(route_is_on__isnull=True, then=Value(Fate.CONFIG_MISSING)),
        When(route_is_on=False, then=Value(Fate.CHANNEL_DISABLED)),
    ]
    if not wanted.include_old:
        oldest = Now() - timedelta(hours=settings.REPLAY_MAX_AGE_HOURS)
        too_old = Q(expires_at__lte=Now()) | Q(created_at__lt=oldest)
        cases.append(When(too_old, then=Value(Fate.TOO_OLD)))
    if not wanted.include_duplicates:
        since = _sent_since(failed, wanted.source)
        cases.append(When(pk__in=since, then=Value(Fate.DUPLICATE)))
    return Case(*cases, default=Value(Fate.READY), output_field=CharField())


def _sent_since(failed: QuerySet[NotificationLog], source: Status) -> QuerySet[Any]:
    """Return the ids of what went out with the same content later, in one pass.

    What was sent and what failed is read once and sorted together by what makes it
    the same: to look for each one's likes takes the square of a user's deliveries.
    """
    sent_at = Case(When(status=Status.SENT, then=F("sent_at")))
    last_sent = Window(
        Max(sent_at),
        partition_by=["client", "user_id", "channel_type", "subject", "content"],
    )
    return (
        NotificationLog.objects.filter(
            status__in=[Status.SENT, source],
            user_id__in=failed.order_by().values("user_id"),
        )
        .annotate(last_sent=last_sent)
        .filter(last_sent__gte=F("created_at"))
        .order_by()
        .values("pk")
    )


def _by_then(wanted: ReplayFilter, as_of: datetime) -> QuerySet[NotificationLog]:
    by_then = Q(settled_at__isnull=True) | Q(settled_at__lte=as_of)
    return wanted.failed().filter(by_then)


def _with_routes(failed: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
    route = UserConfig.objects.filter(pk=OuterRef("route"))
    return failed.annotate(
        route=Coalesce(F("config_id"), Subquery(current_configs()))
    ).annotate(
        route_is_on=Subquery(route.values("is_active")[:1]),
        route_rate=Subquery(route.values("sends_per_minute")[:1]),
    )


def _groups(wanted: ReplayFilter, as_of: datetime) -> list[_Group]:
    failed = _by_then(wanted, as_of)
    fated = _with_routes(failed).annotate(fate=_fate(wanted, failed)).order_by()
    alike = fated.values(*_Group._fields[:-1]).annotate(number=Count("pk"))
    return [_Group(*row) for row in alike.values_list(*_Group._fields)]


def _count(groups: Iterable[_Group], name: str) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for group in groups:
        found[getattr(group, name)] += group.number
    return found


def _seconds(ready: Iterable[_Group]) -> float:
    """Return how long the slowest destination takes; all others go beside it."""
    each: Counter[str] = Counter()
    intervals: dict[str, float] = {}
    for group in ready:
        name = group.destination
        each[name] += group.number
        intervals[name] = interval_of(
            group.channel_type, group.route or 0, group.route_rate
        )
    return max(((n - 1) * intervals[name] for name, n in each.items()), default=0.0)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
