import math

import pytest

from channels_app.senders.answers import json_object, quoted, retry_after, wait_seconds
from channels_app.senders.contract import RetryableSendError
from channels_app.senders.registry import SENDERS
from tests.channels_app.senders.examples import answer
from tests.channels_app.senders.judge import sender_of


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 5 ", 5),
        ("1.5", 1.5),
        ("86401", 86_400),
        ("999999999999", 86_400),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("1e9", None),
        ("٣", None),
        ("Mon, 06 Jan 2025 08:01:00 GMT", 60),
        ("Mon, 06 Jan 2025 09:01:00 +0100", 60),
        ("Mon, 06 Jan 2025 08:01:00", 60),
        ("Monday, 06-Jan-25 08:01:00 GMT", 60),
        ("Mon, 06 Jan 2025 07:59:00 GMT", None),
        ("Mon, 06 Jan 2035 08:00:00 GMT", 86_400),
        ("Mon, 99 Jan 2025 08:00:00 GMT", None),
        ("Mon, 06 Jan 99999999999999999999 08:00:00 GMT", None),
        ("x" * 100_000, None),
    ],
)
def test_a_wait_is_seconds_or_a_date_counted_from_the_answer(
    value: str, seconds: float | None
) -> None:
    assert retry_after(answer(429, headers={"retry-after": value})) == seconds


def test_without_a_header_there_is_no_wait() -> None:
    assert retry_after(answer(429)) is None


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("webhook", 429, "slow down"),
        ("slack", 429, "rate_limited"),
        ("slack", 429, "<html>"),
        ("lark", 429, "<html>"),
        ("lark", 200, '{"code": 11232, "msg": "frequency limited"}'),
        ("lark", 200, '{"code": 9499, "msg": "too many request"}'),
        ("telegram", 429, "<html>"),
        ("telegram", 429, '{"ok": false, "error_code": 429}'),
        ("telegram", 200, '{"ok": false, "error_code": 429}'),
    ],
)
@pytest.mark.parametrize(
    ("named", "wait"), [({}, 60), ({"retry-after": "7"}, 7), ({"retry-after": "?"}, 60)]
)
def test_a_limit_waits_as_long_as_named_or_else_a_minute(
    kind: str, status: int, body: str, named: dict[str, str], wait: float
) -> None:
    with pytest.raises(RetryableSendError) as caught:
        sender_of(kind).read(answer(status, body, named))
    assert caught.value.retry_after == wait
    assert not SENDERS[kind].errors[caught.value.code].costs_try


def test_trouble_that_is_no_limit_names_no_wait() -> None:
    with pytest.raises(RetryableSendError) as caught:
        sender_of("webhook").read(answer(503))
    assert caught.value.retry_after is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, True, "5", None, [5]])
def test_a_wait_that_makes_no_sense_is_ignored(value: object) -> None:
    assert wait_seconds(value) is None


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"", None),
        (b"[]", None),
        (b"null", None),
        (b"<html>", None),
        (b"\xff\xfe\xfd", None),
        (b"[" * 10_000, None),
        (b'{"a":' * 10_000, None),
        (b'{"a":' + b"9" * 10_000 + b"}", None),
    ],
)
def test_only_a_json_object_is_one(body: bytes, value: object) -> None:
    assert json_object(answer(200, body)) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b"no\r\n such\tthing\x00", "no such thing"),
        (b"\xff", "\ufffd"),
        (b"<html><style>p {}</style><p>Bad</p>\n<b>Gateway</b>", "Bad Gateway"),
        ("\u202eevil".encode(), "evil"),
        (b"x" * 60_000, "x" * 300),
    ],
)
def test_a_body_is_quoted_as_one_short_line(body: bytes, text: str) -> None:
    assert quoted(answer(500, body)) == text
