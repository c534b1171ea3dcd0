"""Every check there is, and every kind of finding. A new area is one line here."""

from __future__ import annotations

from diagnostics.checks import (
    backups,
    cache,
    content,
    database,
    database_load,
    database_shape,
    environment,
    growth,
    machine,
    outside,
    providers,
    queue,
    traffic,
    unfinished,
)
from diagnostics.checks.contract import Area, Check, FindingKind

AREAS: tuple[Area, ...] = (
    content.AREA,
    database.AREA,
    database_shape.AREA,
    database_load.AREA,
    traffic.AREA,
    providers.AREA,
    queue.AREA,
    cache.AREA,
    machine.AREA,
    growth.AREA,
    backups.AREA,
    environment.AREA,
)

CHECKS: dict[str, Check] = {
    check.name: check for area in AREAS for check in area.checks
}
KINDS: dict[str, FindingKind] = {
    kind.id: kind
    for kinds in (*(area.kinds for area in AREAS), unfinished.KINDS, outside.KINDS)
    for kind in kinds
}

# What has to be right before anything can work.
ENVIRONMENT_CHECKS: tuple[Check, ...] = (
    *environment.AREA.checks,
    *database.AREA.checks,
    *cache.AREA.checks,
    CHECKS["machine.disk"],
    CHECKS["machine.clock"],
    CHECKS["secrets"],
)
