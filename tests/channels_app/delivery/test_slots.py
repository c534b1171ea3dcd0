"""Places for pumps: one pump in each, and a clock that was set back locks none."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from channels_app.delivery import slots
from channels_app.models import PumpSlot, WorkerHeartbeat
from channels_app.models.sql import now_plus
from channels_app.selectors.engine import pumps_possible
from channels_app.tasks.ticker import beat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_slot() -> None:
    PumpSlot.objects.all().delete()
    slots.ensure_slots(1)


def test_a_slot_is_woken_once_and_taken_once() -> None:
    assert slots.book_wake() == 0
    assert slots.book_wake() is None
    assert slots.busy_count() == 1
    assert slots.take(0, "w1-1")
    assert not slots.take(0, "w2-1")
    assert (slots.running_count(), slots.running_count("w2")) == (1, 0)
    slots.leave(0, "w1-1")
    assert slots.busy_count() == 0


def test_a_clock_that_was_set_back_locks_no_slot() -> None:
    two_hours = Now() + timedelta(hours=2)
    PumpSlot.objects.update(woken_until=two_hours, running_until=two_hours, worker="w")
    assert (slots.busy_count(), slots.running_count()) == (0, 0)
    assert slots.book_wake() == 0
    assert slots.take(0, "w1-1")
    assert slots.running_count("w1") == 1


def test_there_are_as_many_slots_as_the_living_workers_have_room_for() -> None:
    beat("w1", pumps=1)
    beat("w2", pumps=3)
    slots.fit_slots(pumps_possible())
    assert slot_numbers() == [0, 1, 2, 3]
    beat("w2", pumps=2)
    slots.fit_slots(pumps_possible())
    assert slot_numbers() == [0, 1, 2]


def test_the_slots_of_a_worker_that_is_gone_go_when_they_are_free() -> None:
    beat("w1", pumps=1)
    beat("w2", pumps=2)
    slots.fit_slots(pumps_possible())
    assert slots.take(2, "w1-1")
    let_die("w2")
    slots.fit_slots(pumps_possible())
    assert slot_numbers() == [0, 2]
    slots.leave(2, "w1-1")
    slots.fit_slots(pumps_possible())
    assert slot_numbers() == [0]


def slot_numbers() -> list[int]:
    return list(PumpSlot.objects.order_by("number").values_list("number", flat=True))


def let_die(name: str) -> None:
    assert WorkerHeartbeat.objects.filter(name=name).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE worker_heartbeats SET seen_at = {now_plus('-60')} WHERE name = %s",
            [name],
        )
