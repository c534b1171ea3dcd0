"""What weighs on the database: transactions, locks, connections, size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

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

LONG_SECONDS = 60
LOCK_SECONDS = 10
CROWDED, FULL = 0.8, 0.9
WAL_LARGE_MB = 256.0
MB = 1024.0 * 1024.0
OUR_TABLES = ("notification_logs", "delivery_attempts", "idempotency_keys")

LONG_TRANSACTION = FindingKind(
    id="database.long_transaction",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("A transaction has been open for long."),
    cause=_(
        "Session %(pid)s of %(application)s began it %(seconds)s s ago and is "
        "“%(state)s”. Meanwhile nothing that is deleted can be cleaned up."
    ),
    remedy=_("Find who runs it. If nobody needs it, end it with the statement."),
    verify=_("No transaction is older than %(limit)s s."),
    fix_command="echo 'SELECT pg_terminate_backend(%(pid)s);' | manage.py dbshell",
)
LOCKED = FindingKind(
    id="database.locked",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Sessions wait for a lock."),
    cause=_("%(count)s have waited for up to %(seconds)s s; %(blockers)s hold it."),
    remedy=_("Look what the holders do; end one that nobody needs."),
    verify=_("Nobody waits longer than %(limit)s s."),
    fix_command="echo 'SELECT * FROM pg_stat_activity;' | manage.py dbshell",
)
CONNECTIONS = FindingKind(
    id="database.connections",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The database has nearly no connections left."),
    cause=_("%(used)s of %(limit)s are used, %(ours)s of them by this product."),
    remedy=_(
        "See who holds them. Use fewer web processes or workers, a pooler "
        "(PgBouncer), or raise max_connections."
    ),
    verify=_("Fewer than four fifths are used."),
    fix_command=(
        "echo 'SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1;'"
        " | manage.py dbshell"
    ),
)
POOL_FULL = FindingKind(
    id="database.pool_full",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Requests wait for a connection to the database."),
    cause=_(
        "%(used)s of %(limit)s connections of this web process are used, and "
        "%(waiting)s requests wait for one."
    ),
    remedy=_(
        "Look for slow statements and long transactions first. If there are none, start "
        "more web processes: each has a pool of its own."
    ),
    verify=_("No request waits for a connection."),
    fix_command="manage.py diagnose",
)
WAL_LARGE = FindingKind(
    id="database.wal_large",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("SQLite's write-ahead log has grown."),
    cause=_("It holds %(mb)s MB: somebody reads in a transaction that never ends."),
    remedy=_("Find and end the long reader (a shell, a copy), then shorten the log."),
    verify=_("It is smaller than %(limit_mb)s MB."),
    fix_command="echo 'PRAGMA wal_checkpoint(TRUNCATE);' | manage.py dbshell",
)
DAMAGED = FindingKind(
    id="database.damaged",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The database file is damaged."),
    cause=_("SQLite's own check says: %(said)s."),
    remedy=_(
        "Stop everything, keep a copy of the file, and restore the newest verified "
        "backup. Look at the disk before you go on."
    ),
    verify=_("PRAGMA quick_check says ok."),
    fix_command="manage.py list_backups",
)


def look_at_load() -> Iterator[Said]:
    """Look at sessions and size, as far as the database tells."""
    if connection.vendor == "postgresql":
        yield from _long_transactions()
        yield from _waits()
        yield from _connections()
        yield from _pool()
        yield from _sizes()
    else:
        yield from _sqlite_sizes()


def look_at_integrity() -> Iterator[Said]:
    """Let SQLite check its file; PostgreSQL looks after its own."""
    if connection.vendor != "sqlite":
        return
    [[said]] = _rows("PRAGMA quick_check(1)")
    if said != "ok":
        yield DAMAGED.found(said=str(said)[:300])


def _long_transactions() -> Iterator[Said]:
    found = _rows(
        """
        SELECT pid, application_name, state, extract(epoch FROM clock_timestamp() - xact_start)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND clock_timestamp() - xact_start > make_interval(secs => %s)
        ORDER BY xact_start LIMIT 5""",
        LONG_SECONDS,
    )
    yield Figure("long_transactions", len(found))
    for pid, application, state, seconds in found:
        yield LONG_TRANSACTION.found(
            str(pid),
            pid=pid,
            application=application or "?",
            state=state,
            seconds=round(seconds),
            limit=LONG_SECONDS,
        )


def _waits() -> Iterator[Said]:
    found = _rows(
        """
        SELECT extract(epoch FROM clock_timestamp() - query_start), pg_blocking_pids(pid)
        FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND clock_timestamp() - query_start > make_interval(secs => %s)""",
        LOCK_SECONDS,
    )
    if found:
        blockers = sorted({pid for _seconds, pids in found for pid in pids})
        yield LOCKED.found(
            count=len(found),
            seconds=round(max(seconds for seconds, _pids in found)),
            blockers=", ".join(map(str, blockers)) or "?",
            limit=LOCK_SECONDS,
        )


def _connections() -> Iterator[Said]:
    [[used, ours, limit]] = _rows(
        """
        SELECT count(*), count(*) FILTER (WHERE application_name LIKE %s),
            current_setting('max_connections')::int
        FROM pg_stat_activity WHERE backend_type = 'client backend'""",
        "notifications-%",
    )
    yield Figure("connections", used)
    if used >= CROWDED * limit:
        is_full = used >= FULL * limit
        yield CONNECTIONS.found(
            severity=Severity.CRITICAL if is_full else Severity.WARNING,
            used=used,
            ours=ours,
            limit=limit,
        )


def _pool() -> Iterator[Said]:
    """Look at this process's own pool; only web processes have one."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    used = stats["pool_size"] - stats["pool_available"]
    waiting = stats["requests_waiting"]
    yield Figure("pool_used", used)
    if waiting:
        limit = stats["pool_max"]
        yield POOL_FULL.found(used=used, limit=limit, waiting=waiting)


def _sizes() -> Iterator[Said]:
    [[whole]] = _rows("SELECT pg_database_size(current_database())")
    yield Figure("size", round(whole / MB, 1), "MB")
    for table in OUR_TABLES:
        [[size]] = _rows("SELECT pg_total_relation_size(%s::regclass)", table)
        yield Figure(f"size.{table}", round(size / MB, 1), "MB")


def _sqlite_sizes() -> Iterator[Said]:
    [[pages], [page]] = _rows("PRAGMA page_count"), _rows("PRAGMA page_size")
    yield Figure("size", round(pages[0] * page[0] / MB, 1), "MB")
    wal = Path(f"{connection.settings_dict['NAME']}-wal")
    size = wal.stat().st_size / MB if wal.is_file() else 0.0
    yield Figure("wal", round(size, 1), "MB")
    if size > WAL_LARGE_MB:
        yield WAL_LARGE.found(mb=round(size), limit_mb=f"{WAL_LARGE_MB:g}")


def _rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


AREA = Area(
    checks=(
        Check("database.load", Step.DATABASE, _("Load of the database"), look_at_load),
        Check(
            "database.integrity",
            Step.DATABASE,
            _("Integrity of SQLite's file"),
            look_at_integrity,
            seconds=10,
        ),
    ),
    kinds=(LONG_TRANSACTION, LOCKED, CONNECTIONS, POOL_FULL, WAL_LARGE, DAMAGED),
)
