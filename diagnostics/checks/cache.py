"""The cache, and Redis where it is set: reachable, quick, and shared or not."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

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

SLOW_MS = 50.0

AWAY = FindingKind(
    id="cache.away",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The cache cannot be used."),
    cause=_("Writing and reading a value ended with %(error)s."),
    remedy=_(
        "Start Redis, or correct REDIS_URL. Sending goes on by the database, more "
        "slowly; limits are counted for each process alone."
    ),
    verify=_("/health says that the cache is good."),
    fix_command="systemctl restart redis",
)
FORGETFUL = FindingKind(
    id="cache.forgetful",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The cache forgets at once."),
    cause=_("A value written a moment ago was not there any more."),
    remedy=_("Look at Redis' memory limit (maxmemory) and its eviction policy."),
    verify=_("Run the diagnosis again."),
    fix_command="redis-cli info memory",
)
SLOW = FindingKind(
    id="cache.slow",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The cache answers slowly."),
    cause=_("Writing and reading a value took %(latency_ms)s ms."),
    remedy=_("Look at the load of Redis and at the way there."),
    verify=_("It takes less than %(limit_ms)s ms."),
    fix_command="redis-cli --latency",
)


def look_at_round_trip() -> Iterator[Said]:
    """Write a value and read it back."""
    name, nonce = f"check:{secrets.token_hex(4)}", secrets.token_hex(8)
    begun = time.perf_counter()
    yield Fact("shared", "Redis" if settings.REDIS_URL else "–")
    try:
        cache.set(name, nonce, timeout=10)
        found = cache.get(name)
        cache.delete(name)
    except Exception as error:  # noqa: BLE001 - any cache may stand here, with its own
        yield AWAY.found(error=type(error).__name__)
        return
    latency = (time.perf_counter() - begun) * 1000
    yield Figure("round_trip", round(latency, 2), "ms")
    if found != nonce:
        yield FORGETFUL.found()
    elif latency > SLOW_MS:
        yield SLOW.found(latency_ms=round(latency, 1), limit_ms=f"{SLOW_MS:g}")


AREA = Area(
    checks=(Check("cache", Step.RESOURCES, _("Cache"), look_at_round_trip),),
    kinds=(AWAY, FORGETFUL, SLOW),
)
