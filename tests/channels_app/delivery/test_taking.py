"""Taking work when destinations are limited, held, paused or full."""

from datetime import timedelta

import pytest

from channels_app.delivery.taking import Wanted, take
from channels_app.delivery.throttle import hold
from channels_app.models import NotificationLog, UserConfig
from tests.channels_app.delivery.deliveries import make_due, stored, webhook_config

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def taken(limit: int = 50, **wanted: object) -> int:
    return len(take(Wanted(limit, "w", **wanted)).claims)  # type: ignore[arg-type]


def due() -> int:
    return NotificationLog.objects.filter(status="pending").count()


def test_over_its_limit_a_destination_gets_slots_and_no_attempts() -> None:
    config = webhook_config(URL, sends_per_minute=6)
    logs = [stored(config) for _ in range(4)]
    assert taken() == 1
    waiting = NotificationLog.objects.filter(status="pending").order_by("id")
    steps = [(log.next_attempt_at - log.created_at).total_seconds() for log in waiting]
    assert steps == pytest.approx([10, 20, 30], abs=1)
    assert all(log.has_slot and not log.attempt_no for log in waiting)
    assert taken() == 0
    assert len(logs) == 4


def test_a_slot_that_came_is_used_and_not_reserved_again() -> None:
    config = webhook_config(URL, sends_per_minute=6)
    first, second = stored(config), stored(config)
    assert taken() == 1
    waiting = second if first.pk == _sending() else first
    make_due(waiting)
    assert taken() == 1


def test_a_slot_that_was_missed_by_far_is_reserved_anew() -> None:
    config = webhook_config(URL, sends_per_minute=6)
    for _ in range(3):
        stored(config)
    taken()
    NotificationLog.objects.filter(status="pending").update(next_attempt_at=_long_ago())
    assert taken() == 0
    assert due() == 2


def test_a_held_destination_waits_and_another_does_not() -> None:
    stored(webhook_config(URL), destination="held")
    stored(webhook_config(URL, user_id="u2"), destination="other")
    hold("held", 60, None)
    assert taken() == 1
    assert due() == 1


def test_a_paused_config_waits_and_goes_on_when_resumed() -> None:
    config = webhook_config(URL, is_paused=True)
    log = stored(config)
    assert taken() == 0
    UserConfig.objects.update(is_paused=False)
    make_due(log)
    assert taken() == 1


def test_a_destination_takes_no_more_than_its_places() -> None:
    config = webhook_config(URL)
    for _ in range(5):
        stored(config, destination="d")
    stored(config, destination="e")
    assert taken(free_places=lambda name: 2) == 3
    assert taken(full_destinations=["d"]) == 0
    assert taken() == 3


def test_taking_costs_the_same_statements_for_one_and_for_many(
    django_assert_max_num_queries: object,
) -> None:
    config = webhook_config(URL)
    for _ in range(40):
        stored(config)
    # is due? · begin · due · configs · breakers · holds · claim · attempts · commit
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        assert taken() == 40


def _sending() -> int:
    return NotificationLog.objects.get(status="sending").pk


def _long_ago() -> object:
    created = NotificationLog.objects.earliest("created_at").created_at
    return created - timedelta(minutes=10)
