"""Faults to plant: each breaks one thing as life does, and names what is to be found."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.test.utils import override_settings

from channels_app.models import (
    Breaker,
    FeatureFlag,
    NotificationLog,
    Outcome,
    RunStatus,
    Schedule,
    Status,
    TaskExecutionRecord,
    UserConfig,
    WorkerHeartbeat,
)
from channels_app.processes.child import PROJECT_DIR
from channels_app.selectors.disk import disk_state
from channels_app.selectors.switches import MEMORY
from diagnostics.checks import (
    cache,
    database,
    database_load,
    database_shape,
    environment,
    machine,
)
from diagnostics.checks.contract import Severity
from diagnostics.checks.processes import our_processes
from diagnostics.models import Backup
from notifications_site.environment import ENVIRONMENT, Problem
from templates_app.models import TemplateContent
from templates_app.services import save_template
from tests.channels_app.delivery.deliveries import default_client, webhook_config
from tests.channels_app.rows import make_attempt, make_log
from tests.notifications_site.programs import free_port
from tests.waiting import wait_until

URL = "https://receiver.example/hook"
LONG_AGO = 10**9


@dataclass(frozen=True)
class Hand:
    """What a fault is planted with."""

    settings: LazySettings
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    afterwards: ExitStack


@dataclass(frozen=True)
class Fault:
    """One planted fault and the finding it must lead to; `only_on` names a database."""

    plant: Callable[[Hand], Any]
    finds: str
    severity: Severity
    only_on: str = ""

    @property
    def name(self) -> str:
        return self.plant.__name__.replace("_", " ")


def live_worker(name: str) -> None:
    WorkerHeartbeat.objects.create(
        name=name, host="here", pid=1, started_at=Now(), seen_at=Now()
    )


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))


def log(**fields: Any) -> NotificationLog:
    return make_log(default_client(), channel_type="webhook", **fields)


def attempts(outcome: Outcome, count: int, **fields: Any) -> None:
    one = log(status=Status.SENT)
    for number in range(1, count + 1):
        values = {"started_at": Now(), "ended_at": Now(), "latency_ms": 40, **fields}
        make_attempt(one, 1000 * len(outcome) + number, outcome=outcome, **values)


# Database


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
    fields = [str(field.column) for field in NotificationLog._meta.concrete_fields]
    columns = ", ".join(name for name in fields if name not in ("id", "message_id"))
    log()
    sql(
        f"""
        INSERT INTO notification_logs (message_id, {columns})
        WITH RECURSIVE numbers(number) AS (
            SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < %s)
        SELECT number, {columns} FROM notification_logs CROSS JOIN numbers""",
        database_shape.LARGE_TABLE,
    )
    sql("DROP INDEX logs_created")
    sql("ANALYZE notification_logs")


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


# Queue


def a_stopped_worker(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(seen_at=Now() - timedelta(minutes=5))


def a_wedged_cluster(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(
        started_at=Now() - timedelta(hours=1),
        cluster_seen_at=Now() - timedelta(minutes=3),
    )


def a_cluster_that_was_restarted(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(
        last_restart_at=Now() - timedelta(minutes=3),
        wedged_restarts=1,
        last_restart_reason="wedged",
    )


def a_stopped_scheduler(hand: Hand) -> None:
    Schedule.objects.create(
        name="retention", every_seconds=600, next_run_at=Now() - timedelta(hours=1)
    )


def a_scheduled_task_that_failed(hand: Hand) -> None:
    TaskExecutionRecord.objects.create(
        task="retention", slot=Now(), status=RunStatus.FAILED, error="OSError: full"
    )


def expired_leases(hand: Hand) -> None:
    log(status=Status.SENDING, lease_until=Now() - timedelta(minutes=5))


def an_outcome_nobody_knows(hand: Hand) -> None:
    log(status=Status.UNKNOWN)


def a_delivery_that_is_late(hand: Hand) -> None:
    log(next_attempt_at=Now() - timedelta(minutes=2))


def a_delivery_that_is_very_late(hand: Hand) -> None:
    log(next_attempt_at=Now() - timedelta(hours=2))


def a_queue_that_is_nearly_full(hand: Hand) -> None:
    hand.settings.QUEUE_MAX_DEPTH = 5
    for _number in range(4):
        log(next_attempt_at=Now() + timedelta(hours=1))


def a_queue_over_its_limit(hand: Hand) -> None:
    hand.settings.QUEUE_MAX_DEPTH = 2
    for _number in range(3):
        log(next_attempt_at=Now() + timedelta(hours=1))


def sending_paused(hand: Hand) -> None:
    FeatureFlag.objects.create(name="sending", is_enabled=False)
    MEMORY.forget()


# Providers and content


def a_provider_that_often_fails(hand: Hand) -> None:
    attempts(Outcome.OK, 20)
    attempts(Outcome.FAILED, 10, error_code="http_500")


def a_provider_that_is_down(hand: Hand) -> None:
    attempts(Outcome.OK, 5)
    attempts(Outcome.FAILED, 20, error_code="http_500")


def a_provider_that_answers_slowly(hand: Hand) -> None:
    attempts(Outcome.OK, 20, latency_ms=9000)


def deliveries_that_failed(hand: Hand) -> None:
    for _number in range(20):
        log(status=Status.FAILED, error_code="http_500", created_at=Now())


def an_open_breaker(hand: Hand) -> None:
    Breaker.objects.create(config=webhook_config(URL), open_until=10.0**11)


def a_channel_that_is_gone(hand: Hand) -> None:
    webhook_config(
        URL, is_active=False, disabled_at=Now(), disabled_reason="http_410: gone"
    )


def a_template_broken_in_the_database(hand: Hand) -> None:
    save_template(
        key="order",
        name="Order",
        author="somebody",
        variables=["name"],
        contents={"slack": {"content_template": "Hello {{name}}"}},
    )
    TemplateContent.objects.update(content_template="{% for x in %}")


def a_secret_under_a_lost_key(hand: Hand) -> None:
    webhook_config(URL)
    hand.settings.ENCRYPT_KEY = "another-key-of-thirty-two-bytes!"
    hand.settings.ENCRYPT_KEYS_OLD = []


def a_damaged_secret(hand: Hand) -> None:
    config = webhook_config(URL)
    rows = UserConfig.objects.filter(pk=config.pk)
    sql(
        "UPDATE user_configs SET secret_data = substr(secret_data, 1, 30)"
        " || 'AAAA' || substr(secret_data, 35) WHERE id = %s",
        rows.get().pk,
    )


# Cache, machine, environment


def redis_down(hand: Hand) -> None:
    use_cache(
        hand,
        BACKEND="django.core.cache.backends.redis.RedisCache",
        LOCATION="redis://127.0.0.1:9/0",
    )


def a_cache_that_keeps_nothing(hand: Hand) -> None:
    use_cache(hand, BACKEND="django.core.cache.backends.dummy.DummyCache")


def use_cache(hand: Hand, **chosen: str) -> None:
    hand.afterwards.enter_context(override_settings(CACHES={"default": chosen}))


class SlowCache(LocMemCache):
    """A cache at the end of a slow line."""

    def get(self, *args: Any, **options: Any) -> Any:
        time.sleep(1.2 * cache.SLOW_MS / 1000)
        return super().get(*args, **options)


def a_slow_cache(hand: Hand) -> None:
    use_cache(hand, BACKEND=f"{__name__}.SlowCache")


def a_disk_quota_that_is_full(hand: Hand) -> None:
    hand.settings.MIN_FREE_DISK_MB = LONG_AGO


def a_disk_that_fills_up(hand: Hand) -> None:
    state = disk_state()
    assert state.free_mb is not None
    hand.settings.MIN_FREE_DISK_MB = state.free_mb // 2


def a_machine_with_too_much_to_do(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "BUSY_PER_CORE", -1.0)


def no_memory_left(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "MEMORY_SHORT", 1.0)


def a_clock_ten_minutes_off(hand: Hand) -> None:
    later = datetime.now(UTC) + timedelta(minutes=10)
    hand.afterwards.enter_context(time_machine.travel(later))


def a_clock_that_drifts(hand: Hand) -> None:
    later = datetime.now(UTC) + timedelta(seconds=20)
    hand.afterwards.enter_context(time_machine.travel(later))


def a_process_that_has_grown(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "LARGE_MB", 1.0)
    command = (sys.executable, "manage.py", "sandbox", "--port", str(free_port()))
    process = subprocess.Popen(command, cwd=PROJECT_DIR)
    hand.afterwards.callback(process.wait)
    hand.afterwards.callback(process.terminate)
    wait_until(lambda: [p for p in our_processes() if p.mb > 1], "it is seen")


def debug_left_on(hand: Hand) -> None:
    hand.settings.DEBUG = True


def a_package_of_another_version(hand: Hand) -> None:
    (hand.folder / "requirements.txt").write_text("django==1.0  # an old one\n")
    hand.settings.BASE_DIR = hand.folder


def a_data_folder_that_is_shut(hand: Hand) -> None:
    hand.settings.DATA_DIR = hand.folder / "missing"


def an_old_python(hand: Hand) -> None:
    hand.monkeypatch.setattr(environment, "OLDEST_PYTHON", (4, 0))


def a_wrong_value(hand: Hand) -> None:
    wrong = Problem("settings.E002", "API_SECRET_KEY", "is missing", "Make one.")
    hand.monkeypatch.setattr(ENVIRONMENT, "problems", [wrong])


def _backup(days: int, **fields: Any) -> None:
    moment = Now() - timedelta(days=days)
    values = {"folder": "/", "state": "ready", "made_by": "schedule", "logs_days": 7}
    times = {"started_at": moment, "seen_at": moment}
    Backup.objects.create(**{"name": f"{days}", **values, **times, **fields})


def a_stale_backup(hand: Hand) -> None:
    _backup(days=5)


def no_backup_ever(hand: Hand) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = '2020-01-01 00:00:00Z'")


def backups_that_nobody_proved(hand: Hand) -> None:
    _backup(days=20)
    _backup(days=0)


def a_backup_that_does_not_restore(hand: Hand) -> None:
    _backup(days=0, is_good=False, verified_at=Now(), verification="It differs.")


CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO

FAULTS = (
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
    Fault(a_stopped_worker, "queue.no_worker", CRITICAL),
    Fault(a_wedged_cluster, "queue.cluster_silent", CRITICAL),
    Fault(a_cluster_that_was_restarted, "queue.cluster_restarted", WARNING),
    Fault(a_stopped_scheduler, "queue.schedules_late", WARNING),
    Fault(a_scheduled_task_that_failed, "queue.task_failed", WARNING),
    Fault(expired_leases, "queue.leases_expired", CRITICAL),
    Fault(an_outcome_nobody_knows, "queue.held", WARNING),
    Fault(a_delivery_that_is_late, "queue.late", WARNING),
    Fault(a_delivery_that_is_very_late, "queue.late", CRITICAL),
    Fault(a_queue_that_is_nearly_full, "queue.deep", WARNING),
    Fault(a_queue_over_its_limit, "queue.deep", CRITICAL),
    Fault(sending_paused, "queue.paused", INFO),
    Fault(a_provider_that_often_fails, "providers.failing", WARNING),
    Fault(a_provider_that_is_down, "providers.failing", CRITICAL),
    Fault(a_provider_that_answers_slowly, "providers.slow", WARNING),
    Fault(deliveries_that_failed, "traffic.many_failed", INFO),
    Fault(an_open_breaker, "providers.breakers_open", WARNING),
    Fault(a_channel_that_is_gone, "providers.configs_off", WARNING),
    Fault(a_template_broken_in_the_database, "templates.broken", CRITICAL),
    Fault(a_secret_under_a_lost_key, "secrets.unreadable", CRITICAL),
    Fault(a_damaged_secret, "secrets.unreadable", CRITICAL),
    Fault(redis_down, "cache.away", CRITICAL),
    Fault(a_cache_that_keeps_nothing, "cache.forgetful", WARNING),
    Fault(a_slow_cache, "cache.slow", WARNING),
    Fault(a_disk_quota_that_is_full, "machine.disk_short", CRITICAL),
    Fault(a_disk_that_fills_up, "machine.disk_short", WARNING),
    Fault(a_machine_with_too_much_to_do, "machine.busy", WARNING),
    Fault(no_memory_left, "machine.memory_short", CRITICAL),
    Fault(a_clock_ten_minutes_off, "machine.clock_off", CRITICAL),
    Fault(a_clock_that_drifts, "machine.clock_off", WARNING),
    Fault(a_process_that_has_grown, "machine.process_large", WARNING),
    Fault(a_stale_backup, "backups.stale", WARNING),
    Fault(no_backup_ever, "backups.stale", WARNING),
    Fault(backups_that_nobody_proved, "backups.unproved", WARNING),
    Fault(a_backup_that_does_not_restore, "backups.bad", CRITICAL),
    Fault(debug_left_on, "environment.debug", WARNING),
    Fault(a_package_of_another_version, "environment.package_differs", WARNING),
    Fault(a_data_folder_that_is_shut, "environment.folder_shut", CRITICAL),
    Fault(an_old_python, "environment.python_old", CRITICAL),
    Fault(a_wrong_value, "environment.wrong_value", CRITICAL),
)
