"""The pool of the web processes: no question before use, and no dead connection in use."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import OperationalError, connection

from notifications_site.postgresql import KEEPALIVES, POOL, POOLED
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pooled() -> Iterator[Any]:
    """Give a connection as a web process has it, to the database of the tests."""
    if connection.vendor != "postgresql":
        pytest.skip("the pool is PostgreSQL's")
    # It registers adapters with psycopg, which not every installation has.
    base = pytest.importorskip("notifications_site.postgresql.base")
    pool = {**POOL, "max_size": 1}
    settings = deepcopy(connection.settings_dict)
    options = {**settings["OPTIONS"], **KEEPALIVES, "pool": pool}
    wrapper = base.DatabaseWrapper(
        {**settings, **POOLED, "OPTIONS": options}, alias="pooled"
    )
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def pid_of(wrapper: Any) -> int:
    """Use a connection as a request does; return its server process."""
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])
    finally:
        wrapper.close()


def end(pids: set[int]) -> None:
    """End server processes as a restart does, and wait until they are gone."""
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_is_used_again_without_a_question(pooled: Any) -> None:
    pids = {pid_of(pooled) for _number in range(6)}
    assert len(pids) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE pid = ANY(%s)", [list(pids)]
        )
        assert {row[0] for row in cursor.fetchall()} == {"SELECT pg_backend_pid()"}


def test_requests_after_a_restart_of_the_server_see_nothing_of_it(pooled: Any) -> None:
    before = {pid_of(pooled) for _number in range(6)}
    end(before)
    after = {pid_of(pooled) for _number in range(6)}
    assert not before & after


def test_a_server_that_stays_away_is_reported(pooled: Any) -> None:
    before = {pid_of(pooled) for _number in range(6)}
    host = pooled.pool.kwargs["host"]
    pooled.pool.kwargs["host"] = "/nowhere"
    end(before)
    with pytest.raises(OperationalError):
        pid_of(pooled)
    pooled.pool.kwargs["host"] = host
    wait_until(lambda: is_back(pooled), "requests find the server again")


def is_back(pooled: Any) -> bool:
    try:
        return bool(pid_of(pooled))
    except OperationalError:
        return False
