"""A bulk replay does what its plan says: no more, nothing twice, nothing in the way."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from channels_app.models import (
    ApiClient,
    BulkReplay,
    NotificationLog,
    Priority,
    Scope,
    Status,
    UserConfig,
)
from channels_app.services.bulk_replay import ReplayFilter, plan_replay, replay
from channels_app.services.deliveries import RetryFilter
from tests.channels_app.delivery.deliveries import claim
from tests.channels_app.rows import (
    default_client,
    make_client,
    make_config,
    make_log,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def caller() -> ApiClient:
    return default_client()


@pytest.fixture
def config(caller: ApiClient) -> UserConfig:
    return make_config(caller)


def failed(caller: ApiClient, number: int = 0, **fields: Any) -> NotificationLog:
    """Make a delivery that failed an hour ago, with a text of its own."""
    values = {
        "status": Status.FAILED,
        "content": f"hello {number}",
        "created_at": timezone.now() - HOUR,
        "settled_at": timezone.now() - HOUR,
        **fields,
    }
    return make_log(caller, **values)


def statuses() -> list[str]:
    return list(NotificationLog.objects.order_by("pk").values_list("status", flat=True))


def failures(caller: ApiClient, now: datetime) -> list[NotificationLog]:
    make_config(caller)
    make_config(caller, channel_type="slack")
    return [
        failed(caller, 1, created_at=now - 2 * HOUR),
        failed(caller, 2, channel_type="slack"),
        failed(caller, 3, error_code="dns_failed", created_at=now),
    ]


@pytest.mark.parametrize(
    ("hours", "wanted", "queued"),
    [
        ({}, {}, {0, 1, 2}),
        ({"since": -1.5}, {}, {1, 2}),
        ({"until": -0.5}, {}, {0, 1}),
        ({}, {"channel_type": "slack"}, {1}),
        ({}, {"error_code": "dns_failed"}, {2}),
        ({}, {"ids": []}, set()),
    ],
)
def test_the_filter_says_which(
    caller: ApiClient,
    now: datetime,
    hours: dict[str, float],
    wanted: dict[str, Any],
    queued: set[int],
) -> None:
    logs = failures(caller, now)
    make_log(caller, status=Status.SENT)
    make_log(make_client("other"), status=Status.FAILED)
    wanted |= {name: now + count * HOUR for name, count in hours.items()}
    plan = plan_replay(ReplayFilter(RetryFilter(**wanted), caller))
    done = replay(plan, by="test")
    assert (plan.ready, done.matched, done.queued) == (len(queued),) * 3
    pending = NotificationLog.objects.filter(status=Status.PENDING)
    assert set(pending) == {logs[number] for number in queued}


def test_deliveries_are_named_by_log_id_or_message_id(
    caller: ApiClient, now: datetime
) -> None:
    logs = failures(caller, now)
    named = RetryFilter(ids=[logs[0].pk, logs[2].message_id, 987654])
    assert replay(plan_replay(ReplayFilter(named, caller)), by="test").queued == 2


def test_the_plan_counts_what_stays_and_why(
    caller: ApiClient, config: UserConfig, now: datetime
) -> None:
    make_config(caller, "off", is_active=False)
    failed(caller, 1, error_code="dns_failed")
    failed(caller, 2, expires_at=now - HOUR)
    failed(caller, 3, created_at=now - 169 * HOUR)
    failed(caller, 4)
    make_log(caller, content="hello 4", status=Status.SENT, sent_at=now)
    failed(caller, 5, user_id="off")
    failed(caller, 6, user_id="nobody")
    failed(caller, content="")
    plan = plan_replay(ReplayFilter(client=caller))
    assert (plan.matched, plan.ready, plan.too_old, plan.duplicates) == (7, 1, 2, 1)
    assert plan.cannot_go == {
        "no_content": 1,
        "config_missing": 1,
        "channel_disabled": 1,
    }
    assert (plan.by_channel, plan.by_config, plan.by_error) == (
        {"lark": 1},
        {config.pk: 1},
        {"dns_failed": 1},
    )
    assert replay(plan, by="test").queued == 1


def test_old_ones_and_duplicates_go_when_they_are_included(
    caller: ApiClient, config: UserConfig, now: datetime
) -> None:
    failed(caller, 1, expires_at=now - HOUR)
    failed(caller, 2)
    make_log(caller, content="hello 2", status=Status.SENT, sent_at=now)
    wanted = ReplayFilter(client=caller, include_old=True, include_duplicates=True)
    assert replay(plan_replay(wanted), by="test").queued == 2
    assert NotificationLog.objects.get(content="hello 1").expires_at is None


@pytest.mark.parametrize(
    "sent",
    [
        {"channel_type": "slack"},
        {"user_id": "u2"},
        {"content": "other"},
        {"sent_at": timezone.now() - 2 * HOUR},
        {"status": Status.PENDING},
    ],
)
def test_only_the_same_to_the_same_user_since_is_a_duplicate(
    caller: ApiClient, config: UserConfig, now: datetime, sent: dict[str, Any]
) -> None:
    failed(caller, 1)
    same = {"content": "hello 1", "status": Status.SENT, "sent_at": now}
    make_log(caller, **{**same, **sent})
    assert plan_replay(ReplayFilter(client=caller)).duplicates == 0


def test_the_age_is_a_setting(
    caller: ApiClient, config: UserConfig, now: datetime, settings: LazySettings
) -> None:
    failed(caller, created_at=now - 3 * HOUR)
    settings.REPLAY_MAX_AGE_HOURS = 2
    assert plan_replay(ReplayFilter(client=caller)).too_old == 1


def test_each_starts_anew_behind_what_is_fresh(
    caller: ApiClient, config: UserConfig
) -> None:
    old = failed(caller, retry_count=6, crash_count=2, attempt_no=7, error_code="x")
    replay(plan_replay(ReplayFilter(client=caller)), by="test")
    old.refresh_from_db()
    assert (old.status, old.priority) == (Status.PENDING, Priority.LOW)
    assert (old.retry_count, old.crash_count, old.attempt_no) == (0, 0, 7)
    assert (old.config, old.error_code, old.settled_at) == (config, "", None)


def test_what_is_replayed_in_bulk_holds_up_nothing_fresh_of_its_key(
    caller: ApiClient, config: UserConfig
) -> None:
    old = failed(caller, config=config, ordering_key="ticket 7")
    fresh = make_log(caller, config=config, ordering_key="ticket 7")
    replay(plan_replay(ReplayFilter(client=caller)), by="test")
    old.refresh_from_db()
    assert (old.status, old.ordering_key) == (Status.PENDING, "")
    assert fresh.pk in {one.id for one in claim(limit=5, worker="w")}


def test_what_goes_to_one_destination_is_spread_at_half_its_rate(
    caller: ApiClient,
) -> None:
    make_config(caller, sends_per_minute=30)
    for number in range(5):
        failed(caller, number, destination="d")
    plan = plan_replay(ReplayFilter(client=caller))
    assert plan.seconds == pytest.approx(16)
    replay(plan, by="test", batch_rows=2)
    due = [log.next_attempt_at for log in NotificationLog.objects.order_by("pk")]
    gaps = [(b - a).total_seconds() for a, b in pairwise(due)]
    assert all(3.5 < gap < 6 for gap in gaps)


def test_destinations_without_a_limit_take_no_time_in_the_plan(
    caller: ApiClient,
) -> None:
    make_config(caller, channel_type="webhook")
    for number in range(3):
        failed(caller, number, channel_type="webhook", destination="w")
    assert plan_replay(ReplayFilter(client=caller)).seconds == 0


def test_a_plan_that_is_run_twice_queues_nothing_twice(
    caller: ApiClient, config: UserConfig
) -> None:
    failed(caller)
    plan = plan_replay(ReplayFilter(client=caller))
    assert replay(plan, by="test").queued == 1
    assert replay(plan, by="test").queued == 0


def test_what_failed_again_since_is_no_business_of_the_plan(
    caller: ApiClient, config: UserConfig, now: datetime
) -> None:
    log = failed(caller)
    plan = plan_replay(ReplayFilter(client=caller))
    replay(plan, by="test")
    NotificationLog.objects.filter(pk=log.pk).update(
        status=Status.FAILED, settled_at=now + HOUR
    )
    assert replay(plan, by="test").queued == 0
    assert statuses() == [Status.FAILED]


def test_all_batches_are_queued_and_the_record_says_so(
    caller: ApiClient, config: UserConfig
) -> None:
    for number in range(5):
        failed(caller, number)
    steps: list[int] = []
    wanted = ReplayFilter(RetryFilter(channel_type="lark"), caller)
    done = replay(plan_replay(wanted), by="me", batch_rows=2, on_batch=steps.append)
    assert steps == [2, 2, 1]
    record = BulkReplay.objects.get(pk=done.record_id)
    assert (record.by, record.matched, record.planned, record.queued) == ("me", 5, 5, 5)
    assert record.wanted == {"channel_type": "lark", "client": caller.key_id}
    assert record.finished_at is not None


def test_everybodys_are_meant_without_a_client_and_by_an_admin(
    caller: ApiClient, config: UserConfig
) -> None:
    other = make_client("other")
    make_config(other)
    failed(caller, 1)
    failed(other, 2)
    admin = make_client("admin", [Scope.ADMIN])
    ready = [
        plan_replay(ReplayFilter(client=client)).ready
        for client in (None, admin, caller, other)
    ]
    assert ready == [2, 2, 1, 1]


def test_a_batch_with_nothing_ready_does_not_end_the_replay(
    caller: ApiClient, config: UserConfig, now: datetime
) -> None:
    for number in range(3):
        failed(caller, number)
    make_log(caller, content="hello 1", status=Status.SENT, sent_at=now)
    done = replay(plan_replay(ReplayFilter(client=caller)), by="me", batch_rows=1)
    assert done.queued == 2
    assert statuses()[:3] == [Status.PENDING, Status.FAILED, Status.PENDING]
