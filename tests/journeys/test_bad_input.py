"""Bad input over the real server: an answer that helps, and nothing breaks."""

import json

import pytest

from tests.journeys.calls import SEND, Answer, Api
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

GOOD = {"user_id": "USER", "custom_content": {"content": "Hello"}}


def body_with(**changes: object) -> bytes:
    form = GOOD | changes
    return json.dumps({k: v for k, v in form.items() if v is not ...}).encode()


BODIES = {
    "nothing": (b"", 400, "INVALID_REQUEST"),
    "not JSON": (b"hello", 400, "INVALID_REQUEST"),
    "cut off": (body_with()[:-5], 400, "INVALID_REQUEST"),
    "an array": (b"[]", 400, "INVALID_REQUEST"),
    "not UTF-8": (b'{"user_id":"\xff\xfe"}', 400, "INVALID_REQUEST"),
    "GBK": ('{"user_id":"张三"}'.encode("gbk"), 400, "INVALID_REQUEST"),
    "2 MB": (
        body_with(custom_content={"content": "x" * 2_000_000}),
        413,
        "PAYLOAD_TOO_LARGE",
    ),
    "deep arrays": (b"[" * 10_000, 400, "INVALID_REQUEST"),
    "deep objects": (
        b'{"variables":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        400,
        "INVALID_REQUEST",
    ),
    "NUL": (body_with(custom_content={"content": "a\0b"}), 400, "INVALID_PARAMETER"),
    "bare control character": (b'{"user_id":"a\x01b"}', 400, "INVALID_REQUEST"),
    "control character": (body_with(user_id="a\nb"), 400, "INVALID_PARAMETER"),
    "lone surrogate": (rb'{"user_id":"\ud800"}', 400, "INVALID_PARAMETER"),
    "raw surrogate": (b'{"user_id":"\xed\xa0\x80"}', 400, "INVALID_REQUEST"),
    "no user": (body_with(user_id=...), 400, "MISSING_PARAMETER"),
    "unknown user": (body_with(user_id="nobody-knows"), 400, "USER_NO_CHANNELS"),
    "a number for a user": (body_with(user_id=7), 400, "INVALID_PARAMETER"),
    "a word for channels": (body_with(channels="lark"), 400, "INVALID_PARAMETER"),
    "unknown channel": (body_with(channels=["pigeon"]), 400, "INVALID_CHANNEL_TYPE"),
    "unknown template": (
        body_with(custom_content=..., template_key="nobody_knows"),
        400,
        "TEMPLATE_NOT_FOUND",
    ),
    "no content": (body_with(custom_content=...), 400, "MISSING_CONTENT"),
}


def assert_helpful(answer: Answer, status: int, code: str) -> None:
    assert answer.headers["Content-Type"] == "application/json"
    said = answer.json()
    assert (answer.status, said["code"], said["success"]) == (status, code, False)
    assert isinstance(said["error"], str)
    assert said["error"]
    assert said["hint"]
    assert said["request_id"] == answer.headers["X-Request-Id"]


@pytest.fixture
def user(service: Service) -> str:
    return service.new_user(("slack",))


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_answered_and_the_next_request_works(
    service: Service, api: Api, user: str, name: str
) -> None:
    body, status, code = BODIES[name]
    answer = api.call("POST", SEND, body=body.replace(b'"USER"', f'"{user}"'.encode()))
    assert_helpful(answer, status, code)
    logs = api.expect(200, "GET", f"/api/notification-logs?user_id={user}")["data"]
    assert logs["total"] == 0
    [message_id] = api.send(user_id=user, custom_content={"content": "Hello"})
    service.sent(message_id)


@pytest.mark.parametrize("source", ["{{ who", "{% set x = 1 %}", "{{ who.__class__ }}"])
def test_a_broken_template_is_refused_whole(api: Api, source: str) -> None:
    good, bad = {"content_template": "Hello"}, {"content_template": source}
    form = {"name": "Broken", "contents": {"slack": good, "lark": bad}}
    answer = api.call("POST", "/api/templates?key=broken", form)
    assert answer.status == 400
    assert answer.json()["hint"]
    assert "lark" in json.dumps(answer.json()["details"])
    api.expect(404, "GET", "/api/templates?key=broken")


def test_a_value_that_a_template_cannot_take_is_refused(
    service: Service, api: Api, user: str
) -> None:
    content = {"content_template": "{% for x in rows %}{{ x }}{% endfor %}"}
    form = {"name": "Rows", "variables": ["rows"], "contents": {"slack": content}}
    api.expect(200, "POST", f"/api/templates?key=rows_{user}", form)
    send = {"user_id": user, "template_key": f"rows_{user}"}
    answer = api.call("POST", SEND, {**send, "variables": {"rows": 5}})
    assert_helpful(answer, 400, "TEMPLATE_RENDER_ERROR")
    [message_id] = api.send(**send, variables={"rows": ["a", "b"]})
    service.sent(message_id)
