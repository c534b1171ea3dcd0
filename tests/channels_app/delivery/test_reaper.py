"""A worker that falls silent: its deliveries come back as their guarantee says."""

from datetime import UTC, datetime, timedelta

import pytest

from channels_app.delivery.reaper import reap
from channels_app.models import DeliveryAttempt, NotificationLog
from tests.channels_app.delivery.deliveries import (
    claim,
    let_lease_end,
    make_due,
    stored,
    webhook_config,
)

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def test_at_least_once_is_sent_again_and_says_so() -> None:
    log = stored(webhook_config(URL))
    claim(limit=1, worker="w")
    let_lease_end(log)
    assert reap().leases == 1
    log.refresh_from_db()
    assert (log.status, log.may_duplicate, log.crash_count) == ("retrying", True, 1)
    assert DeliveryAttempt.objects.get(log=log).outcome == "unknown"


def test_at_most_once_is_held_for_a_person() -> None:
    log = stored(webhook_config(URL), guarantee="at_most_once")
    claim(limit=1, worker="w")
    let_lease_end(log)
    reap()
    log.refresh_from_db()
    assert (log.status, log.error_code) == ("unknown", "outcome_unknown")
    assert log.settled_at is None
    assert not log.may_duplicate


def test_three_crashes_with_one_delivery_end_it() -> None:
    log = stored(webhook_config(URL))
    for _ in range(3):
        make_due(log)
        claim(limit=1, worker="w")
        let_lease_end(log)
        reap()
    log.refresh_from_db()
    assert (log.status, log.error_code, log.attempt_no) == ("failed", "crashed", 3)
    assert log.settled_at is not None


def test_a_lease_that_still_runs_is_left_alone() -> None:
    running, ended = stored(webhook_config(URL)), stored(None)
    claim(limit=2, worker="w")
    assert reap().leases == 0
    let_lease_end(ended)
    assert reap().leases == 1
    assert DeliveryAttempt.objects.get(log=running).outcome == "sending"


def test_what_waits_past_its_time_expires() -> None:
    log = stored(
        webhook_config(URL), expires_at=datetime.now(UTC) - timedelta(seconds=5)
    )
    assert reap().expired == 1
    log.refresh_from_db()
    assert (log.status, log.error_code) == ("expired", "expired")


@pytest.mark.parametrize(
    ("guarantee", "status", "may_duplicate"),
    [("at_most_once", "unknown", False), ("at_least_once", "cancelled", True)],
)
def test_one_to_be_cancelled_whose_worker_died_may_have_arrived(
    guarantee: str, status: str, may_duplicate: bool
) -> None:
    log = stored(webhook_config(URL), guarantee=guarantee)
    claim(limit=1, worker="w")
    NotificationLog.objects.update(cancel_requested=True)
    let_lease_end(log)
    reap()
    log.refresh_from_db()
    assert (log.status, log.error_code) == (status, "outcome_unknown")
    assert log.may_duplicate is may_duplicate
    assert (log.settled_at is not None) is (status == "cancelled")
