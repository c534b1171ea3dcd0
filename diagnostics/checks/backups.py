"""Backups: whether there is a fresh one, and whether one was proved by restoring it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from channels_app.selectors.clock import database_time
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
from diagnostics.models import Backup
from diagnostics.models.backups import BackupState

STALE_DAYS = 2
UNPROVED_DAYS = 14
_DAY = 24 * 3600
_PAGE = "admin:diagnostics_backup_changelist"

STALE = FindingKind(
    id="backups.stale",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("There is no fresh backup."),
    cause=_("For %(days)s days none was made; a disaster now would cost all of that."),
    remedy=_(
        "Make one now, then see in Scheduled work why the daily one was not made, and in "
        "the list of backups what stopped the last."
    ),
    verify=_("The newest backup is younger than %(most)s days."),
    fix_command="manage.py backup",
    page=_PAGE,
)
UNPROVED = FindingKind(
    id="backups.unproved",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("No backup was proved lately."),
    cause=_("For %(days)s days none was restored to see whether it can be."),
    remedy=_("Prove the newest one: it is restored into a scratch database."),
    verify=_("The last proof is younger than %(most)s days."),
    fix_command="manage.py verify_backup %(name)s",
    page=_PAGE,
)
BAD = FindingKind(
    id="backups.bad",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The last backup that was tried does not restore."),
    cause=_("%(name)s: %(found)s"),
    remedy=_("Make a new one and prove it at once; if it is bad too, report it."),
    verify=_("The newest proof is good."),
    fix_command="manage.py backup",
    page=_PAGE,
)


def look_at_backups() -> Iterator[Said]:
    """Look when the last one was made, when one was last proved, and what came of it."""
    now = database_time()
    ready = Backup.objects.filter(state=BackupState.READY)
    since = _installed_at() or now
    newest = ready.order_by("-started_at").first()
    age = _days(now, newest.started_at if newest else since)
    if newest is not None:
        yield Figure("newest", age, "d")
    if age > STALE_DAYS:
        yield STALE.found(days=age, most=STALE_DAYS)
    tried = ready.filter(is_good__isnull=False).order_by("-verified_at").first()
    if tried is not None and not tried.is_good:
        yield BAD.found(name=tried.name, found=tried.verification)
    proved = ready.filter(is_good=True).aggregate(at=Max("verified_at"))["at"]
    first = ready.aggregate(at=Min("started_at"))["at"]
    unproved = _days(now, proved or first or now)
    if newest is not None and unproved > UNPROVED_DAYS:
        yield UNPROVED.found(days=unproved, most=UNPROVED_DAYS, name=newest.name)


def _installed_at() -> datetime | None:
    applied = MigrationRecorder.Migration.objects.aggregate(at=Min("applied"))
    moment: datetime | None = applied["at"]
    return moment


def _days(now: datetime, then: datetime) -> float:
    return round(max((now - then).total_seconds(), 0) / _DAY, 1)


AREA = Area(
    checks=(Check("backups", Step.RESOURCES, _("Backups"), look_at_backups),),
    kinds=(STALE, UNPROVED, BAD),
)
