"""The cursor that remembers how statements are written for SQLite."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="is about SQLite's cursor"
    ),
]


@pytest.mark.parametrize("time", ["first", "second"])
def test_places_and_percent_signs_are_read_as_django_reads_them(time: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s, '%%s', 7 %% 4, %s", [time, 2])
        assert cursor.fetchone() == (time, "%s", 3, 2)


def test_named_places_are_read_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %(b)s, %(a)s", {"a": 1, "b": 2})
        assert cursor.fetchone() == (2, 1)


def test_a_statement_without_values_is_left_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT '%s'")
        assert cursor.fetchone() == ("%s",)
