"""An ordering key in a send request, alone and in a batch."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings

from channels_app.models import NotificationLog
from tests.channels_app.api.test_dedupe import SECRET, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _user(settings: LazySettings) -> None:
    settings.API_SECRET_KEY = SECRET
    make_config(default_client())


def one(key: Any) -> dict[str, Any]:
    content = {"custom_content": {"content": "hello"}}
    return {"user_id": "u1", "ordering_key": key, **content}


def keys() -> list[str]:
    logs = NotificationLog.objects.order_by("pk")
    return list(logs.values_list("ordering_key", flat=True))


@pytest.mark.parametrize(
    ("key", "kept"), [("ticket-7", "ticket-7"), ("张" * 100, "张" * 100), (None, "")]
)
def test_the_key_is_kept_with_the_delivery(key: str | None, kept: str) -> None:
    assert post(one(key)).status_code == 202
    assert keys() == [kept]


@pytest.mark.parametrize("key", ["", "x" * 101, "a\nb", 7])
def test_a_bad_key_is_refused_by_name(key: Any) -> None:
    answer = post(one(key))
    assert answer.status_code == 400
    assert "ordering_key" in str(answer.json())
    assert keys() == []


def test_each_of_a_batch_has_its_own() -> None:
    batch = {"notifications": [one("b"), one("a"), one(None), one("b")]}
    assert post(batch, "send-batch").status_code == 202
    assert keys() == ["b", "a", "", "b"]
