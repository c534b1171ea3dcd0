"""The words in which the two databases differ, so that each statement is written once.

Times are the database's own: the clocks of web and worker machines never enter a
lease or a due time. SQLite's format has percent signs in it: a statement is always
executed with a list of parameters, be it empty, so that Django unescapes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from threading import RLock
from typing import Any

import msgspec
from django.db import connection


@dataclass(frozen=True)
class Column:
    """A column of a set that is handed to the database as one JSON parameter."""

    name: str
    kind: str  # integer, real, text, json, flag or time (an ISO 8601 text)


POSTGRES_TYPES = {
    "integer": "bigint",
    "real": "double precision",
    "text": "text",
    "json": "jsonb",
    "flag": "boolean",
    "time": "timestamptz",
}


# So many places for values a statement of SQLite may have, with some to spare.
MOST_VALUES = 30_000

_WRITER = RLock()


def one_writer() -> AbstractContextManager[object]:
    """Return what this process's threads hold while they write to SQLite.

    SQLite lets one connection write; the others sleep and look again, up to 100 ms
    later. Threads that queue for a lock go on at once.
    """
    return nullcontext() if is_postgres() else _WRITER


def is_postgres() -> bool:
    """Return whether the default database is PostgreSQL (else it is SQLite)."""
    return connection.vendor == "postgresql"


def close_lost_connection() -> None:
    """Let the next statement connect anew; Django does so between requests only.

    Inside a transaction nothing is closed: whoever began it must end it.
    """
    if not connection.in_atomic_block:
        connection.close()


def now() -> str:
    """Return the SQL of the database's present time."""
    if is_postgres():
        return "clock_timestamp()"
    return "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"


def now_plus(seconds: str) -> str:
    """Return the SQL of a time so many seconds ahead; `seconds` is SQL itself."""
    if is_postgres():
        return f"clock_timestamp() + make_interval(secs => {seconds})"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', {seconds} || ' seconds')"


def unix_now() -> str:
    """Return the SQL of the database's present time in seconds since 1970."""
    if is_postgres():
        return "extract(epoch FROM clock_timestamp())::double precision"
    return "((julianday('now') - 2440587.5) * 86400.0)"


def greatest(left: str, right: str) -> str:
    """Return the SQL of the greater of two values that are not null."""
    return f"(CASE WHEN {left} > {right} THEN {left} ELSE {right} END)"


def skip_locked() -> str:
    """Return the clause by which two claimers never wait for each other."""
    return "FOR UPDATE SKIP LOCKED" if is_postgres() else ""


def rows_of(columns: Sequence[Column]) -> str:
    """Return a FROM item named `r` that reads one JSON parameter as rows."""
    if is_postgres():
        types = ", ".join(f"{c.name} {POSTGRES_TYPES[c.kind]}" for c in columns)
        return f"jsonb_to_recordset(%s::jsonb) AS r({types})"
    fields = ", ".join(f"{_sqlite_value(c)} AS {c.name}" for c in columns)
    return f"(SELECT {fields} FROM json_each(%s)) AS r"


def rows_from(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> tuple[str, list[Any]]:
    """Return a FROM item named `r` that holds rows, and its parameters.

    SQLite takes values four times faster than it takes JSON apart, PostgreSQL does not.
    """
    if is_postgres() or not 0 < len(rows) <= MOST_VALUES // len(columns):
        return rows_of(columns), [as_parameter(rows)]
    kinds = [(column.name, column.kind) for column in columns]
    values = [_plain(row[name], kind) for row in rows for name, kind in kinds]
    return _values_sql(tuple(columns), len(rows)), values


def _plain(value: Any, kind: str) -> Any:
    if kind != "json" or value is None:
        return value
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=64)
def _values_sql(columns: tuple[Column, ...], count: int) -> str:
    fields = ", ".join(
        f"{_as_kind(f'column{number}', column)} AS {column.name}"
        for number, column in enumerate(columns, start=1)
    )
    row = f"({', '.join(['%s'] * len(columns))})"
    return f"(SELECT {fields} FROM (VALUES {', '.join([row] * count)})) AS r"


def _sqlite_value(column: Column) -> str:
    return _as_kind(f"json_extract(value, '$.{column.name}')", column)


def _as_kind(value: str, column: Column) -> str:
    if column.kind == "time":
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {value})"
    return value


def as_parameter(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as the JSON text that `rows_of` reads."""
    return msgspec.json.encode(list(rows)).decode()


def as_datetime(value: object) -> datetime | None:
    """Return a time as it comes from either database, aware and in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None
