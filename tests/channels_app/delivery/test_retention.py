"""Old settled deliveries go, in batches; what is not settled stays whatever its age."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from channels_app.delivery.retention import prune, what_would_go
from channels_app.models import (
    SETTLED,
    UNSETTLED,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Status,
    UsedSignature,
)
from tests.channels_app.delivery.deliveries import (
    claim,
    default_client,
    stored,
    webhook_config,
)

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def aged(days: int, status: Status) -> NotificationLog:
    config = webhook_config(URL, user_id=f"{status}-{days}")
    if status == Status.SENDING:
        log = stored(config)
        claim(limit=1, worker="w")
    else:
        log = stored(config, status=status)
    NotificationLog.objects.filter(pk=log.pk).update(
        created_at=Now() - timedelta(days=days)
    )
    return log


@pytest.mark.parametrize("status", SETTLED)
def test_settled_deliveries_go_after_their_days(status: Status) -> None:
    aged(91, status)
    young = aged(89, status)
    assert what_would_go(days=90).logs == 1
    assert prune(days=90).logs == 1
    assert NotificationLog.objects.get() == young


@pytest.mark.parametrize("status", UNSETTLED)
def test_unsettled_deliveries_never_go(status: Status) -> None:
    aged(1000, status)
    assert prune(days=1).logs == 0
    assert NotificationLog.objects.count() == 1


def test_attempts_go_with_their_delivery() -> None:
    stored(webhook_config(URL))
    claim(limit=1, worker="w")
    NotificationLog.objects.update(
        status="sent", created_at=Now() - timedelta(days=100)
    )
    prune(days=90)
    assert DeliveryAttempt.objects.count() == 0


def test_zero_days_keep_logs_for_ever() -> None:
    aged(1000, Status.SENT)
    assert prune(days=0).logs == 0


def test_spent_keys_and_signatures_go() -> None:
    past, future = Now() - timedelta(seconds=1), Now() + timedelta(hours=1)
    for name, until in (("old", past), ("new", future)):
        UsedSignature.objects.create(digest=name, expires_at=until)
        IdempotencyKey.objects.create(
            client=default_client(),
            user_id="u",
            key=name,
            request_hash="",
            response={},
            created_at=Now(),
            expires_at=until,
        )
    gone = prune(days=90)
    assert (gone.signatures, gone.idempotency_keys, gone.total) == (1, 1, 2)
    assert UsedSignature.objects.get().digest == "new"


def test_a_bounded_prune_goes_on_where_it_stopped() -> None:
    for days in range(100, 105):
        aged(days, Status.SENT)
    batches: list[int] = []
    assert prune(days=90, at_most=3, on_batch=batches.append).logs == 3
    assert prune(days=90).logs == 2
    assert batches == [3]
