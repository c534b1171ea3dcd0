"""Metrics: the figures are those of the database, cheap, and for whom they may be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from channels_app.models import Breaker, NotificationLog, Outcome, Status
from channels_app.selectors import figures as selector
from diagnostics.metrics.figures import MEMORY
from tests.channels_app.rows import (
    default_client,
    make_attempt,
    make_client,
    make_config,
    make_log,
    secret_of,
)
from tests.channels_app.services.accepting import accept
from tests.conftest import Signed

TOKEN = "a-token-for-the-scraper"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(settings: LazySettings) -> None:
    MEMORY.forget()
    settings.METRICS_TOKEN = TOKEN


def log_with_time(status: Status, latency_ms: int | None = None, **fields: Any) -> None:
    now = timezone.now()
    client = fields.pop("client", None) or default_client()
    log = make_log(client, status=status, created_at=now, **fields)
    if latency_ms is not None:
        outcome = Outcome.OK if status == Status.SENT else Outcome.REJECTED
        make_attempt(
            log,
            1,
            outcome=outcome,
            started_at=now,
            ended_at=now,
            latency_ms=latency_ms,
        )


def json_of(signed: Signed, query: str = "", **who: Any) -> Any:
    answer = signed("GET", f"/api/metrics{query}", **who)
    assert answer.status_code == 200, answer.content
    return answer.json()


def scrape(**headers: str) -> Any:
    headers.setdefault("Authorization", f"Bearer {TOKEN}")
    return Client().get("/metrics", headers=headers)


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_empty_installation_has_figures_too(signed: Signed) -> None:
    body = json_of(signed)
    assert (body["success"], body["totalSent"], body["successRate"]) == (True, 0, None)
    assert body["performance"]["p95"] is None
    assert body["channelBreakdown"] == {}
    assert body["queue"]["oldest_due_seconds"] is None


def test_totals_rates_and_durations_are_counted_by_kind(signed: Signed) -> None:
    for ms in (10, 20, 30):
        log_with_time(Status.SENT, ms)
    log_with_time(Status.FAILED, 400, retry_count=5)
    log_with_time(Status.SENT, 1000, channel_type="slack", retry_count=1)
    log_with_time(Status.PENDING)
    body = json_of(signed)
    assert (body["totalSent"], body["totalFailed"], body["totalRetries"]) == (4, 1, 6)
    assert body["successRate"] == 0.8
    assert body["avgResponseTime"] == 292.0
    assert body["performance"]["p50"] == 30
    assert body["performance"]["p99"] == 1000
    assert body["performance"]["acceptedLastMinute"] == 6
    assert body["performance"]["sentLastMinute"] == 4
    assert body["channelBreakdown"]["lark"] == {
        "sent": 3,
        "failed": 1,
        "waiting": 1,
        "retries": 5,
        "successRate": 0.75,
        "avgResponseTime": 115.0,
        "p95": 400,
    }
    assert body["queue"]["pending"] == 1


def test_only_one_user_is_counted_when_asked_for(signed: Signed) -> None:
    log_with_time(Status.SENT, 10)
    log_with_time(Status.SENT, 90, user_id="u2")
    body = json_of(signed, "?user_id=u2")
    assert (body["totalSent"], body["avgResponseTime"]) == (1, 90.0)


def test_only_the_days_asked_for_are_counted(signed: Signed) -> None:
    old = timezone.now() - timedelta(days=3)
    make_log(default_client(), status=Status.SENT, created_at=old)
    assert json_of(signed)["totalSent"] == 1
    assert json_of(signed, "?days=2")["totalSent"] == 0


@pytest.mark.parametrize("query", ["?days=0", "?days=91", "?days=x", "?user_id=%00"])
def test_a_wrong_query_is_refused(signed: Signed, query: str) -> None:
    answer = signed("GET", f"/api/metrics{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")


def test_a_client_sees_its_own_figures_and_admin_those_of_all(signed: Signed) -> None:
    other = make_client("other", ["ops"])
    boss = make_client("boss", ["admin"])
    log_with_time(Status.SENT, 10)
    log_with_time(Status.SENT, 70, client=other)
    found = {
        name: json_of(signed, secret=secret_of(name), key_id=name)
        for name in (other.key_id, boss.key_id)
    }
    assert (found["other"]["totalSent"], found["other"]["avgResponseTime"]) == (1, 70.0)
    assert (found["boss"]["totalSent"], found["boss"]["avgResponseTime"]) == (2, 40.0)


def test_without_the_scope_there_are_no_figures(signed: Signed) -> None:
    make_client("sender", ["send"])
    for path in ("/api/metrics", "/metrics"):
        answer = signed("GET", path, secret=secret_of("sender"), key_id="sender")
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_it_costs_few_statements_and_then_none(signed: Signed) -> None:
    log_with_time(Status.SENT, 10)
    json_of(signed)
    MEMORY.forget()
    with CaptureQueriesContext(
        connection,
    ) as first:
        scrape()
    with CaptureQueriesContext(connection) as second:
        scrape()
    assert len(first) <= 9
    assert len(second) == 0


def test_counting_stops_and_says_so(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selector, "MOST_DELIVERIES", 3)
    for _ in range(5):
        log_with_time(Status.SENT)
    body = json_of(signed)
    assert (body["totalSent"], body["window"]["is_capped"]) == (3, True)


@pytest.mark.parametrize("user_id", [None, "u1"])
def test_the_window_is_found_by_an_index(user_id: str | None) -> None:
    now = timezone.now()
    rows = [
        NotificationLog(
            message_id=f"m{number}",
            request_id="r",
            client=default_client(),
            user_id=f"u{number % 500}",
            channel_type="lark",
            created_at=now - timedelta(days=number / 10),
            next_attempt_at=now,
            status=Status.SENT,
        )
        for number in range(3000)
    ]
    NotificationLog.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE notification_logs")
        selector.delivery_counts(selector.Window(seconds=86400, user_id=user_id))
        word = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{word} {captured[-1]['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "logs_created" in plan or "logs_of_user" in plan, plan


def test_prometheus_gets_text_that_it_can_read() -> None:
    log_with_time(Status.SENT, 250)
    log_with_time(Status.SENT, client=make_client())
    log_with_time(Status.FAILED)
    log_with_time(Status.RETRYING)
    config = make_config(default_client())
    Breaker.objects.create(config=config, open_until=1.0)
    answer = scrape()
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    name = "notifications_recent_deliveries"
    assert found[name, (("channel", "lark"), ("status", "sent"))] == 2
    assert found[name, (("channel", "lark"), ("status", "failed"))] == 1
    duration = "notifications_recent_send_duration_seconds"
    assert found[duration, (("channel", "lark"), ("quantile", "0.95"))] == 0.25
    assert found["notifications_queue_deliveries", (("status", "retrying"),)] == 1
    assert found["notifications_breakers_open", ()] == 1
    assert found["notifications_dead_letters", ()] == 1
    assert found["notifications_switch_on", (("switch", "sending"),)] == 1
    assert found["process_resident_memory_bytes", ()] > 0


def test_what_memory_had_is_counted_each_and_together(signed: Signed) -> None:
    make_config(default_client())
    before = json_of(signed)["cache"]
    for _ in range(3):
        accept(default_client())
    MEMORY.forget()
    after = json_of(signed)["cache"]
    for kept in (after, after["configs"]):
        was = before if kept is after else before["configs"]
        assert kept["hits"] - was["hits"] == 2
        assert kept["misses"] - was["misses"] == 1
    assert after["templates"] == before["templates"]
    found = samples(scrape().text)
    labels = (("cache", "configs"), ("result", "hit"))
    assert found["notifications_cache_requests_total", labels] >= 2


def test_every_family_says_what_it_is_and_keeps_to_the_names() -> None:
    for family in text_string_to_metric_families(scrape().text):
        assert family.documentation, family.name
        ours = family.name.startswith("notifications_")
        assert ours or family.name.startswith(("process_", "python_")), family.name


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text"),
        ("application/json", "application/json"),
        ("text/html,application/json", "text/plain"),
    ],
)
def test_the_form_is_negotiated(accept: str, kind: str) -> None:
    answer = scrape(Accept=accept)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)


def test_the_scraper_gets_json_too(signed: Signed) -> None:
    log_with_time(Status.SENT, client=make_client())
    asked = signed("GET", "/metrics?days=1", headers={"Accept": "application/json"})
    assert asked.json()["totalSent"] == 0
    assert scrape(Accept="application/json").json()["totalSent"] == 1


def test_another_token_opens_nothing(settings: LazySettings) -> None:
    assert scrape(Authorization="Bearer wrong").json()["code"] == "INVALID_CREDENTIALS"
    assert scrape(Authorization="Basic d3Jvbmc=").status_code == 401
    assert Client().get("/metrics").json()["code"] == "MISSING_AUTH_HEADERS"
    settings.METRICS_TOKEN = ""
    for authorization in ("Bearer ", f"Bearer {TOKEN}"):
        assert scrape(Authorization=authorization).status_code == 401


def test_guessing_the_token_is_limited_and_the_right_one_still_opens(
    settings: LazySettings,
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 1
    answers = [scrape(Authorization="Bearer no").status_code for _ in range(3)]
    assert answers == [401, 429, 429]
    assert scrape().status_code == 200


def test_a_signature_opens_it_as_well(signed: Signed) -> None:
    answer = signed("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
