"""Two hundred callers at once: what is accepted is stored once, and nothing by halves."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client

from channels_app.models import IdempotencyKey, NotificationLog, UsedSignature
from channels_app.services.signatures.signature import sign
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_config

SECRET = "test-secret-key-0123456789abcdef"
CALLERS = 200
KINDS = ("lark", "slack")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _prepared(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET
    for kind in KINDS:
        make_config(default_client(), channel_type=kind)


def all_at_once(forms: list[dict[str, Any]], *, one_stamp: bool = False) -> list[Any]:
    """Send each form on a connection of its own, sixteen under way at any moment."""
    start = time.time_ns() // 1_000_000

    def send(number: int) -> Any:
        body = json.dumps(forms[number]).encode()
        stamp = str(start if one_stamp else start + number)
        headers = {"X-Timestamp": stamp, "X-Signature": sign(SECRET, stamp, body)}
        try:
            return Client().post(
                "/api/notifications/send",
                body,
                content_type="application/json",
                headers=headers,
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(send, range(len(forms))))


def form(**fields: Any) -> dict[str, Any]:
    return {"user_id": "u1", "custom_content": {"content": "hello"}, **fields}


def stored_ids(answers: list[Any]) -> list[int]:
    return [
        result["logId"]
        for answer in answers
        if answer.status_code == 202
        for result in answer.json()["results"]
    ]


def test_with_one_key_exactly_one_is_stored_and_all_get_its_answer() -> None:
    answers = all_at_once([form(idempotency_key="k")] * CALLERS)
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {202, 409}
    accepted = [answer for answer in answers if answer.status_code == 202]
    first = [a for a in accepted if "Idempotent-Replayed" not in a]
    assert len(first) == 1
    assert all(answer.json() == first[0].json() for answer in accepted)
    assert NotificationLog.objects.count() == len(KINDS)
    assert IdempotencyKey.objects.count() == 1


def test_without_a_key_each_is_stored_once() -> None:
    answers = all_at_once([form()] * CALLERS)
    assert {answer.status_code for answer in answers} == {202}
    ids = stored_ids(answers)
    assert len(set(ids)) == len(ids) == CALLERS * len(KINDS)
    assert set(ids) == set(NotificationLog.objects.values_list("pk", flat=True))


def test_with_keys_of_their_own_none_stands_in_anothers_way() -> None:
    forms = [form(idempotency_key=f"k{number % 50}") for number in range(CALLERS)]
    answers = all_at_once(forms)
    assert set(Counter(answer.status_code for answer in answers)) <= {202, 409}
    assert NotificationLog.objects.count() == 50 * len(KINDS)
    assert IdempotencyKey.objects.count() == 50


def test_one_signature_is_good_for_one_of_them() -> None:
    answers = all_at_once([form()] * CALLERS, one_stamp=True)
    assert Counter(answer.status_code for answer in answers) == {
        202: 1,
        401: CALLERS - 1,
    }
    assert NotificationLog.objects.count() == len(KINDS)
    assert UsedSignature.objects.count() == 1
