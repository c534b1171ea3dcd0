"""What keeps the database quick: its indexes, and whether the hot queries use them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Index, Model, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from channels_app.services.hot_queries import hot_queries
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
from diagnostics.checks.missing_migrations import missing_migrations

OUR_APPS = ("channels_app", "templates_app", "diagnostics")
# A small table is rightly read whole: PostgreSQL does so to write down outcomes.
LARGE_TABLE = 50_000
_RULE = re.compile(r'CONSTRAINT "(\w+)"')

INDEX_MISSING = FindingKind(
    id="database.index_missing",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("An index is missing: %(index)s."),
    cause=_("The table %(table)s has no index of that name; the code counts on it."),
    remedy=_(
        "Make it again; on PostgreSQL without locking the table: CREATE INDEX "
        "CONCURRENTLY, with the statement in evidence."
    ),
    verify=_("Run the diagnosis again: no index is missing."),
    fix_command="manage.py dbshell",
)
PLAN_SCANS = FindingKind(
    id="database.plan_scans",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("A hot query reads a whole table: %(query)s."),
    cause=_(
        "Its plan scans %(table)s, about %(rows)s rows, instead of using an index."
    ),
    remedy=_(
        "Bring the statistics up to date. If that does not help, look for a missing "
        "index among the findings."
    ),
    verify=_("Run the diagnosis again: every hot query uses an index."),
    fix_command="echo 'ANALYZE;' | manage.py dbshell",
)


def look_at_indexes() -> Iterator[Said]:
    """Compare the indexes that the models name with those that are there."""
    if missing_migrations():
        # They bring their indexes along; what is missing now is no finding of its own.
        return
    wanted, there = 0, _names_there()
    for model in _our_models():
        table = model._meta.db_table
        for index in model._meta.indexes:
            wanted += 1
            if index.name not in there:
                yield _missing(model, index)
        for rule in model._meta.constraints:
            if isinstance(rule, UniqueConstraint) and rule.name not in there:
                yield INDEX_MISSING.found(rule.name, index=rule.name, table=table)
    yield Figure("indexes", wanted)


def _names_there() -> set[str]:
    """Return the names of all indexes that can be used, and of all unique rules."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What a CREATE INDEX CONCURRENTLY that broke off leaves is no index.
            cursor.execute(
                """
                SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                WHERE indisvalid AND pg_table_is_visible(indexrelid)"""
            )
            return {name for [name] in cursor.fetchall()}
        # SQLite keeps the name of a rule in its table's statement alone.
        cursor.execute("SELECT type, name, sql FROM sqlite_master")
        rows = cursor.fetchall()
    indexes = {name for kind, name, _sql in rows if kind == "index"}
    return indexes.union(*(_RULE.findall(sql or "") for _kind, _name, sql in rows))


def _our_models() -> Iterator[type[Model]]:
    for app in OUR_APPS:
        yield from apps.get_app_config(app).get_models()


def _missing(model: type[Model], index: Index) -> Said:
    # Entering the editor would begin a transaction, which takes SQLite's only lock.
    statement = str(index.create_sql(model, connection.schema_editor(collect_sql=True)))
    return INDEX_MISSING.found(
        index.name, index=index.name, table=model._meta.db_table, statement=statement
    )


def look_at_plans() -> Iterator[Said]:
    """Ask the database how it would run the product's own hot queries."""
    scanned = 0
    for name, (sql, parameters) in hot_queries().items():
        for table in _scanned_tables(sql, parameters):
            rows = _rows_about(table)
            if rows >= LARGE_TABLE:
                scanned += 1
                yield PLAN_SCANS.found(name, query=name, table=table, rows=rows)
    yield Figure("scans", scanned)


def _scanned_tables(sql: str, parameters: tuple[Any, ...]) -> set[str]:
    if connection.vendor == "postgresql":
        return set(_sequential_scans(_explained(sql, parameters)))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        details = [str(row[-1]) for row in cursor.fetchall()]
    if len(details) == 1 and "LIMIT" in sql and "WHERE" not in sql:
        # It walks the table in its own order and stops at the limit.
        return set()
    return {
        detail.split()[1]
        for detail in details
        if detail.startswith("SCAN ") and "INDEX" not in detail
    } & set(connection.introspection.table_names())


def _explained(sql: str, parameters: tuple[Any, ...]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        [plan] = cursor.fetchone()
    return json.loads(plan) if isinstance(plan, str) else plan


def _sequential_scans(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _sequential_scans(part)
    elif isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield str(plan["Relation Name"])
        yield from _sequential_scans(plan.get("Plan"))
        yield from _sequential_scans(plan.get("Plans"))


def _rows_about(table: str) -> int:
    """Return about how many rows a table has, without counting a large one."""
    sql = "SELECT seq FROM sqlite_sequence WHERE name = %s"
    if connection.vendor == "postgresql":
        sql = "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass"
    with connection.cursor() as cursor:
        cursor.execute(sql, [table])
        row = cursor.fetchone()
    # PostgreSQL says -1 of a table that was never analysed.
    return max(0, int(row[0])) if row else 0


AREA = Area(
    checks=(
        Check("database.indexes", Step.DATABASE, _("Indexes"), look_at_indexes),
        Check("database.plans", Step.DATABASE, _("Plans"), look_at_plans, seconds=5),
    ),
    kinds=(INDEX_MISSING, PLAN_SCANS),
)
