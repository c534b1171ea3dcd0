"""What goes through: the last hour's figures, its errors by pattern, and how fast it is."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from channels_app.selectors.error_patterns import error_patterns
from channels_app.selectors.figures import Window, percentiles
from channels_app.selectors.overview import last_hour
from diagnostics.checks.contract import (
    Area,
    Check,
    Fact,
    Figure,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)
from diagnostics.metrics.figures import figures

HOUR = 3600
ENOUGH = 20
MUCH = 0.01

MANY_FAILED = FindingKind(
    id="traffic.many_failed",
    severity=Severity.INFO,
    who=Who.OPERATOR,
    title=_("Some deliveries of the last hour failed."),
    cause=_("%(failed)s of %(accepted)s failed, mostly with “%(pattern)s”."),
    remedy=_(
        "Open one of them: its page explains the error. When the cause is mended, send "
        "them again in bulk; the plan shows what would happen."
    ),
    verify=_("Fewer than one of a hundred deliveries of the next hour fail."),
    fix_command="manage.py replay",
    page="admin:channels_app_notificationlog_changelist",
)


def look_at_last_hour() -> Iterator[Said]:
    """Count what was accepted, sent and failed in the last hour."""
    hour = last_hour()
    yield Figure("accepted", hour.accepted)
    yield Figure("sent", hour.sent)
    yield Figure("failed", hour.failed)
    yield Figure("waiting", hour.waiting)


def look_at_errors() -> Iterator[Said]:
    """Group the failures of the last hour by channel and error."""
    patterns = error_patterns()
    for pattern in patterns:
        yield Fact(f"{pattern.channel_type} {pattern.error_code}", str(pattern.count))
    hour = last_hour()
    if hour.accepted >= ENOUGH and hour.failed > MUCH * hour.accepted and patterns:
        first = patterns[0]
        yield MANY_FAILED.found(
            failed=hour.failed,
            accepted=hour.accepted,
            pattern=f"{first.channel_type} {first.error_code}",
        )


def look_at_speed() -> Iterator[Said]:
    """Look how long sends take, and how many there are."""
    found = figures(Window(seconds=HOUR))
    for share, value in percentiles(found.times, 0.5, 0.95, 0.99).items():
        if value is not None:
            yield Figure(f"p{share * 100:g}", value, "ms")
    yield Figure("accepted_last_minute", found.pace.accepted_last_minute)
    yield Figure("sent_last_minute", found.sent_last_minute)
    caches = {
        "config_cache": found.config_cache,
        "template_cache": found.template_cache,
    }
    for name, use in caches.items():
        if use.hit_rate is not None:
            yield Figure(name, round(100 * use.hit_rate, 1), "%")


AREA = Area(
    checks=(
        Check("traffic.hour", Step.DATABASE, _("Last hour"), look_at_last_hour),
        Check("traffic.errors", Step.ERRORS, _("Errors by pattern"), look_at_errors),
        Check("traffic.speed", Step.PERFORMANCE, _("Speed"), look_at_speed),
    ),
    kinds=(MANY_FAILED,),
)
