"""Writing outcomes down: fenced, in sets, and only along the table of transitions."""

import pytest

from channels_app.delivery.claims import Claim
from channels_app.delivery.reaper import reap
from channels_app.delivery.recording import Result, move, record
from channels_app.models import (
    DeliveryAttempt,
    NotificationLog,
    Outcome,
    Status,
)
from channels_app.services.deliveries import resend_delivery
from tests.channels_app.delivery.deliveries import (
    claim,
    let_lease_end,
    make_due,
    stored,
    webhook_config,
)

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def claimed(**fields: object) -> tuple[NotificationLog, Claim]:
    log = stored(webhook_config(URL), **fields)
    [taken] = claim(limit=1, worker="w")
    return log, taken


def result(of: Claim, outcome: Outcome, status: Status, **fields: object) -> Result:
    return Result(of.id, of.attempt_no, outcome, status, **fields)  # type: ignore[arg-type]


def test_a_success_is_written_to_log_and_attempt() -> None:
    log, taken = claimed()
    sent = result(taken, Outcome.OK, Status.SENT, http_status=200, latency_ms=12)
    assert record([sent]) == 1
    log.refresh_from_db()
    attempt = DeliveryAttempt.objects.get(log=log)
    assert (log.status, log.lease_until, log.worker) == ("sent", None, "")
    assert log.sent_at is not None
    assert log.settled_at is not None
    assert (attempt.outcome, attempt.http_status, attempt.latency_ms) == ("ok", 200, 12)


def test_a_retry_waits_and_counts() -> None:
    log, taken = claimed()
    record(
        [
            result(
                taken,
                Outcome.FAILED,
                Status.RETRYING,
                delay=90.5,
                costs_retry=True,
                error_code="http_500",
                error="Zoë “张三”",
            )
        ]
    )
    log.refresh_from_db()
    assert (log.status, log.retry_count, log.error) == ("retrying", 1, "Zoë “张三”")
    assert log.next_attempt_at > log.created_at
    assert claim(limit=1, worker="w") == []
    make_due(log)
    assert [c.attempt_no for c in claim(limit=1, worker="w")] == [2]


def test_the_outcome_of_an_older_attempt_changes_nothing() -> None:
    log, first = claimed()
    let_lease_end(log)
    assert reap().leases == 1
    make_due(log)
    claim(limit=1, worker="w2")
    assert record([result(first, Outcome.REJECTED, Status.FAILED)]) == 0
    log.refresh_from_db()
    assert (log.status, log.attempt_no) == ("sending", 2)


def test_a_success_known_late_still_counts_before_the_next_attempt() -> None:
    log, first = claimed()
    let_lease_end(log)
    reap()
    assert record([result(first, Outcome.OK, Status.SENT)]) == 1
    log.refresh_from_db()
    assert log.status == "sent"
    assert DeliveryAttempt.objects.get(log=log).outcome == "ok"


def test_a_success_known_after_it_was_ordered_again_spares_the_second_send() -> None:
    log, first = claimed(guarantee="at_most_once")
    let_lease_end(log)
    reap()
    resend_delivery(log=log, request_id="r2")
    assert record([result(first, Outcome.OK, Status.SENT)]) == 1
    assert claim(limit=1, worker="w2") == []
    log.refresh_from_db()
    assert log.status == "sent"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.FAILED, Status.RETRYING),
        (Outcome.REJECTED, Status.FAILED),
        (Outcome.NOT_SENT, Status.RETRYING),
        (Outcome.UNKNOWN, Status.RETRYING),
    ],
)
def test_a_cancelled_delivery_that_did_not_arrive_is_cancelled(
    outcome: Outcome, status: Status
) -> None:
    log, taken = claimed()
    NotificationLog.objects.update(cancel_requested=True)
    record([result(taken, outcome, status, delay=10)])
    log.refresh_from_db()
    assert log.status == "cancelled"
    assert log.settled_at is not None


def test_a_cancelled_delivery_that_may_have_arrived_once_is_held() -> None:
    log, taken = claimed()
    NotificationLog.objects.update(cancel_requested=True)
    record([result(taken, Outcome.UNKNOWN, Status.UNKNOWN)])
    log.refresh_from_db()
    assert (log.status, log.settled_at) == ("unknown", None)


def test_a_cancelled_delivery_that_arrived_anyway_is_sent() -> None:
    log, taken = claimed()
    NotificationLog.objects.update(cancel_requested=True)
    record([result(taken, Outcome.OK, Status.SENT)])
    log.refresh_from_db()
    assert log.status == "sent"


def test_a_set_is_written_with_a_bounded_number_of_statements(
    django_assert_num_queries: object,
) -> None:
    config = webhook_config(URL)
    for _ in range(30):
        stored(config)
    results = [
        result(taken, Outcome.OK, Status.SENT) for taken in claim(limit=30, worker="w")
    ]
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert record(results) == 30


@pytest.mark.parametrize(
    ("start", "target", "moved"),
    [
        ("pending", Status.CANCELLED, 1),
        ("sent", Status.PENDING, 0),
        ("failed", Status.PENDING, 1),
        ("unknown", Status.SENT, 1),
        ("cancelled", Status.PENDING, 0),
        ("expired", Status.SENT, 0),
    ],
)
def test_a_move_follows_the_table(start: str, target: Status, moved: int) -> None:
    log = stored(webhook_config(URL), status=start)
    assert move([log.pk], target) == moved
