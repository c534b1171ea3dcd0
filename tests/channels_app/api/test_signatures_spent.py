"""A signature is spent by the commit that stores what it signed, and only once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from channels_app.models import NotificationLog
from channels_app.services.signatures.signature import sign
from tests.channels_app.rows import default_client, make_config

PATH = "/api/notifications/send"

pytestmark = pytest.mark.django_db


def body_with(**fields: Any) -> bytes:
    content = {"custom_content": {"content": "hello"}}
    return json.dumps({"user_id": "u1", **content, **fields}).encode()


def post_twice(secret: str, bodies: list[bytes]) -> list[Any]:
    """Send each body under the stamp and signature of the first."""
    stamp = str(time.time_ns() // 1_000_000)
    signature = sign(secret, stamp, bodies[0])
    headers = {"X-Timestamp": stamp, "X-Signature": signature}
    return [
        Client().post(PATH, body, content_type="application/json", headers=headers)
        for body in bodies
    ]


def test_a_replay_of_an_accepted_request_stores_nothing(settings: LazySettings) -> None:
    make_config(default_client())
    first, again = post_twice(settings.API_SECRET_KEY, [body_with()] * 2)
    assert first.status_code == 202
    assert (again.status_code, again.json()["code"]) == (401, "REPLAYED_REQUEST")
    assert NotificationLog.objects.count() == 1


def test_a_replay_does_not_get_the_kept_answer_of_a_key(settings: LazySettings) -> None:
    make_config(default_client())
    body = body_with(idempotency_key="k")
    first, again = post_twice(settings.API_SECRET_KEY, [body] * 2)
    assert first.status_code == 202
    assert again.json()["code"] == "REPLAYED_REQUEST"


def test_a_refused_request_has_used_its_signature_up(settings: LazySettings) -> None:
    first, again = post_twice(settings.API_SECRET_KEY, [body_with()] * 2)
    assert first.json()["code"] == "USER_NO_CHANNELS"
    assert again.json()["code"] == "REPLAYED_REQUEST"


def test_replays_do_not_use_up_the_limit_of_sends(settings: LazySettings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 3
    make_config(default_client())
    answers = post_twice(settings.API_SECRET_KEY, [body_with()] * 8)
    assert {answer.status_code for answer in answers[1:]} == {401}
    [other] = post_twice(
        settings.API_SECRET_KEY, [body_with(user_id="u1", metadata={})]
    )
    assert other.status_code == 202
