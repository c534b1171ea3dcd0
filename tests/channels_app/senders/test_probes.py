"""Probes: requests that show whether a destination is there, and that nobody sees."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels_app.senders.contract import Answer, HttpSender, SendError
from channels_app.senders.registry import SENDERS

BLOCKED = (
    b'{"ok":false,"error_code":403,'
    b'"description":"Forbidden: bot was blocked by the user"}'
)
NOON = datetime(2025, 1, 6, 12, 0, tzinfo=UTC)


def sender(kind: str) -> HttpSender:
    found = SENDERS[kind]
    assert isinstance(found, HttpSender)
    return found


@pytest.mark.parametrize(
    ("kind", "method", "url", "body"),
    [
        (
            "telegram",
            "POST",
            "https://api.telegram.org/bot123456:sample-token/sendChatAction",
            b'{"chat_id":42,"action":"typing"}',
        ),
        ("slack", "POST", "https://hooks.slack.com/services/T000/B000/sample", b"{}"),
        (
            "lark",
            "POST",
            "https://open.larksuite.com/open-apis/bot/v2/hook/sample",
            b"{}",
        ),
        ("webhook", "OPTIONS", "https://service.example/hook", b""),
    ],
)
def test_the_gentlest_request(kind: str, method: str, url: str, body: bytes) -> None:
    request = sender(kind).probe(SENDERS[kind].sample)
    assert request is not None
    assert (request.method, request.url, request.body) == (method, url, body)


@pytest.mark.parametrize("kind", ["slack", "lark", "webhook"])
def test_without_an_address_there_is_nothing_to_ask(kind: str) -> None:
    assert sender(kind).probe({}) is None


@pytest.mark.parametrize(
    ("kind", "status", "body", "code"),
    [
        ("telegram", 200, b'{"ok":true,"result":true}', None),
        (
            "telegram",
            403,
            BLOCKED,
            "bot_blocked",
        ),
        ("slack", 400, b"no_text", None),
        ("slack", 400, b"invalid_payload", None),
        ("slack", 404, b"no_service", "no_service"),
        ("slack", 410, b"channel_is_archived", "channel_is_archived"),
        ("lark", 200, b'{"code":19002,"msg":"params error"}', None),
        ("lark", 200, b'{"code":9499,"msg":"Bad Request"}', None),
        ("lark", 200, b'{"code":19001,"msg":"token invalid"}', "19001"),
        ("webhook", 204, b"", None),
        ("webhook", 410, b"", "http_410"),
        ("webhook", 405, b"", "http_405"),
    ],
)
def test_the_answer_says_whether_it_is_there(
    kind: str, status: int, body: bytes, code: str | None
) -> None:
    assert read(kind, Answer(status, NOON, {}, body)) == code


def read(kind: str, answer: Answer) -> Any:
    try:
        sender(kind).read_probe(answer)
    except SendError as error:
        return error.code
    return None
