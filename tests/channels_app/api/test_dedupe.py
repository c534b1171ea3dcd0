"""A dedupe key: one delivery stands for the others of its window."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client

from channels_app.admin.delivery_page import delivery_page
from channels_app.delivery.retention import prune
from channels_app.models import DedupeWindow, NotificationLog, Status
from channels_app.selectors.held_back import held_back_by
from channels_app.services.log_deletion import delete_log
from channels_app.services.signatures.signature import sign
from tests.channels_app.delivery.deliveries import (
    default_client as client_after_a_flush,
)
from tests.channels_app.rows import default_client, make_client, make_config, secret_of

SECRET = "test-secret-key-0123456789abcdef"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secret(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET


@pytest.fixture
def user() -> str:
    make_config(default_client())
    return "u1"


def one(user_id: str = "u1", **fields: Any) -> dict[str, Any]:
    same = {"dedupe_key": "disk-full", "dedupe_window": 60}
    content = {"custom_content": {"content": "hello"}}
    return {"user_id": user_id, **content, **same, **fields}


def post(body: Any, path: str = "send", later: int = 0, client: str = "") -> Any:
    text = json.dumps(body).encode()
    stamp = str(time.time_ns() // 1_000_000 + later)
    secret = secret_of(client) if client else SECRET
    headers = {"X-Timestamp": stamp, "X-Signature": sign(secret, stamp, text)}
    if client:
        headers["X-Key-Id"] = client
    return Client().post(
        f"/api/notifications/{path}",
        text,
        content_type="application/json",
        headers=headers,
    )


def send(later: int = 0, **fields: Any) -> dict[str, Any]:
    answer = post(one(**fields), later=later)
    assert answer.status_code == 202, answer.json()
    [result] = answer.json()["results"]
    return dict(result)


def test_a_duplicate_is_counted_on_the_first_and_not_sent(user: str) -> None:
    first = send()
    again = send(1, metadata={"other": 1})
    assert again == {**first, "deduplicated": True}
    assert NotificationLog.objects.count() == 1
    assert held_back_by(first["messageId"]) == 1


def test_a_duplicate_is_told_what_became_of_the_first(user: str) -> None:
    first = send()
    NotificationLog.objects.update(status=Status.SENT)
    again = send(1)
    assert (again["status"], again["logId"]) == ("sent", first["logId"])


@pytest.mark.parametrize(
    "fields", [{"dedupe_key": "other"}, {"user_id": "u2"}, {"dedupe_key": None}]
)
def test_another_key_or_user_is_sent(user: str, fields: dict[str, Any]) -> None:
    make_config(default_client(), "u2")
    send()
    if fields.get("dedupe_key", "") is None:
        fields = {**fields, "dedupe_window": None}
    assert "deduplicated" not in send(1, **fields)
    assert NotificationLog.objects.count() == 2


def test_another_clients_key_is_its_own(user: str) -> None:
    make_config(make_client("other"))
    send()
    answer = post(one(), client="other", later=1)
    assert "deduplicated" not in answer.json()["results"][0]


def test_each_channel_has_its_own_window(user: str) -> None:
    send(channels=["lark"])
    make_config(
        default_client(), channel_type="slack", public_data={"webhook_url": "https://s"}
    )
    both = post(one(), later=1).json()["results"]
    assert [result.get("deduplicated", False) for result in both] == [True, False]


def test_after_the_window_the_next_is_sent_and_counts_anew(user: str) -> None:
    first = send()
    send(1)
    DedupeWindow.objects.update(expires_at=LONG_AGO)
    second = send(2)
    assert second["messageId"] != first["messageId"]
    assert held_back_by(second["messageId"]) == 0
    assert send(3)["messageId"] == second["messageId"]


def test_a_batch_holds_back_its_own_duplicates(user: str) -> None:
    batch = {"notifications": [one(metadata={"n": n}) for n in range(5)]}
    results = [
        result["results"][0] for result in post(batch, "send-batch").json()["results"]
    ]
    assert [result.get("deduplicated", False) for result in results] == [False] + [
        True
    ] * 4
    assert len({result["messageId"] for result in results}) == 1
    assert NotificationLog.objects.count() == 1
    assert held_back_by(results[0]["messageId"]) == 4


def test_a_key_of_both_kinds_repeats_its_first_answer(user: str) -> None:
    send()
    held = send(1, idempotency_key="k")
    again = send(2, idempotency_key="k")
    assert held["deduplicated"] is True
    assert again == held


@pytest.mark.parametrize(
    "fields",
    [
        {"dedupe_window": 0},
        {"dedupe_window": 7 * 24 * 3600 + 1},
        {"dedupe_window": "60"},
        {"dedupe_key": ""},
        {"dedupe_key": "x" * 256},
        {"dedupe_key": "a\nb"},
        {"dedupe_key": None},
    ],
)
def test_unusable_windows_are_refused(user: str, fields: dict[str, Any]) -> None:
    answer = post(one(**fields))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
    assert answer.json()["details"]["parameter"].startswith("dedupe_")


def test_the_page_of_a_delivery_tells_what_it_held_back(user: str) -> None:
    send()
    log = NotificationLog.objects.get()
    assert "held back" not in delivery_page(log).sentence
    send(1)
    assert "1 duplicate was held back." in delivery_page(log).sentence
    send(2)
    assert "2 duplicates were held back." in delivery_page(log).sentence


def test_a_window_ends_with_its_delivery(user: str) -> None:
    first = send()
    NotificationLog.objects.update(status=Status.SENT)
    delete_log(client=default_client(), log_id=first["logId"])
    assert "deduplicated" not in send(1)


def test_retention_forgets_windows_that_are_over_and_those_of_deleted_logs(
    user: str,
) -> None:
    send()
    send(1, dedupe_key="b")
    assert prune(days=90).dedupe_windows == 0
    DedupeWindow.objects.filter(key="b").update(expires_at=LONG_AGO)
    assert prune(days=90).dedupe_windows == 1
    NotificationLog.objects.update(status=Status.SENT, created_at=LONG_AGO)
    prune(days=90)
    assert not DedupeWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_is_sent() -> None:
    make_config(client_after_a_flush())

    def ask(number: int) -> Any:
        try:
            return post(one(), later=number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(100)))
    assert {answer.status_code for answer in answers} == {202}
    log = NotificationLog.objects.get()
    assert held_back_by(log.message_id) == 99
    named = {answer.json()["results"][0]["logId"] for answer in answers}
    assert named == {log.pk}
