"""Signatures as the running server takes and refuses them."""

import json
import time
from collections.abc import Callable

import pytest

from tests.journeys.calls import (
    SEND,
    Answer,
    Api,
    next_stamp,
    request,
    signature,
)
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

BODY = json.dumps({"user_id": "u", "custom_content": {"content": "x"}}).encode()
# The contract's own examples: they are right, and long expired.
KEY, STAMP = "test-secret-key-0123456789abcdef", "1736150400000"
VECTORS = [
    (
        b'{"user_id":"u1","channels":["webhook"]}',
        "ad0dbf27be83d0d30bd6d1c843fab04125fdff8f06664b37b25125ef25e43638",
    ),
    (
        '{"user_id":"张三","n":1}'.encode(),
        "988415b8d04df86c60b832580c48de6ea4fd88f9f77156b7067b7679da1b4d82",
    ),
    (
        b"/api/notification-logs?user_id=u1&limit=5",
        "955165ed866cccafe459cd8f6785f22c62268596ad0c83aeb2b59a24bbc1cbbc",
    ),
    (b"", "40a81f137554eb5fe888b4e427664f6e9f48a120937f94c28ce829e35983c7a8"),
]

Post = Callable[[str | None, str | None], Answer]


@pytest.mark.parametrize(("covered", "expected"), VECTORS)
def test_the_journeys_sign_as_the_contract_says(covered: bytes, expected: str) -> None:
    assert signature(KEY, STAMP, covered) == expected


@pytest.fixture
def post(api: Api) -> Post:
    """Return a caller that sends what it is given for stamp and signature."""

    def call(stamp: str | None, signed: str | None) -> Answer:
        given = {"X-Timestamp": stamp, "X-Signature": signed}
        headers = {name: value for name, value in given.items() if value is not None}
        return request(api.port, "POST", SEND, BODY, headers)

    return call


def assert_refused(answer: Answer, code: str, hint: str) -> None:
    said = answer.json()
    assert (answer.status, said["code"]) == (401, code)
    assert hint in said["hint"]
    assert said["request_id"] == answer.headers["X-Request-Id"]


def test_missing_headers_are_named(post: Post) -> None:
    answer = post(next_stamp(), None)
    assert_refused(answer, "MISSING_AUTH_HEADERS", "X-Signature")
    assert answer.json()["details"] == {"missing": ["X-Signature"]}
    missing = ["X-Timestamp", "X-Signature"]
    assert post(None, None).json()["details"] == {"missing": missing}


def test_seconds_are_told_from_milliseconds(api: Api, post: Post) -> None:
    seconds = str(int(time.time()))
    answer = post(seconds, signature(api.secret, seconds, BODY))
    assert_refused(answer, "INVALID_TIMESTAMP", "send milliseconds")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stamp_outside_the_window_is_told_with_its_skew(
    api: Api, post: Post, minutes: int
) -> None:
    stamp = str(int(next_stamp()) + minutes * 60_000)
    answer = post(stamp, signature(api.secret, stamp, BODY))
    assert_refused(answer, "TIMESTAMP_EXPIRED", "")
    skew = answer.json()["details"]["skew_ms"]
    assert round(skew / 60_000) == minutes


def test_a_signature_is_good_once(service: Service, api: Api) -> None:
    user = service.new_user(("slack",))
    form = {"user_id": user, "custom_content": {"content": "Hello"}}
    body, stamp = json.dumps(form).encode(), next_stamp()
    headers = {"X-Timestamp": stamp, "X-Signature": signature(api.secret, stamp, body)}
    first, second = (request(api.port, "POST", SEND, body, headers) for _ in range(2))
    assert first.status == 202
    assert_refused(second, "REPLAYED_REQUEST", "")
    assert second.json()["hint"]
    logs = api.expect(200, "GET", f"/api/notification-logs?user_id={user}")["data"]
    assert logs["total"] == 1


@pytest.mark.parametrize("separator", [b".", b"\n"], ids=["dot", "newline"])
def test_a_known_mistake_is_named(api: Api, post: Post, separator: bytes) -> None:
    stamp = next_stamp()
    answer = post(stamp, signature(api.secret, stamp, separator + BODY))
    assert_refused(answer, "INVALID_SIGNATURE", "separator")


def test_an_expected_signature_is_never_told(api: Api, post: Post) -> None:
    stamp = next_stamp()
    answer = post(stamp, signature("another secret", stamp, BODY))
    assert_refused(answer, "INVALID_SIGNATURE", "")
    assert answer.json()["hint"]
    assert signature(api.secret, stamp, BODY).encode() not in answer.body
