"""Rows that are handed to the database arrive as they were given, few or many."""

from typing import Any

import pytest
from django.db import connection

from channels_app.models.sql import MOST_VALUES, Column, rows_from

COLUMNS = (
    Column("number", "integer"),
    Column("share", "real"),
    Column("words", "text"),
    Column("data", "json"),
    Column("is_so", "flag"),
    Column("at", "time"),
)
ROW = {
    "number": 2**53,
    "share": 0.25,
    "words": "50 % of 'Zoë' 张三 \\ ?",
    "data": {"a": [1, None, "%s"]},
    "is_so": True,
    "at": "2026-11-24T12:30:00.250000+00:00",
}
NOTHING = dict.fromkeys(ROW)
HALF = MOST_VALUES // len(COLUMNS) // 2

pytestmark = pytest.mark.django_db


def _read(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    source, parameters = rows_from(COLUMNS, rows)
    fields = "number, share, words, is_so, at IS NULL, data IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {fields} FROM {source}", parameters)
        return list(cursor.fetchall())


@pytest.mark.parametrize("count", [1, 2, 100, 2 * HALF, 2 * HALF + 2])
def test_all_arrive_whether_few_or_more_than_places_for_values(count: int) -> None:
    found = _read([ROW | {"number": number} for number in range(count)])
    assert [row[0] for row in found] == list(range(count))
    assert {row[1:] for row in found} == {(0.25, ROW["words"], True, False, False)}


def test_of_no_rows_there_are_none() -> None:
    assert _read([]) == []


def test_nothing_stays_nothing() -> None:
    (found,) = _read([NOTHING])
    assert found == (None, None, None, None, True, True)


def test_times_and_json_are_what_the_columns_hold() -> None:
    source, parameters = rows_from(COLUMNS, [ROW])
    path = "data->'a'->>2" if connection.vendor == "postgresql" else "data->>'$.a[2]'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {path}, CAST(at AS text) FROM {source}", parameters)
        word, at = cursor.fetchone()
    assert word == "%s"
    assert at.startswith("2026-11-24 12:30:00.25")
