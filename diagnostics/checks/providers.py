"""The providers: what they took in the last hour, how fast, and which are left alone."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from channels_app.selectors.provider_health import (
    KindHealth,
    configs_switched_off,
    kinds_last_hour,
    open_breakers,
)
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

# Fewer attempts say nothing about a provider.
ENOUGH = 20
POOR, TERRIBLE = 0.9, 0.5
SLOW_MS = 5000.0

FAILING = FindingKind(
    id="providers.failing",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Many sends to %(channel)s fail."),
    cause=_(
        "In the last hour %(bad)s of %(total)s attempts failed, mostly with "
        "“%(error)s”."
    ),
    remedy=_(
        "Open a failed delivery of that channel: it explains the error and who must "
        "act. If the provider is down, pause the channel: nothing is lost."
    ),
    verify=_("More than nine of ten attempts of the next hour succeed."),
    fix_command="manage.py sending pause --channel %(channel)s",
    page="admin:channels_app_notificationlog_changelist",
)
SLOW = FindingKind(
    id="providers.slow",
    severity=Severity.WARNING,
    who=Who.OWNER,
    title=_("%(channel)s answers slowly."),
    cause=_("One of twenty answers took longer than %(p95_ms)s ms."),
    remedy=_(
        "Slow receivers hold nobody else up. For a webhook of your own: answer first, "
        "work afterwards."
    ),
    verify=_("The 95th percentile is below %(limit_ms)s ms."),
    page="admin:channels_app_notificationlog_changelist",
)
BREAKERS = FindingKind(
    id="providers.breakers_open",
    severity=Severity.WARNING,
    who=Who.OWNER,
    title=_("Channels are left alone after failures in a row."),
    cause=_("%(count)s breakers are open: %(names)s."),
    remedy=_(
        "Each is tried again by itself, at the latest after 15 minutes. Look at the "
        "last failed delivery of one: it says what is wrong there."
    ),
    verify=_("A delivery to the channel is sent; its breaker closes."),
    page="admin:channels_app_userconfig_changelist",
)
OFF = FindingKind(
    id="providers.configs_off",
    severity=Severity.WARNING,
    who=Who.OWNER,
    title=_("Channels were switched off, because they are gone for good."),
    cause=_("%(count)s channel configs, such as %(name)s: %(reason)s."),
    remedy=_(
        "Their owners must give a new address or let the bot in again; saving the "
        "config switches it on."
    ),
    verify=_("A test send from the config's page arrives."),
    page="admin:channels_app_userconfig_changelist",
)


def look_at_answers() -> Iterator[Said]:
    """Look at the last hour of each kind of channel."""
    for health in kinds_last_hour():
        yield Figure(f"{health.channel_type}.success", _per_cent(health), "%")
        if health.p95_ms is not None:
            yield Figure(f"{health.channel_type}.p95", health.p95_ms, "ms")
        yield from _judged(health)


def _per_cent(health: KindHealth) -> float:
    return round(100 * health.success_rate, 1)


def _judged(health: KindHealth) -> Iterator[Said]:
    if health.total < ENOUGH:
        return
    kind = health.channel_type
    if health.success_rate < POOR:
        is_terrible = health.success_rate < TERRIBLE
        yield FAILING.found(
            kind,
            severity=Severity.CRITICAL if is_terrible else Severity.WARNING,
            channel=kind,
            bad=health.bad,
            total=health.total,
            error=health.commonest_error or "?",
        )
    if health.p95_ms is not None and health.p95_ms > SLOW_MS:
        p95, limit = round(health.p95_ms), f"{SLOW_MS:g}"
        yield SLOW.found(kind, channel=kind, p95_ms=p95, limit_ms=limit)


def look_at_breakers() -> Iterator[Said]:
    """Look which configs are left alone for a while."""
    found = open_breakers()
    yield Figure("breakers_open", len(found))
    if found:
        names = ", ".join(name for _id, name in found[:5])
        yield BREAKERS.found(count=len(found), names=names)


def look_at_configs() -> Iterator[Said]:
    """Look which configs the product has switched off."""
    found = configs_switched_off()
    yield Figure("configs_off", len(found))
    if found:
        first = found[0]
        name = f"{first.user_id} · {first.channel_type}"
        yield OFF.found(count=len(found), name=name, reason=first.reason)


AREA = Area(
    checks=(
        Check("providers.answers", Step.ERRORS, _("Answers"), look_at_answers),
        Check("providers.breakers", Step.ERRORS, _("Breakers"), look_at_breakers),
        Check("providers.configs", Step.ERRORS, _("Dead channels"), look_at_configs),
    ),
    kinds=(FAILING, SLOW, BREAKERS, OFF),
)
