"""The test run itself: it uses the database it was asked for and nothing outside."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection, connections

from tests.plugin import NetworkIsShutError

VENDORS = {"sqlite": "sqlite", "postgres": "postgresql"}


@pytest.mark.django_db
def test_the_database_is_the_chosen_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.vendor == VENDORS[os.environ["TEST_DATABASE"]]


def test_the_developers_settings_are_not_used() -> None:
    assert not Path(os.environ["ENV_FILE"]).exists()
    assert str(settings.DATA_DIR).startswith(os.environ["TEST_SEALED_DIR"])


def test_addresses_outside_are_out_of_reach() -> None:
    with socket.socket() as outside, pytest.raises(NetworkIsShutError):
        outside.connect(("192.0.2.1", 80))


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_test_database() -> None:
    def tables(_: int) -> list[str]:
        try:
            return connection.introspection.table_names()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        seen = list(threads.map(tables, range(20)))
    assert all("notification_logs" in names for names in seen)


def test_valkey_is_a_real_server(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as server:
        assert server.info()["server_name"] == "valkey"
