from typing import Any
from urllib.parse import quote

import pytest

from channels_app.models import Status
from tests.channels_app.rows import BOT_TOKEN, default_client, make_log
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

ODD: list[Any] = [
    None,
    True,
    5,
    -1,
    2**63,
    2**200,
    1e308,
    "",
    " ",
    "x" * 5000,
    "\u2028\u200b\x1b",
    "\U0010ffff",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"a": {"b": [1]}},
]
BODIES: list[tuple[str, str, list[str]]] = [
    (
        "POST",
        "/api/user-configs",
        ["user_id", "channel_type", "config_data", "is_active", "guarantee"],
    ),
    ("PUT", "/api/users/u1/configs", ["configs"]),
    ("PUT", "/api/users/u1/configs/webhook", ["config_data", "config", "is_active"]),
    (
        "POST",
        "/api/notifications/retry",
        ["ids", "since", "until", "channel", "error_code"],
    ),
    ("POST", "/api/queue/clear-retries", ["taskIds", "markAsFailed"]),
    ("DELETE", "/api/notification-logs/cleanup", ["days", "before", "before_date"]),
    (
        "PUT",
        "/api/templates/k",
        [
            "name",
            "description",
            "variables",
            "contents",
            "undefined",
            "is_active",
            "sample_variables",
            "note",
        ],
    ),
    (
        "POST",
        "/api/templates/k/contents/lark",
        ["content_type", "subject_template", "content_template"],
    ),
    ("POST", "/api/templates/k/render", ["channel", "variables"]),
]
GOOD: dict[str, Any] = {
    "user_id": "u1",
    "channel_type": "telegram",
    "config_data": {"bot_token": BOT_TOKEN, "chat_id": "1"},
    "name": "n",
    "contents": {"lark": {"content_template": "x"}},
    "content_template": "x",
}
QUERIES: list[tuple[str, str, list[str]]] = [
    ("GET", "/api/user-configs", ["user_id", "channel_type"]),
    ("DELETE", "/api/user-configs", ["user_id", "channel_type"]),
    (
        "GET",
        "/api/notification-logs",
        [
            "user_id",
            "channel",
            "channel_type",
            "status",
            "template_key",
            "start_date",
            "end_date",
            "limit",
            "offset",
            "cursor",
        ],
    ),
    ("DELETE", "/api/notification-logs/cleanup", ["days", "before"]),
    ("GET", "/api/templates", ["key", "include_inactive", "limit", "offset"]),
    ("DELETE", "/api/templates", ["key"]),
]
ODD_TEXTS = [
    "",
    "%00",
    "%ff%fe",
    "%ED%A0%80",
    "9" * 30,
    "-" + "9" * 30,
    "1e5",
    "NaN",
    "x" * 3000,
    "%F0%9F%92%A5",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59-14:00",
    "[]",
    "'",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize(("method", "path", "names"), BODIES)
def test_no_odd_value_in_a_body_is_an_error_of_ours(
    signed: Signed, method: str, path: str, names: list[str], odd: Any
) -> None:
    make_log(default_client(), status=Status.FAILED)
    signed("PUT", "/api/templates/k", {"key": "k", **GOOD})
    for name in names:
        answer = signed(method, path, {**GOOD, name: odd})
        assert answer.status_code < 500, (name, answer.content)
        if answer.status_code >= 400:
            assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: text[:20])
@pytest.mark.parametrize(("method", "path", "names"), QUERIES)
def test_no_odd_text_in_a_query_is_an_error_of_ours(
    signed: Signed, method: str, path: str, names: list[str], text: str
) -> None:
    for name in names:
        answer = signed(method, f"{path}?{name}={text}")
        assert answer.status_code < 500, (name, answer.content)


@pytest.mark.parametrize("text", [*ODD_TEXTS, quote("a/b", safe="")])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/users/{}/configs"),
        ("GET", "/api/users/u1/configs/{}"),
        ("DELETE", "/api/users/{}/configs/lark"),
        ("PUT", "/api/users/{}/configs/lark"),
        ("DELETE", "/api/notification-logs/{}"),
        ("GET", "/api/notifications/{}"),
        ("POST", "/api/notifications/{}/cancel"),
        ("GET", "/api/templates/{}"),
        ("DELETE", "/api/templates/{}"),
        ("PUT", "/api/templates/{}"),
        ("POST", "/api/templates/{}/render"),
        ("POST", "/api/templates/k/contents/{}"),
    ],
)
def test_no_odd_text_in_a_path_is_an_error_of_ours(
    signed: Signed, method: str, path: str, text: str
) -> None:
    body = GOOD if method in {"POST", "PUT"} else None
    assert signed(method, path.format(text), body).status_code < 500
