"""X-Admin-Key instead of a signature: clearing the queue and what is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from channels_app.models import SETTLED, WAITING, NotificationLog, Status
from templates_app.selectors import compiled_template
from templates_app.services import save_template
from tests.channels_app.rows import default_client, make_client, make_log

KEY = "the-admin-key-0123456789"
QUEUE, CACHE = "/api/admin/clear-queue", "/api/admin/clear-cache"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings: LazySettings) -> None:
    settings.ADMIN_KEY = KEY


def post(path: str, body: object = None, key: str | None = KEY) -> Any:
    headers = {} if key is None else {"X-Admin-Key": key}
    return Client().post(path, body or {}, "application/json", headers=headers)


def statuses() -> list[str]:
    return list(NotificationLog.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("path", [QUEUE, CACHE, f"{QUEUE}/"])
def test_without_the_setting_there_is_no_such_address(
    path: str, settings: LazySettings
) -> None:
    settings.ADMIN_KEY = ""
    for key in ("", KEY, None):
        answer = post(path, key=key)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 401, "MISSING_AUTH_HEADERS"),
        ("", 401, "MISSING_AUTH_HEADERS"),
        (KEY + "x", 401, "INVALID_CREDENTIALS"),
        (KEY[:-1], 401, "INVALID_CREDENTIALS"),
        ("é", 401, "INVALID_CREDENTIALS"),
    ],
)
def test_another_key_opens_nothing(key: str | None, status: int, code: str) -> None:
    make_log(default_client())
    for path in (QUEUE, CACHE):
        answer = post(path, key=key)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert KEY not in answer.text
    assert statuses() == ["pending"]


def test_a_signature_does_not_open_it(signed: Any) -> None:
    assert signed("POST", QUEUE, {}).status_code == 401


def test_guessing_is_limited_and_the_right_key_still_opens(
    settings: LazySettings,
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 2
    answers = [post(CACHE, key="wrong").status_code for _ in range(4)]
    assert answers == [401, 401, 429, 429]
    refused = post(CACHE, key="wrong")
    assert int(refused["Retry-After"]) >= 1
    assert refused["RateLimit-Policy"] == '"bad_keys";q=2;w=300'
    assert refused.json()["error"] == "More than 2 wrong keys in 300 seconds."
    assert post(CACHE).status_code == 200


def test_what_waits_is_cancelled_and_nothing_else_changes() -> None:
    for client in (default_client(), make_client()):
        for status in Status:
            make_log(client, status=status)
    answer = post(QUEUE)
    assert answer.json()["data"] == {"cancelled": 4, "dry_run": False}
    logs = NotificationLog.objects
    assert not logs.filter(status__in=WAITING).exists()
    assert logs.count() == 2 * len(Status)
    cancelled = logs.filter(error_code="cancelled")
    assert cancelled.count() == 4
    assert not cancelled.filter(settled_at=None).exists()
    for status in (*SETTLED[:2], Status.SENDING, Status.UNKNOWN):
        assert logs.filter(status=status).count() == 2


def test_a_rehearsal_counts_and_changes_nothing() -> None:
    make_log(default_client())
    answer = post(QUEUE, {"dry_run": True})
    assert answer.json()["data"] == {"cancelled": 1, "dry_run": True}
    assert statuses() == ["pending"]


@pytest.mark.parametrize("states", [["retrying"], ["retry"], ["retry_scheduled"]])
def test_only_the_named_states_are_cancelled(states: list[str]) -> None:
    make_log(default_client())
    make_log(default_client(), status=Status.RETRYING)
    assert post(QUEUE, {"states": states}).json()["data"]["cancelled"] == 1
    assert statuses() == ["pending", "cancelled"]


def test_only_what_is_old_enough_is_cancelled() -> None:
    now = timezone.now()
    for minutes in (60, 1):
        make_log(default_client(), created_at=now - timedelta(minutes=minutes))
    forms = [1800, "1800", (now - timedelta(minutes=30)).isoformat()]
    for older_than in forms:
        answer = post(QUEUE, {"older_than": older_than, "dry_run": True})
        assert answer.json()["data"]["cancelled"] == 1, older_than
    assert post(QUEUE, {"older_than": 1800}).json()["data"]["cancelled"] == 1
    assert statuses() == ["cancelled", "pending"]


@pytest.mark.parametrize(
    "body",
    [
        {"states": ["sent"]},
        {"states": []},
        {"states": "pending"},
        {"older_than": 0},
        {"older_than": "yesterday"},
        {"older_than": True},
        {"dry_run": "yes"},
    ],
)
def test_a_wrong_value_cancels_nothing(body: object) -> None:
    make_log(default_client())
    answer = post(QUEUE, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
    assert statuses() == ["pending"]


def test_more_than_one_batch_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_app.services.emergency.BATCH_ROWS", 2)
    for _ in range(5):
        make_log(default_client())
    assert post(QUEUE).json()["data"]["cancelled"] == 5


def test_caches_are_named_and_dropped() -> None:
    save_template(
        key="hello",
        name="Hello",
        contents={"lark": {"content_template": "Hi"}},
        author="test",
        channel_types=["lark"],
    )
    before = compiled_template("hello")
    assert compiled_template("hello") is before
    answer = post(CACHE)
    assert answer.json()["data"]["cleared"] == [
        "templates",
        "configs",
        "clients",
        "switches",
    ]
    assert compiled_template("hello") is not before
