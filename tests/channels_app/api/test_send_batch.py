"""POST /api/notifications/send-batch: each by itself, all of them in one commit."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_app.models import IdempotencyKey, NotificationLog, Priority
from channels_app.services.signatures.signature import sign
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import (
    default_client as client_after_a_flush,
)
from tests.channels_app.rows import default_client, make_config

PATH = "/api/notifications/send-batch"
SINGLE = "/api/notifications/send"

pytestmark = pytest.mark.django_db


def one(user_id: str = "u1", **fields: Any) -> dict[str, Any]:
    return {"user_id": user_id, "custom_content": {"content": "hello"}, **fields}


def post(body: bytes, *, path: str = PATH, stamp: int | None = None) -> Any:
    written = str(stamp or time.time_ns() // 1_000_000)
    headers = {
        "X-Timestamp": written,
        "X-Signature": sign(client_secret(), written, body),
    }
    return Client().post(path, body, content_type="application/json", headers=headers)


def client_secret() -> str:
    return "test-secret-key-0123456789abcdef"


def send(*notifications: Any, **more: Any) -> Any:
    return post(json.dumps({"notifications": notifications, **more}).encode())


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = client_secret()


@pytest.fixture
def user() -> str:
    make_config(default_client())
    return "u1"


def test_a_bad_one_does_not_stop_the_good_ones(user: str) -> None:
    bad = one(user, priority="urgent")
    answer = send(one(user), bad, one("nobody"), "text", one(user, metadata={"n": 1}))
    body = answer.json()
    assert answer.status_code == 202
    assert (body["success"], body["accepted"], body["rejected"]) == (True, 2, 3)
    assert [result["index"] for result in body["results"]] == [0, 1, 2, 3, 4]
    assert [result.get("code") for result in body["results"]] == [
        None,
        "INVALID_PARAMETER",
        "USER_NO_CHANNELS",
        "INVALID_PARAMETER",
        None,
    ]
    refused = body["results"][1]
    assert refused["success"] is False
    assert refused["error"]
    assert refused["hint"]
    assert "results" not in refused
    [stored] = body["results"][4]["results"]
    log = NotificationLog.objects.get(pk=stored["logId"])
    assert (log.message_id, log.metadata) == (stored["messageId"], {"n": 1})
    assert NotificationLog.objects.count() == 2


def test_options_hold_for_each(user: str) -> None:
    send(
        one(user, priority="high"),
        one(user, send_at="2099-01-01T00:00:00Z", expires_at="2099-01-02T00:00:00Z"),
    )
    first, second = NotificationLog.objects.order_by("id")
    assert (first.priority, second.priority) == (Priority.HIGH, Priority.NORMAL)
    assert second.next_attempt_at == second.send_at
    assert second.expires_at is not None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{}", 400, "MISSING_PARAMETER"),
        (b'{"notifications":[]}', 400, "INVALID_PARAMETER"),
        (b'{"notifications":{}}', 400, "INVALID_PARAMETER"),
        (b'{"notifications":[{]}', 400, "INVALID_REQUEST"),
        (b"[]", 400, "INVALID_REQUEST"),
        (b"", 400, "INVALID_REQUEST"),
        (b'{"notifications":' + b"[" * 100_000, 400, "INVALID_REQUEST"),
        (b'{"notifications":[' + b"1," * 1000 + b"1]}", 413, "PAYLOAD_TOO_LARGE"),
        (b" " * (1024 * 1024 + 1), 413, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_a_batch_that_cannot_be_taken_is_refused_whole(
    body: bytes, status: int, code: str
) -> None:
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "entry",
    [
        b'{"user_id":"u1","custom_content":{"content":"\\u0000"}}',
        b'{"user_id":"u1","metadata":' + b'{"a":' * 60 + b"1" + b"}" * 60 + b"}",
    ],
)
def test_poison_in_one_is_its_own_affair(user: str, entry: bytes) -> None:
    good = json.dumps(one(user)).encode()
    answer = post(b'{"notifications":[' + entry + b"," + good + b"]}")
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (1, 1)


def test_half_a_character_makes_the_whole_body_unreadable_and_is_named(
    user: str,
) -> None:
    poisoned = b'{"user_id":"u1","custom_content":{"content":"\\ud800"}}'
    answer = post(b'{"notifications":[' + poisoned + b"]}")
    assert answer.status_code == 400
    where = "notifications[0].custom_content.content"
    assert answer.json()["details"] == {"parameter": where}


def test_a_thousand_cost_as_many_statements_as_two(settings: LazySettings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 0  # a limit is asked for once in a while
    for number in range(20):
        make_config(default_client(), f"u{number}")
    costs = []
    for size in (2, 1000):
        send(one("u0"))  # fills what is remembered for a second
        batch = [
            one(f"u{n % 20}", idempotency_key=f"{size}-{n}", metadata={"n": n})
            for n in range(size)
        ]
        with CaptureQueriesContext(connection) as queries:
            answer = send(*batch)
        assert answer.json()["accepted"] == size
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_a_batch_counts_its_notifications_on_the_limit(
    user: str, settings: LazySettings
) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 10
    assert send(*[one(user)] * 8).status_code == 202
    refused = send(*[one(user)] * 8)
    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
    assert int(refused["Retry-After"]) >= 1
    assert NotificationLog.objects.count() == 8


def test_a_replayed_batch_stores_nothing_and_costs_nothing(
    user: str, settings: LazySettings
) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 10
    body = json.dumps({"notifications": [one(user)] * 4}).encode()
    stamp = time.time_ns() // 1_000_000
    answers = [post(body, stamp=stamp) for _number in range(5)]
    assert [answer.status_code for answer in answers] == [202, 401, 401, 401, 401]
    assert answers[1].json()["code"] == "REPLAYED_REQUEST"
    assert NotificationLog.objects.count() == 4
    assert send(*[one(user)] * 3).status_code == 202


def test_a_batch_of_nothing_good_has_spent_its_signature_too() -> None:
    body = json.dumps({"notifications": [one("nobody")]}).encode()
    stamp = time.time_ns() // 1_000_000
    first, again = (post(body, stamp=stamp) for _number in range(2))
    assert (first.status_code, first.json()["rejected"]) == (202, 1)
    assert again.json()["code"] == "REPLAYED_REQUEST"


def test_maintenance_refuses_the_batch_whole(user: str) -> None:
    set_switch(name="maintenance", is_enabled=True, changed_by="ann")
    answer = send(one(user))
    assert (answer.status_code, answer.json()["code"]) == (503, "MAINTENANCE")
    assert answer["Retry-After"]


# Idempotency keys


def test_a_key_gives_the_first_answer_again(user: str) -> None:
    keyed = one(user, idempotency_key="k")
    first, again = send(keyed).json(), send(keyed, one(user)).json()
    assert again["results"][0] == {**first["results"][0], "replayed": True}
    assert "replayed" not in again["results"][1]
    assert NotificationLog.objects.count() == 2


def test_a_key_twice_in_one_batch_stores_once(user: str) -> None:
    keyed, other = one(user, idempotency_key="k"), one(user, idempotency_key="j")
    changed = one(user, idempotency_key="k", metadata={"changed": 1})
    results = send(keyed, other, keyed, changed).json()["results"]
    assert results[2]["results"] == results[0]["results"]
    assert results[2]["replayed"] is True
    assert results[3]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert NotificationLog.objects.count() == 2
    assert IdempotencyKey.objects.count() == 2


def test_batch_and_single_share_their_keys(user: str) -> None:
    body = json.dumps(one(user, idempotency_key="k")).encode()
    single = post(body, path=SINGLE)
    [result] = post(b'{"notifications":[' + body + b"]}").json()["results"]
    assert result["results"] == single.json()["results"]
    again = post(body, path=SINGLE, stamp=time.time_ns() // 1_000_000 + 5)
    assert again["Idempotent-Replayed"] == "true"
    assert NotificationLog.objects.count() == 1


def test_an_outlived_key_is_free_again(user: str) -> None:
    keyed = one(user, idempotency_key="k")
    send(keyed)
    IdempotencyKey.objects.update(expires_at="2020-01-01T00:00:00Z")
    [result] = send({**keyed, "metadata": {"n": 2}}).json()["results"]
    assert result["success"] is True
    assert "replayed" not in result
    assert NotificationLog.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_with_the_same_keys_store_each_once() -> None:
    """Half of them name the keys in the other order."""
    make_config(client_after_a_flush())
    keyed = [one("u1", idempotency_key=key) for key in ("a", "b", "c")]
    start = time.time_ns() // 1_000_000

    def ask(number: int) -> Any:
        batch = keyed if number % 2 else keyed[::-1]
        body = json.dumps({"notifications": batch}).encode()
        try:
            return post(body, stamp=start + number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(200)))
    assert Counter(answer.status_code for answer in answers) == {202: 200}
    assert NotificationLog.objects.count() == 3
    ids = {
        result["results"][0]["logId"]
        for answer in answers
        for result in answer.json()["results"]
    }
    assert ids == set(NotificationLog.objects.values_list("pk", flat=True))
