"""Taking deliveries: leases, attempt rows, priorities, what waits."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from channels_app.delivery.claims import Claim
from channels_app.delivery.due import LeftOut, due_sql, is_anything_due
from channels_app.models import DeliveryAttempt
from tests.channels_app.delivery.deliveries import claim, stored, webhook_config

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def test_a_claim_takes_lease_fence_and_attempt_row_together() -> None:
    log = stored(webhook_config(URL))
    [taken] = claim(limit=10, worker="w1")
    log.refresh_from_db()
    attempt = DeliveryAttempt.objects.get(log=log)
    assert (log.status, log.attempt_no, log.worker) == ("sending", 1, "w1")
    assert log.lease_until is not None
    assert (attempt.number, attempt.outcome) == (1, "sending")
    assert taken.metadata == {"order": "Zoë 张三"}
    assert 0 <= taken.age < 60


def test_what_was_claimed_is_not_claimed_again() -> None:
    stored(webhook_config(URL))
    assert len(claim(limit=10, worker="w1")) == 1
    assert claim(limit=10, worker="w2") == []
    assert not is_anything_due()


def test_high_priority_goes_first_and_the_limit_holds() -> None:
    config = webhook_config(URL)
    low, normal, high = (stored(config, priority=p) for p in (2, 1, 0))
    assert [c.id for c in claim(limit=1, worker="w")] == [high.pk]
    assert [c.id for c in claim(limit=1, worker="w")] == [normal.pk]
    assert [c.id for c in claim(limit=5, worker="w")] == [low.pk]


def test_a_scheduled_delivery_waits_for_its_time() -> None:
    stored(webhook_config(URL), send_at=datetime.now(UTC) + timedelta(hours=1))
    assert not is_anything_due()
    assert claim(limit=1, worker="w") == []


def test_an_expired_delivery_is_not_sent() -> None:
    stored(webhook_config(URL), expires_at=datetime.now(UTC) - timedelta(seconds=5))
    assert claim(limit=1, worker="w") == []


def test_a_held_kind_waits_and_others_go_on() -> None:
    stored(webhook_config(URL))
    other = stored(webhook_config(URL, channel_type="lark"))
    assert [c.id for c in claim(limit=5, worker="w", held_kinds=["webhook"])] == [
        other.pk
    ]
    assert is_anything_due()
    assert not is_anything_due(["webhook"])


@pytest.mark.django_db(transaction=True)
def test_two_claimers_at_once_never_take_the_same_delivery() -> None:
    config = webhook_config(URL)
    for _ in range(40):
        stored(config)
    taken: list[Claim] = []
    start = Barrier(4)

    def take(number: int) -> None:
        start.wait()
        for _ in range(5):
            taken.extend(claim(limit=3, worker=f"w{number}"))
        connections.close_all()

    threads = [Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({c.id for c in taken}) == len(taken)
    assert DeliveryAttempt.objects.count() == len(taken)


def test_the_claim_uses_its_partial_index() -> None:
    stored(webhook_config(URL))
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")
        word = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        cursor.execute(f"{word} {due_sql(LeftOut())}", [1, 5])
        assert "logs_due" in str(cursor.fetchall())
