"""Outcomes beside the pump: written by a clerk, kept when its database is lost."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from django.db import OperationalError, connection

from channels_app.delivery.clerk import Clerk
from channels_app.delivery.lessons import Lesson
from channels_app.delivery.logbook import Logbook
from channels_app.delivery.outcomes import refused_before_sending
from channels_app.models import NotificationLog
from channels_app.models.sql import is_postgres
from tests.channels_app.delivery.deliveries import claim, stored
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    with Clerk() as made:
        yield made


def a_lesson() -> Lesson:
    stored(None)
    (claimed,) = claim(limit=1, worker="w")
    return Lesson(refused_before_sending(claimed, "config_missing"), claimed)


def session() -> int:
    """Return the number of the session of whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end_session(number: int) -> bool:
    """End a session as a restart of the server would; False: there was none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid = %s",
            [number],
        )
        return cursor.fetchone() is not None


def is_open(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [number])
        return cursor.fetchone() is not None


def test_what_is_written_is_counted_and_the_waiting_end(clerk: Clerk) -> None:
    told = Event()
    logbook = Logbook(clerk, on_written=told.set)
    logbook.add(a_lesson())
    logbook.write(nothing_in_flight=False)
    logbook.collect(is_waited_for=True)
    assert (logbook.written, len(logbook)) == (1, 0)
    assert told.wait(5) or not is_postgres()
    assert NotificationLog.objects.get().status == "failed"


def test_what_a_lost_database_did_not_take_is_written_later(clerk: Clerk) -> None:
    if not is_postgres():
        pytest.skip("SQLite has no sessions to lose")
    logbook = Logbook(clerk, on_written=lambda: None)
    logbook.add(a_lesson())
    assert end_session(clerk.do(session).result())
    logbook.write(nothing_in_flight=False)
    with pytest.raises(OperationalError):
        logbook.collect(is_waited_for=True)
    assert (logbook.written, len(logbook)) == (0, 1)
    logbook.write(nothing_in_flight=False)
    logbook.collect(is_waited_for=True)
    assert (logbook.written, len(logbook)) == (1, 0)
    assert NotificationLog.objects.get().status == "failed"


def test_a_clerk_takes_its_session_along() -> None:
    if not is_postgres():
        pytest.skip("SQLite has no sessions to leave")
    with Clerk() as clerk:
        number = clerk.do(session).result()
    assert number != session()
    wait_until(lambda: not is_open(number), "its session has ended")
