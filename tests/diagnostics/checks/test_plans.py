"""The database check judges the product's own statements, and finds them in order."""

import pytest
from django.db import connection

from channels_app.models import DeliveryAttempt, NotificationLog
from channels_app.services.hot_queries import hot_queries
from diagnostics.checks.contract import Figure
from diagnostics.checks.database_shape import LARGE_TABLE, look_at_plans
from tests.diagnostics.checks.faults.database import many_logs
from tests.diagnostics.checks.faults.planting import sql

pytestmark = pytest.mark.django_db

SPREAD = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', (-40 * id) || ' seconds')",
    "postgresql": "now() - make_interval(secs => 40 * id)",
}


def a_month_of_logs(count: int) -> None:
    """Store settled logs of a month, each with its attempt."""
    many_logs(count)
    sql(
        f"UPDATE notification_logs SET created_at = {SPREAD[connection.vendor]},"
        " status = 'sent', user_id = 'u' || id"
    )
    sql(
        "INSERT INTO delivery_attempts (log_id, number, outcome, started_at,"
        " error_code, error, response_excerpt, worker)"
        " SELECT id, 1, 'ok', created_at, '', '', '', '' FROM notification_logs"
    )


# What ANALYZE counts outlives a rollback; the emptied tables of this test count anew.
@pytest.mark.django_db(transaction=True)
def test_no_hot_query_reads_a_large_table_whole() -> None:
    a_month_of_logs(LARGE_TABLE + 1)
    if connection.vendor == "postgresql":
        # It does so by itself before long; SQLite does not.
        sql("ANALYZE")
    assert list(look_at_plans()) == [Figure("scans", 0)]


def test_accepting_and_recording_are_judged_and_not_run() -> None:
    many_logs(3)
    before = list(NotificationLog.objects.values())
    assert {"accept 1", "record 1", "record 2", "claim"} <= set(hot_queries())
    list(look_at_plans())
    assert list(NotificationLog.objects.values()) == before
    assert not DeliveryAttempt.objects.exists()
