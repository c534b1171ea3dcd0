"""A log of many rows, and how long its hot queries take on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from bench.jobs.stock import clear, configs
from channels_app.delivery.new_deliveries import FIRST_VALUES
from channels_app.delivery.taking import Wanted, take
from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    NotificationLog,
    UserConfig,
)
from channels_app.models.sql import is_postgres
from channels_app.selectors.logs import MOST_OFFSET, LogFilter, logs_page
from channels_app.selectors.overview import last_hour
from channels_app.services.log_deletion import BATCH_ROWS, delete_settled_logs

# However long the log is, the last hour has so many rows and so many wait.
LAST_HOUR = 1_000
WAITING = 500
DAYS = 30
PAGE = 100


def fill(*, count: int) -> None:
    """Make a log of so many deliveries, nearly all of them settled."""
    clear()
    configs(port=9, count=50)
    first = UserConfig.objects.order_by("id").values_list("id", flat=True)[0]
    client = ApiClient.objects.get(key_id=DEFAULT_KEY_ID)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_fill_sql(count, first, client.pk), [])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_postgres() else "ANALYZE", [])


def _numbers(count: int) -> str:
    if is_postgres():
        return f"generate_series(1, {count}) AS n(n)"
    return (
        "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s"
        f" WHERE n < {count}) SELECT n FROM s) AS n"
    )


def _ago(seconds: str) -> str:
    if is_postgres():
        return f"clock_timestamp() - make_interval(secs => {seconds})"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', -({seconds}) || ' seconds')"


def _fill_sql(count: int, first_config: int, client_id: int) -> str:
    left = f"({count} - n.n)"
    old = f"(3600 + {left} * {DAYS * 86400.0 / count})"
    age = f"(CASE WHEN {left} < {LAST_HOUR} THEN {left} * 3.5 ELSE {old} END)"
    waits = f"{left} < {WAITING}"
    return f"""
        INSERT INTO notification_logs
            (message_id, request_id, client_id, config_id, user_id, channel_type,
             template_key, subject, content, content_type, variables, metadata,
             is_test, status, priority, destination, ordering_key, shard, guarantee,
             error_code,
             error, {", ".join(FIRST_VALUES)},
             created_at, next_attempt_at, sent_at, settled_at)
        SELECT 'bench-' || n.n, 'r' || n.n, {client_id}, {first_config} + n.n %% 50,
            'u' || (n.n %% 50), 'webhook', CASE n.n %% 3 WHEN 0 THEN 'welcome' ELSE ''
            END, 'Shipped', 'Order ' || n.n || ' has been shipped', 'text', '{{}}',
            '{{}}', FALSE, CASE WHEN {waits} THEN 'pending' WHEN n.n %% 50 = 0
            THEN 'failed' ELSE 'sent' END, 1, 'd' || (n.n %% 50), '', 0,
            'at_least_once',
            '', '', {", ".join(FIRST_VALUES.values())},
            {_ago(age)}, {_ago(age)}, NULL,
            CASE WHEN {waits} THEN NULL ELSE {_ago(age)} END
        FROM {_numbers(count)}"""


def times(*, times: int) -> dict[str, list[float]]:
    """Return milliseconds of each query, over and over."""
    client = ApiClient.objects.get(key_id=DEFAULT_KEY_ID)
    middle = (NotificationLog.objects.order_by("-id").values_list("id", flat=True))[0]
    deep = middle - NotificationLog.objects.count() // 2
    queries: dict[str, Callable[[], object]] = {
        "claim of 128": _claim,
        "last hour's figures": last_hour,
        "first page of the log": lambda: logs_page(client, LogFilter(), limit=PAGE),
        "deep page by offset": lambda: logs_page(
            client, LogFilter(), limit=PAGE, offset=MOST_OFFSET - 2 * PAGE
        ),
        "deep page by cursor": lambda: logs_page(
            client, LogFilter(), limit=PAGE, before_id=deep
        ),
        "first page of the admin": lambda: _admin_page({}),
        "deep page of the admin": lambda: _admin_page({"before": str(deep)}),
    }
    return {name: _timed(query, times) for name, query in queries.items()}


def _admin_page(address: dict[str, str]) -> None:
    request = RequestFactory().get("/", address)
    request.user = User(is_superuser=True)
    admin.site.get_model_admin(NotificationLog).get_changelist_instance(request)


def _claim() -> None:
    with transaction.atomic():
        take(Wanted(128, "bench"))
        transaction.set_rollback(True)


def _timed(query: Callable[[], object], times: int) -> list[float]:
    query()
    found = []
    for _number in range(times):
        started = time.perf_counter()
        query()
        found.append((time.perf_counter() - started) * 1000)
    return found


def prune() -> dict[str, float]:
    """Delete the oldest rows in batches; return the pace and the longest batch."""
    client = ApiClient.objects.get(key_id=DEFAULT_KEY_ID)
    before = timezone.now() - timedelta(days=DAYS - 3)
    started, longest, count = time.perf_counter(), 0.0, 0
    while count < 40 * BATCH_ROWS:
        begun = time.perf_counter()
        deleted = delete_settled_logs(client=client, before=before, at_most=BATCH_ROWS)
        longest = max(longest, time.perf_counter() - begun)
        count += deleted.count
        if not deleted.has_more:
            break
    seconds = time.perf_counter() - started
    return {"rate": count / seconds, "longest": longest * 1000}
