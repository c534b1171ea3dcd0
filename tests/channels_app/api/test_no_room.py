"""A full disk, a full or read-only database: 503 with a reason, and nothing stored."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from channels_app.models import IdempotencyKey, NotificationLog, UsedSignature
from channels_app.selectors.disk import DISK, disk_state
from channels_app.services.signatures.signature import sign
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_config

SECRET = "test-secret-key-0123456789abcdef"
MORE_THAN_ANY_DISK = 10**12
PATHS = ("send", "send-batch")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _prepared(settings: LazySettings) -> Iterator[None]:
    settings.API_SECRET_KEY = SECRET
    DISK.forget()
    make_config(default_client())
    yield
    DISK.forget()


@pytest.fixture
def read_only() -> Iterator[None]:
    """Let the database refuse writes, as a standby or a lost mount does."""
    is_postgres = connection.vendor == "postgresql"
    switch = "default_transaction_read_only" if is_postgres else "query_only"
    word = "SET SESSION" if is_postgres else "PRAGMA"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {switch} = ON")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {switch} = OFF")


@pytest.fixture
def full() -> Iterator[None]:
    """Let the database run out of room while it stores a delivery."""
    with connection.cursor() as cursor:
        for statement in FULL[connection.vendor]:
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for statement in ROOM_AGAIN[connection.vendor]:
            cursor.execute(statement)


FULL = {
    "sqlite": ["VACUUM", "PRAGMA max_page_count = 1"],  # no page but those in use
    "postgresql": [
        (
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        ),
        (
            "CREATE TRIGGER no_room BEFORE INSERT ON notification_logs "
            "FOR EACH ROW EXECUTE FUNCTION no_room()"
        ),
    ],
}
ROOM_AGAIN = {
    "sqlite": ["PRAGMA max_page_count = 1073741823"],
    "postgresql": [
        "DROP TRIGGER no_room ON notification_logs",
        "DROP FUNCTION no_room",
    ],
}


def send(path: str) -> Any:
    content = {"content": "x" * 300_000}
    one = {"user_id": "u1", "custom_content": content, "idempotency_key": "k"}
    asked = {"notifications": [one]} if path == "send-batch" else one
    body = json.dumps(asked).encode()
    stamp = str(time.time_ns() // 1_000_000)
    headers = {"X-Timestamp": stamp, "X-Signature": sign(SECRET, stamp, body)}
    path = f"/api/notifications/{path}"
    return Client().post(path, body, content_type="application/json", headers=headers)


def assert_nothing_is_stored() -> None:
    for model in (NotificationLog, IdempotencyKey):
        assert not model.objects.exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_nearly_full_disk_refuses_and_says_how_much_is_missing(
    path: str, settings: LazySettings
) -> None:
    settings.MIN_FREE_DISK_MB = MORE_THAN_ANY_DISK
    answer = send(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "DEGRADED")
    assert int(answer["Retry-After"]) >= 1
    details = answer.json()["details"]
    assert 0 <= details["free_mb"] < details["least_mb"] == MORE_THAN_ANY_DISK
    assert "prune" in answer.json()["hint"]
    assert_nothing_is_stored()


def test_with_room_again_it_accepts(settings: LazySettings) -> None:
    settings.MIN_FREE_DISK_MB = MORE_THAN_ANY_DISK
    assert send("send").status_code == 503
    settings.MIN_FREE_DISK_MB = 0
    DISK.forget()
    assert send("send").status_code == 202


def test_a_folder_that_cannot_be_asked_is_no_reason_to_refuse(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = "/nowhere/at/all"
    monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/at/all/db.sqlite3")
    assert disk_state().free_mb is None
    assert not disk_state().is_short


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("read_only")
def test_a_read_only_database_is_named(path: str) -> None:
    answer = send(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert answer.json()["details"] == {"cause": "read_only"}
    assert int(answer["Retry-After"]) >= 1
    assert_nothing_is_stored()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("full")
def test_a_full_database_is_named_and_leaves_no_half(path: str) -> None:
    answer = send(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert answer.json()["details"] == {"cause": "disk_full"}
    assert int(answer["Retry-After"]) >= 1
    assert_nothing_is_stored()
    assert not UsedSignature.objects.exists()


def test_readiness_and_health_know_of_the_watermark(settings: LazySettings) -> None:
    settings.MIN_FREE_DISK_MB = MORE_THAN_ANY_DISK
    ready = Client().get("/readyz")
    assert ready.status_code == 503
    assert any(reason.startswith("disk: ") for reason in ready.json()["reasons"])
    assert Client().get("/health").json()["status"] == "degraded"
