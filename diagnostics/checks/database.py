"""The database: whether it answers, how fast, and whether it is the one the code needs."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import DatabaseError, connection
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
from diagnostics.checks.missing_migrations import missing_migrations

SLOW_MS = 50.0
TRIES = 5

UNREACHABLE = FindingKind(
    id="database.unreachable",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The database cannot be reached."),
    cause=_("Connecting ended with %(error)s."),
    remedy=_(
        "Look whether PostgreSQL runs, whether it is where DATABASE_URL says, and "
        "whether it lets this user in; with SQLite, whether the file can be opened."
    ),
    verify=_("/readyz answers 200."),
    fix_command="manage.py dbshell",
)
SLOW = FindingKind(
    id="database.slow",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The database answers slowly."),
    cause=_(
        "The simplest question took %(latency_ms)s ms (up to %(limit_ms)s is usual)."
    ),
    remedy=_(
        "Look at the load of its machine, at long transactions, and at the way there; "
        "a database far away slows down every send."
    ),
    verify=_("Run the diagnosis again: the latency is below %(limit_ms)s ms."),
    fix_command="manage.py diagnose",
)
MIGRATIONS_MISSING = FindingKind(
    id="database.migrations_missing",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The database is older than the code."),
    cause=_("%(count)s migrations are not applied: %(names)s."),
    remedy=_("Make a backup, then apply them. Nothing is sent meanwhile."),
    verify=_("/readyz answers 200."),
    fix_command="manage.py migrate",
)


def look_at_latency() -> Iterator[Said]:
    """Ask the simplest question a few times; the quickest answer counts."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        # The text names user and address, so only what kind of error it was is told.
        yield UNREACHABLE.found(error=type(error).__name__)
        return
    latency = min(_ask_once() for _try in range(TRIES))
    yield Fact("vendor", connection.vendor)
    yield Fact("version", ".".join(map(str, connection.get_database_version())))
    yield Figure("latency", round(latency, 2), "ms")
    if latency > SLOW_MS:
        yield SLOW.found(latency_ms=round(latency, 1), limit_ms=f"{SLOW_MS:g}")


def _ask_once() -> float:
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return (time.perf_counter() - begun) * 1000


def look_at_migrations() -> Iterator[Said]:
    """Compare the migrations of the code with those the database has."""
    if missing := missing_migrations():
        names = ", ".join(missing[:5])
        yield MIGRATIONS_MISSING.found(count=len(missing), names=names)


AREA = Area(
    checks=(
        Check(
            "database.latency", Step.DATABASE, _("Database latency"), look_at_latency
        ),
        Check(
            "database.migrations", Step.DATABASE, _("Migrations"), look_at_migrations
        ),
    ),
    kinds=(UNREACHABLE, SLOW, MIGRATIONS_MISSING),
)
