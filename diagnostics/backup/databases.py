"""Connections of a backup's own: one snapshot to read from, and scratch databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.utils import load_backend

SNAPSHOT = "backup_snapshot"
_READS_ONE_STATE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# In kibibytes, as SQLite takes negative numbers.
_FEW_PAGES = -4000
# A backup of an hour is no accident.
_NO_LIMITS = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)


def settings_like_default(**changes: object) -> dict[str, Any]:
    """Return the description of the database in use, unpooled, with changes."""
    described = deepcopy(
        {
            name: value
            for name, value in connections[DEFAULT_DB_ALIAS].settings_dict.items()
            if name != "TEST"
        }
    )
    options = {k: v for k, v in described.get("OPTIONS", {}).items() if k != "pool"}
    test = deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict["TEST"])
    return {**described, "OPTIONS": options, "TEST": test, **changes}


@contextmanager
def connected(alias: str, described: Mapping[str, Any]) -> Iterator[str]:
    """Open a connection under a name of its own until the block ends."""
    module = load_backend(described["ENGINE"])
    wrapper = module.DatabaseWrapper(dict(described), alias)
    connections[alias] = wrapper
    try:
        yield alias
    finally:
        wrapper.close()
        del connections[alias]


@contextmanager
def snapshot() -> Iterator[str]:
    """Let everything in the block be read as it was at one moment; writers go on."""
    described = settings_like_default()
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        described["OPTIONS"] = {**described["OPTIONS"], "transaction_mode": "DEFERRED"}
    with (
        connected(SNAPSHOT, described) as alias,
        small_cache(alias),
        transaction.atomic(using=alias),
    ):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                for statement in (_READS_ONE_STATE, *_NO_LIMITS):
                    cursor.execute(statement)
        yield alias


@contextmanager
def small_cache(using: str) -> Iterator[None]:
    """Let SQLite keep few pages in memory: each row is passed by once only."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        usual = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA cache_size = {_FEW_PAGES}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def present(using: str) -> datetime:
    """Return the database's time, to the second or better."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        moment = cursor.fetchone()[0]
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
