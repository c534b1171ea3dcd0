"""Places for pumps: one pump in each, and a clock that was set back locks none."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from channels_app.delivery import slots
from channels_app.models import PumpSlot

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
