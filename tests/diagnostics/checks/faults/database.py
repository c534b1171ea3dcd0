"""Faults of the database: indexes, migrations, plans, sessions and locks."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from channels_app.models import NotificationLog
from diagnostics.checks import database, database_load, database_shape
from tests.diagnostics.checks.faults.planting import (
    CRITICAL,
    WARNING,
    Fault,
    Hand,
    log,
    sql,
)
from tests.waiting import wait_until


def an_index_is_dropped(hand: Hand) -> None:
    sql("DROP INDEX logs_due")


def a_unique_rule_is_dropped(hand: Hand) -> None:
    sql("ALTER TABLE delivery_attempts DROP CONSTRAINT one_attempt_per_number")


def an_index_whose_making_broke_off(hand: Hand) -> None:
    sql(
        "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'logs_due'::regclass"
    )


def a_migration_is_missing(hand: Hand) -> None:
    sql(
        "DELETE FROM django_migrations WHERE app = 'channels_app' AND name LIKE '0008%%'"
    )


def a_database_far_away(hand: Hand) -> None:
    hand.afterwards.enter_context(connection.execute_wrapper(_from_far_away))


def _from_far_away(execute: Callable[..., Any], statement: str, *others: Any) -> Any:
    if statement == "SELECT 1":
        time.sleep(1.2 * database.SLOW_MS / 1000)
    return execute(statement, *others)


def a_hot_query_without_its_index(hand: Hand) -> None:
    many_logs(10_000)
    hand.monkeypatch.setattr(database_shape, "LARGE_TABLE", 10_000)
    sql("DROP INDEX logs_created")
    sql("ANALYZE notification_logs")


def many_logs(count: int) -> None:
    fields = [str(field.column) for field in NotificationLog._meta.concrete_fields]
    columns = ", ".join(name for name in fields if name not in ("id", "message_id"))
    log()
    sql(
        f"""
        INSERT INTO notification_logs (message_id, {columns})
        WITH RECURSIVE numbers(number) AS (
            SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < %s)
        SELECT number, {columns} FROM notification_logs CROSS JOIN numbers""",
        count,
    )


def a_write_ahead_log_that_has_grown(hand: Hand) -> None:
    database_file = hand.folder / "db.sqlite3"
    hand.monkeypatch.setitem(connection.settings_dict, "NAME", str(database_file))
    with (hand.folder / "db.sqlite3-wal").open("wb") as file:
        file.truncate(round((database_load.WAL_LARGE_MB + 1) * database_load.MB))


def connections_used_up(hand: Hand) -> None:
    hand.monkeypatch.setattr(database_load, "CROWDED", 0.0)


def connections_all_used_up(hand: Hand) -> None:
    hand.monkeypatch.setattr(database_load, "CROWDED", 0.0)
    hand.monkeypatch.setattr(database_load, "FULL", 0.0)


@contextmanager
def another_session() -> Iterator[BaseDatabaseWrapper]:
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        yield other
    finally:
        other.close()


def a_transaction_that_stays_open(hand: Hand) -> None:
    hand.monkeypatch.setattr(database_load, "LONG_SECONDS", 0)
    other = hand.afterwards.enter_context(another_session())
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT 1")


def a_session_that_waits_for_a_lock(hand: Hand) -> None:
    hand.monkeypatch.setattr(database_load, "LOCK_SECONDS", 0)
    sql("SELECT pg_advisory_lock(4711)")
    other = hand.afterwards.enter_context(another_session())
    waiter = threading.Thread(target=_take_lock, args=(other,))
    waiter.start()
    hand.afterwards.callback(waiter.join)
    hand.afterwards.callback(sql, "SELECT pg_advisory_unlock(4711)")
    wait_until(_is_anybody_waiting, "the other session waits")


def _take_lock(other: BaseDatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711)")


def _is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def a_pool_that_is_used_up(hand: Hand) -> None:
    options = {"min_size": 1, "max_size": 1, "timeout": 20}
    hand.monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", options)
    hand.monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    postgres: Any = connection
    pool = postgres.pool
    hand.afterwards.callback(postgres.close_pool)
    pool.open()
    taken = pool.getconn()
    waiter = threading.Thread(target=lambda: pool.putconn(pool.getconn()))
    waiter.start()
    hand.afterwards.callback(waiter.join)
    hand.afterwards.callback(pool.putconn, taken)
    wait_until(lambda: pool.get_stats()["requests_waiting"], "somebody waits")


DATABASE_FAULTS = (
    Fault(an_index_is_dropped, "database.index_missing", CRITICAL),
    Fault(a_unique_rule_is_dropped, "database.index_missing", CRITICAL, "postgresql"),
    Fault(
        an_index_whose_making_broke_off,
        "database.index_missing",
        CRITICAL,
        "postgresql",
    ),
    Fault(a_migration_is_missing, "database.migrations_missing", CRITICAL),
    Fault(a_database_far_away, "database.slow", WARNING),
    Fault(a_hot_query_without_its_index, "database.plan_scans", WARNING),
    Fault(a_write_ahead_log_that_has_grown, "database.wal_large", WARNING, "sqlite"),
    Fault(connections_used_up, "database.connections", WARNING, "postgresql"),
    Fault(connections_all_used_up, "database.connections", CRITICAL, "postgresql"),
    Fault(a_pool_that_is_used_up, "database.pool_full", WARNING, "postgresql"),
    Fault(
        a_transaction_that_stays_open,
        "database.long_transaction",
        WARNING,
        "postgresql",
    ),
    Fault(a_session_that_waits_for_a_lock, "database.locked", WARNING, "postgresql"),
)
