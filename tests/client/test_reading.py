"""The border to JSON: each field has its type, and what has not is named."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from notifications_client import UnexpectedAnswerError
from notifications_client.answers import SETTLED
from notifications_client.asking import LogFilter, Notification
from notifications_client.reading import Row, parsed_time
from tests.client import hostile as server
from tests.client.clients import client
from tests.client.hostile import hostile


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        ("text", 7),
        ("number", "7"),
        ("number", True),
        ("number", 1.5),
        ("flag", 1),
        ("flag", "true"),
        ("time", "yesterday"),
        ("time", 7),
        ("mapping", []),
        ("row", None),
        ("row", "x"),
        ("rows", {}),
        ("rows", [1]),
        ("texts", "abc"),
        ("texts", [1]),
    ],
)
def test_a_field_of_another_type_is_named(method: str, wrong: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="that_field"):
        getattr(Row({"that_field": wrong}), method)("that_field")


@pytest.mark.parametrize(
    ("method", "nothing"),
    [
        ("text", ""),
        ("number", None),
        ("flag", False),
        ("time", None),
        ("mapping", {}),
        ("rows", ()),
        ("texts", ()),
    ],
)
@pytest.mark.parametrize("fields", [{}, {"name": None}])
def test_what_is_not_there_reads_as_nothing(
    method: str, nothing: object, fields: dict[str, Any]
) -> None:
    assert getattr(Row(fields), method)("name") == nothing


@pytest.mark.parametrize(
    ("text", "microsecond", "hours"),
    [
        ("2026-01-02T03:04:05Z", 0, 0),
        ("2026-01-02T03:04:05.1Z", 100_000, 0),
        ("2026-01-02T03:04:05.123+08:00", 123_000, 8),
        ("2026-01-02T03:04:05.123456789+00:00", 123_456, 0),
        ("2026-01-02T03:04:05", 0, 0),
    ],
)
def test_times_are_read_in_every_form(text: str, microsecond: int, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    assert parsed_time(text) == datetime(2026, 1, 2, 3, 4, 5, microsecond, zone)


def test_what_a_newer_service_adds_is_kept() -> None:
    log = {"id": 1, "message_id": "m1", "status": "sent", "colour": "green"}
    page = {"success": True, "data": {"logs": [log], "next_cursor": None}}
    with hostile(server.answer(200, page)) as service:
        (found,) = client(service.url).logs(LogFilter(status="sent"))
    assert found.is_settled
    assert found.status in SETTLED
    assert found.fields["colour"] == "green"


def test_a_notification_says_only_what_it_was_given() -> None:
    assert Notification("u1", "x").as_body() == {
        "user_id": "u1",
        "custom_content": {"content": "x"},
    }
    full = Notification(
        "u1",
        template_key="t",
        variables={},
        channels=("lark",),
        send_at=datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=8))),
    )
    assert full.as_body() == {
        "user_id": "u1",
        "template_key": "t",
        "variables": {},
        "channels": ["lark"],
        "send_at": "2026-01-02T00:00:00+08:00",
    }
