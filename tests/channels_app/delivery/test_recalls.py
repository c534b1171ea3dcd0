"""What a pump asks four times a second costs nothing, however many configs there are."""

import pytest
from django.db import connection

from channels_app.delivery.recalls import recalled_sql
from tests.channels_app.delivery.deliveries import webhook_config

pytestmark = pytest.mark.django_db


def test_the_look_finds_the_configs_in_flight_by_their_keys() -> None:
    webhook_config("https://receiver.example/hook")
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")
        word = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        cursor.execute(f"{word} {recalled_sql()}", ["[]"])
        plan = str(cursor.fetchall())
    by_key = "SEARCH user_configs USING INTEGER PRIMARY KEY"
    assert (by_key if sqlite else "user_configs_pkey") in plan
