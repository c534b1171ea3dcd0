import json
import os
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings

from channels_app.api.parsing import read_object
from channels_app.api.send_form import read_send_form
from channels_app.models import NotificationLog, Priority
from channels_app.services.refusals import REFUSALS, RequestRefusedError
from tests.conftest import Signed, signature_headers

PATH = "/api/notifications/send"
KNOWN = ("lark", "telegram", "slack", "webhook")


def body_with(**changes: object) -> bytes:
    form = {
        "user_id": "u1",
        "channels": ["lark"],
        "custom_content": {"content": "hello"},
    } | changes
    return json.dumps(
        {key: value for key, value in form.items() if value != ...}
    ).encode()


def nested(depth: int) -> bytes:
    return b'{"user_id":"u1","variables":{"a":' + b"[" * depth + b"]" * depth + b"}}"


TOO_LONG = "x" * 101
TABLE = [
    # not JSON, or not an object
    (b"", "INVALID_REQUEST", "empty"),
    (b"   \n", "INVALID_REQUEST", "empty"),
    (b"hello", "INVALID_REQUEST", "not JSON"),
    (b'{"user_id":"u1"', "INVALID_REQUEST", "not JSON"),
    (b'{"user_id":"u1"} {}', "INVALID_REQUEST", "not JSON"),
    (b"{'user_id':'u1'}", "INVALID_REQUEST", "not JSON"),
    (b"[]", "INVALID_REQUEST", "an array"),
    (b'"text"', "INVALID_REQUEST", "a string"),
    (b"42", "INVALID_REQUEST", "a number"),
    (b"null", "INVALID_REQUEST", "null"),
    (b'{"user_id":"u1","n":NaN}', "INVALID_REQUEST", "not JSON"),
    (b'{"user_id":"u1","variables":{"n":Infinity}}', "INVALID_REQUEST", "not JSON"),
    (b'{"user_id":"u1","variables":{"n":1e999}}', "INVALID_PARAMETER", "variables"),
    (b'{"user_id":"a\x01b"}', "INVALID_REQUEST", "not JSON"),
    # not UTF-8
    (b'{"user_id":"\xff"}', "INVALID_REQUEST", "UTF-8"),
    ('{"user_id":"张"}'.encode("gbk"), "INVALID_REQUEST", "UTF-8"),
    ('{"user_id":"u1"}'.encode("utf-16"), "INVALID_REQUEST", ""),
    (b'{"user_id":"\xed\xa0\x80"}', "INVALID_REQUEST", "UTF-8"),
    # too deep
    (nested(10_000), "INVALID_REQUEST", "nested"),
    (nested(400), "INVALID_REQUEST", "nested"),
    (nested(49), "INVALID_REQUEST", "nested"),
    (b"[" * 10_000, "INVALID_REQUEST", "nested"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "INVALID_REQUEST", "nested"),
    # NUL and lone surrogates, in values and in keys
    (rb'{"user_id":"a\u0000b"}', "INVALID_PARAMETER", "user_id"),
    (
        rb'{"user_id":"u1","variables":{"a":[1,{"b\u0000":1}]}}',
        "INVALID_PARAMETER",
        "variables.a[1].b",
    ),
    (
        rb'{"user_id":"u1","metadata":{"variables":{"a":"\u0000"}}}',
        "INVALID_PARAMETER",
        "metadata.variables.a",
    ),
    (rb'{"user_id":"u1","metadata":{"k\u0000":1}}', "INVALID_PARAMETER", "metadata.k"),
    (rb'{"user_id":"\ud800"}', "INVALID_PARAMETER", "user_id"),
    (rb'{"user_id":"u1","zz":["\udfff"]}', "INVALID_PARAMETER", "zz[0]"),
    (rb'{"user_id":"u1","a\udc00":1}', "INVALID_PARAMETER", "surrogate"),
    # user
    (body_with(user_id=...), "MISSING_PARAMETER", "user_id"),
    (body_with(user_id=None), "MISSING_PARAMETER", "user_id"),
    (body_with(user_id=7), "INVALID_PARAMETER", "user_id must be a string"),
    (body_with(user_id=[]), "INVALID_PARAMETER", "not an array"),
    (body_with(user_id=""), "INVALID_PARAMETER", "user_id"),
    (body_with(user_id=TOO_LONG), "INVALID_PARAMETER", "101"),
    (body_with(user_id="a\nb"), "INVALID_PARAMETER", "control"),
    (body_with(user_id="a\x85b"), "INVALID_PARAMETER", "U+0085"),
    # channels
    (body_with(channels="lark"), "INVALID_PARAMETER", "channels must be an array"),
    (body_with(channels={}), "INVALID_PARAMETER", "channels"),
    (body_with(channels=["lark", 1]), "INVALID_PARAMETER", "channels[1]"),
    (body_with(channels=[]), "INVALID_PARAMETER", "empty"),
    (body_with(channels=["lark", "lark"]), "INVALID_PARAMETER", "twice"),
    (body_with(channels=["pigeon"]), "INVALID_CHANNEL_TYPE", "pigeon"),
    (body_with(channels=["lark", "Lark"]), "INVALID_CHANNEL_TYPE", "Lark"),
    (body_with(channels=["a\x01"]), "INVALID_CHANNEL_TYPE", "a?"),
    # content
    (body_with(custom_content=...), "MISSING_CONTENT", ""),
    (body_with(custom_content={}), "MISSING_CONTENT", ""),
    (body_with(custom_content={"subject": "s"}), "MISSING_CONTENT", "content"),
    (body_with(custom_content={"content": " "}), "MISSING_CONTENT", "content"),
    (body_with(custom_content="hello"), "INVALID_PARAMETER", "custom_content must"),
    (
        body_with(custom_content={"content": 5}),
        "INVALID_PARAMETER",
        "custom_content.content must be a string or null, not a number",
    ),
    (
        body_with(custom_content={"content": {"text": "x"}}),
        "INVALID_PARAMETER",
        "not an object",
    ),
    (body_with(template_key="welcome"), "INVALID_PARAMETER", "Both"),
    (
        body_with(template_key=TOO_LONG, custom_content=...),
        "INVALID_PARAMETER",
        "template_key",
    ),
    (body_with(template_key=["a"]), "INVALID_PARAMETER", "template_key"),
    # the rest
    (body_with(variables=[]), "INVALID_PARAMETER", "variables"),
    (body_with(metadata="x"), "INVALID_PARAMETER", "metadata"),
    (body_with(idempotency_key="x" * 256), "INVALID_PARAMETER", "256"),
    (body_with(idempotency_key="a\tb"), "INVALID_PARAMETER", "control"),
    (body_with(priority="urgent"), "INVALID_PARAMETER", "priority"),
    (body_with(priority=1), "INVALID_PARAMETER", "priority"),
    (body_with(send_at="tomorrow"), "INVALID_PARAMETER", "send_at"),
    (body_with(send_at=1736150400), "INVALID_PARAMETER", "send_at"),
    (body_with(expires_at="0001-01-01T00:00:00+14:00"), "INVALID_PARAMETER", "expires"),
    (
        body_with(send_at="2026-02-01T00:00:00Z", expires_at="2026-01-31T00:00:00Z"),
        "INVALID_PARAMETER",
        "expires_at",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "code", "word"), TABLE, ids=range(len(TABLE)))
def test_a_bad_body_is_refused_with_code_and_hint(
    signed: Signed, body: bytes, code: str, word: str
) -> None:
    answer = signed("POST", PATH, body=body)
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (REFUSALS[code].status, code)
    assert word in refusal["error"]
    assert refusal["hint"]
    assert refusal["success"] is False
    assert refusal["request_id"] == answer.headers["X-Request-Id"]
    assert not NotificationLog.objects.exists()


@pytest.mark.django_db
def test_two_megabytes_are_too_large(signed: Signed) -> None:
    body = body_with(custom_content={"content": "x" * 2_000_000})
    answer = signed("POST", PATH, body=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.json()["details"] == {"limit_bytes": 1024 * 1024}


@pytest.mark.django_db
def test_an_unknown_channel_is_answered_with_the_known_ones(signed: Signed) -> None:
    answer = signed("POST", PATH, body=body_with(channels=["pigeon"])).json()
    assert {"lark", "telegram", "slack", "webhook"} <= set(answer["details"]["known"])
    assert "telegram" in answer["hint"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 400),
        ("", 400),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        ("application/xml", 415),
    ],
)
def test_only_json_is_taken(client: Client, content_type: str, status: int) -> None:
    body = body_with(channels=["pigeon"])
    key = os.environ["API_SECRET_KEY"]
    headers = signature_headers("POST", PATH, body, key)
    answer = client.generic("POST", PATH, body, content_type, headers=headers)
    assert answer.status_code == status


@pytest.mark.django_db
def test_the_limit_is_a_setting(signed: Signed, settings: Settings) -> None:
    settings.API_BODY_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert signed("POST", PATH, body=b" " * 101).status_code == 413


def test_fifty_levels_are_read() -> None:
    deep = b'{"a":' + b"[" * 49 + b"]" * 49 + b"}"
    assert "a" in read_object(deep)
    with pytest.raises(RequestRefusedError):
        read_object(b'{"a":' + b"[" * 50 + b"]" * 50 + b"}")


def test_a_whole_request_is_read() -> None:
    body = body_with(
        user_id="张三",
        channels=["lark", "slack"],
        custom_content={"subject": "Zoë", "content": '"Q" \\ 🎉'},
        variables=None,
        idempotency_key="k-1",
        metadata={"priority": "high", "order": 7},
        send_at="2026-01-31T09:30:00",
        expires_at="2026-01-31T20:00:00+08:00",
        unknown={"is": "ignored"},
    )
    asked = read_send_form(body, known_channels=KNOWN)
    assert asked.user_id == "张三"
    assert asked.channels == ("lark", "slack")
    assert (asked.subject, asked.content) == ("Zoë", '"Q" \\ 🎉')
    assert asked.priority is Priority.HIGH
    assert asked.send_at == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    assert asked.expires_at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert asked.metadata == {"priority": "high", "order": 7}
    assert len(asked.fingerprint) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"template_key": "welcome", "custom_content": None},
        {"template_key": "welcome", "custom_content": {}},
        {"template_key": "welcome", "custom_content": ...},
    ],
)
def test_a_template_needs_no_content(changes: dict[str, object]) -> None:
    asked = read_send_form(body_with(**changes), known_channels=KNOWN)
    assert (asked.template_key, asked.content) == ("welcome", None)


@pytest.mark.parametrize(
    ("in_body", "header", "key"),
    [
        (None, "", None),
        ("", "", None),
        ("k", "", "k"),
        (None, "k", "k"),
        (None, '"k"', "k"),
        (None, '"a\\"b"', 'a"b'),
        ("k", '"k"', "k"),
    ],
)
def test_the_idempotency_key_comes_from_body_or_header(
    in_body: str | None, header: str, key: str | None
) -> None:
    body = body_with(idempotency_key=in_body)
    asked = read_send_form(body, known_channels=KNOWN, header_key=header)
    assert asked.idempotency_key == key


def test_two_different_idempotency_keys_are_refused() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        read_send_form(
            body_with(idempotency_key="a"), known_channels=KNOWN, header_key="b"
        )
    assert refused.value.code == "INVALID_PARAMETER"


@pytest.mark.parametrize("priority", ["urgent", 3, None, ["high"]])
def test_a_priority_of_the_callers_own_in_metadata_is_left_alone(
    priority: object,
) -> None:
    body = body_with(metadata={"priority": priority})
    asked = read_send_form(body, known_channels=KNOWN)
    assert asked.priority is Priority.NORMAL
