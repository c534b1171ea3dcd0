"""The task queue in the database: taken once, in order, by the database's clock."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django_q.brokers import get_broker
from django_q.models import OrmQ

from channels_app.tasks.database_queue import DatabaseQueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue() -> DatabaseQueue:
    queue = get_broker()
    assert isinstance(queue, DatabaseQueue)
    return queue


def test_tasks_are_taken_once_and_in_order(queue: DatabaseQueue) -> None:
    numbers = [queue.enqueue("first"), queue.enqueue("second")]
    assert queue.queue_size() == 2
    assert queue.dequeue() == [(numbers[0], "first")]
    assert queue.dequeue() == [(numbers[1], "second")]
    assert queue.dequeue() is None
    assert (queue.queue_size(), queue.lock_size()) == (0, 2)


def test_a_task_that_nobody_acknowledged_is_taken_again(queue: DatabaseQueue) -> None:
    number = queue.enqueue("first")
    assert queue.dequeue() == [(number, "first")]
    OrmQ.objects.update(lock=Now() - timedelta(seconds=1))
    assert queue.dequeue() == [(number, "first")]
    queue.acknowledge(number)
    assert (queue.queue_size(), queue.lock_size()) == (0, 0)


def test_a_new_task_is_free_by_every_clock(queue: DatabaseQueue) -> None:
    queue.enqueue("first")
    two_hours_ago = Now() - timedelta(hours=2)
    assert OrmQ.objects.filter(lock__lt=two_hours_ago).count() == 1
